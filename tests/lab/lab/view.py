# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view: in a terminal it updates in place, elsewhere it is a line a second."""

import os
import sys
import threading

from . import units

BOLD, DIM, CLEAR_LINE, RESET = "\x1b[1m", "\x1b[2m", "\x1b[2K", "\x1b[0m"
NAMES = {"up": "uplink", "down": "downlink"}


class Reader(threading.Thread):
    """Keeps the latest line of a `rtpcall --live`, as a dictionary of numbers."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.latest = stream, None
        self.start()

    def run(self):
        for text in self.stream:
            try:
                self.latest = {k: float(v) for k, v in
                               (pair.split("=") for pair in text.decode().split())}
            except ValueError:
                pass


class View:
    """Shows phase, call and bulk traffic."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.in_place = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.shown = 0

    def say(self, text):
        """A line that stays."""
        self._wipe()
        print(text, file=self.out, flush=True)

    def show(self, phase, second, seconds, calls, bulk):
        """calls: direction → Reader's latest; bulk: direction → bit/s."""
        if self.in_place:
            self._show_block(phase, second, seconds, calls, bulk)
        else:
            self._show_line(phase, second, calls, bulk)

    def done(self):
        """Leaves nothing of the block."""
        self._wipe()

    def _show_line(self, phase, second, calls, bulk):
        parts = []
        for direction in ("up", "down"):
            c = calls.get(direction)
            if c:
                parts.append(f"{direction} jitter {c['jitter_ms']:.1f} ms, "
                             f"delay {c['delay_ms']:.1f} ms, lost {c['lost']:.0f}, "
                             f"bulk {units.format_rate(bulk.get(direction, 0))}")
        print(f"{second:4.0f} s  {phase:<11}  " + " | ".join(parts), file=self.out, flush=True)

    def _show_block(self, phase, second, seconds, calls, bulk):
        width = 30
        full = min(width, round(width * second / max(seconds, 1)))
        lines = [f"{BOLD}{phase:<11}{RESET} {'━' * full}{DIM}{'━' * (width - full)}{RESET} "
                 f"{second:.0f} of {seconds:.0f} s",
                 f"{DIM}{'':<10}{'jitter':>10}{'delay':>11}{'longest':>11}{'lost':>6}"
                 f"{'call':>13}{'bulk':>14}{RESET}"]
        for direction in ("up", "down"):
            c = calls.get(direction)
            if not c:
                lines.append(f"{NAMES[direction]:<10}{'–':>10}")
                continue
            lines.append(f"{NAMES[direction]:<10}{c['jitter_ms']:>7.2f} ms{c['delay_ms']:>8.1f} ms"
                         f"{c['delay_max_ms']:>8.1f} ms{c['lost']:>6.0f}{c['kbit']:>6.0f} kbit/s"
                         f"{units.format_rate(bulk.get(direction, 0)):>14}")
        self._wipe()
        self.out.write("\n".join(CLEAR_LINE + line for line in lines) + "\n")
        self.out.flush()
        self.shown = len(lines)

    def _wipe(self):
        lines, self.shown = self.shown, 0  # before writing: Ctrl-C may come in between
        if lines:
            self.out.write(f"\x1b[{lines}A\x1b[J")
