# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine is, and how busy it is."""

import os
import platform
import re
import subprocess

from . import place


def _first(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        return (done.stdout or done.stderr).strip().split("\n")[0]
    except (OSError, subprocess.TimeoutExpired):
        return "not known"


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        match = re.search(r"model name\s*: (.*)", f.read())
    return match[1] if match else platform.machine()


def describe(browser):
    """{what: words} for the report."""
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) / 2**20
    return {"processor": f"{_processor()}, {os.cpu_count()} CPUs", "memory": f"{memory:.0f} GiB",
            "kernel": platform.release(), "chromium": browser, "iperf3": _first("iperf3", "--version"),
            "tshark": _first("tshark", "--version"), "node": _first("node", "--version"),
            "p2s": _first("git", "-C", place.SOURCE, "describe", "--always", "--dirty"),
            "qemu": _first("qemu-system-x86_64", "--version")}


class Busy:
    """How busy all CPUs are, from its making to share()."""

    def __init__(self):
        self.began = self._read()

    @staticmethod
    def _read():
        with open("/proc/stat", encoding="ascii") as f:
            ticks = [int(word) for word in f.readline().split()[1:9]]
        return sum(ticks), ticks[3] + ticks[4]  # idle, iowait

    def percent(self):
        total, idle = (now - then for now, then in zip(self._read(), self.began))
        return 100 * (1 - idle / total) if total else 0
