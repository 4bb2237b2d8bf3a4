# SPDX-License-Identifier: GPL-2.0-or-later
"""Rates as people write them."""

import argparse
import re

_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def parse_rate(text):
    """bit/s of "10M", "2.5M", "64k", "1G" or "10000000"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kmg]?)(?:bit(?:/s)?)?", text.strip().lower())
    bps = round(float(match[1]) * _FACTORS[match[2]]) if match else 0
    if not 64_000 <= bps <= 100_000_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate from 64k to 100G")
    return bps


def parse_line(text):
    """(up, down) in bit/s of "10/50", "10M/50M": a number alone is Mbit/s."""
    parts = text.split("/")
    if len(parts) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is no line: UP/DOWN, as in 10/50")
    return tuple(parse_rate(p + "M" if re.fullmatch(r"[\d.]+", p) else p) for p in parts)


def format_rate(bps):
    """"9.5 Mbit/s": three significant digits."""
    for factor, name in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if bps >= factor:
            return f"{bps / factor:.3g} {name}"
    return f"{bps:.0f} bit/s"
