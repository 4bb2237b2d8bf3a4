#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel and the toggle of the Quick Settings say the same of the same: how good a call
is, and what the modes are called.

The toggle is JavaScript, which cannot share the panel's C."""

import os
import re
import sys

SOURCE = os.environ["P2S_SOURCE"]
BAND = re.compile(r'if \(mos >= ([\w.]+)\)\s+return C_\(["\']call quality["\'], ["\'](\w+)["\']\);')
LAST = re.compile(r'return C_\(["\']call quality["\'], ["\'](\w+)["\']\);\s*}')
SPACE = re.compile(r'/\*.*?\*/|\n', re.S)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def bands(text, numbers):
    """[(from which MOS on, word)], the best first; the last begins at 0."""
    found = [(float(numbers.get(limit, limit)), word) for limit, word in BAND.findall(text)]
    return found + [(0.0, word) for word in LAST.findall(text)]


def main():
    faults = []
    numbers = dict(re.findall(r"#define (MOS_\w+)\s+([\d.]+)", read("daemon/mos-bands.h")))
    panel, toggle = bands(read("gui/words.c"), numbers), bands(read("gui/gnome-shell/words.js"), {})
    if len(panel) != len(numbers) + 1:
        faults.append(f"gui/words.c has the bands {panel}, daemon/mos-bands.h {numbers}")
    if panel != toggle:
        faults.append(f"gui/words.c says {panel}, gui/gnome-shell/words.js {toggle}")

    rows = SPACE.sub("", read("gui/mode.c").partition("modes[] = {")[2].partition("};")[0])
    panel = re.findall(r'{"(\w+)",\s*N_\("([^"]+)"\),\s*N_\("([^"]+)"\)', rows)
    toggle = re.findall(r"{name: '(\w+)', title: \(\) => _\('([^']+)'\), choice: \(\) => _\('([^']+)'\)}",
                        read("gui/gnome-shell/words.js"))
    if not panel or panel != toggle:
        faults.append(f"gui/mode.c has the modes {panel}, gui/gnome-shell/words.js {toggle}")
    for fault in faults:
        print("FAILED:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
