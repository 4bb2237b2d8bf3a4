# SPDX-License-Identifier: GPL-2.0-or-later
"""How far it is, and how long it still takes: a bar on a terminal, a line a run elsewhere."""

import shutil
import sys
import time

WIDTH, LEAST = 30, 8  # of the bar
OVERHEAD_S = 15  # of a run, until the first has told


class Progress:
    def __init__(self, runs, done, run_s):
        self.runs, self.done, self.run_s = runs, done, run_s
        self.took, self.began, self.name = [], None, ""
        self.in_place = sys.stdout.isatty()

    def _left(self):
        each = sum(self.took) / len(self.took) if self.took else self.run_s + OVERHEAD_S
        now = min(each, time.monotonic() - self.began) if self.began else 0
        return max(0, (self.runs - self.done) * each - now)

    def begin(self, name):
        self.name, self.began = name, time.monotonic()
        if not self.in_place:
            print(f"{self.done + 1}/{self.runs} {name}, {clock(self._left())} left", flush=True)

    def tick(self, phase, seconds):
        if not self.in_place:
            return
        part = min(1, (self.done + min(1, (time.monotonic() - self.began) / (self.run_s + OVERHEAD_S)))
                   / self.runs)
        words = (f"{self.done + 1}/{self.runs} {self.name}: {phase} {seconds:.0f} s",
                 f"{clock(self._left())} left")
        print(f"\r{fitted(part, words, shutil.get_terminal_size().columns - 1)}\033[K", end="", flush=True)

    def end(self, line):
        self.took.append(time.monotonic() - self.began)
        self.done += 1
        self.began = None
        self.clear()
        print(line, flush=True)

    def clear(self):
        if self.in_place:
            print("\r\033[K", end="", flush=True)


def fitted(part, words, columns):
    """The bar and what it says in one row, which a terminal rewrites: the bar shrinks first."""
    text = ", ".join(words)
    width = min(WIDTH, columns - len(text) - 3)
    if width >= LEAST:
        full = round(part * width)
        return f"[{'█' * full}{'·' * (width - full)}] {text}"
    return text if len(text) <= columns else words[0][:columns]


def clock(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
