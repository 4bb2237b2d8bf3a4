# SPDX-License-Identifier: GPL-2.0-or-later
"""Two Chromiums in a call, the page's server, and drive.mjs, which works them."""

import json
import os
import select
import shutil
import subprocess
import time

from lab import call, entered, line as line_module

from . import priority

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PORT = 3000
PATIENCE_S = 120  # a page must come through a line that is full
SENTENCES = ("Good morning. Can you hear me? I can hear you well. "
             "The report will be ready on Thursday, and I will send it to everyone. "
             "We looked at the figures twice, and they were the same both times. "
             "Let us talk about what comes next, and who is going to do it.")


def make_sound(path):
    """What both microphones hear, again and again."""
    line_module.run("espeak-ng", "-s", "160", "-w", path, SENTENCES)


def find_missing():
    """What is missing to run it, in words, or None."""
    for program in ("chromium", "node", "espeak-ng", "dumpcap", "tshark"):
        if not shutil.which(program):
            return f"there is no {program}"
    for package in ("ws", "playwright-core"):
        if not os.path.isdir(os.path.join(HERE, "node_modules", package)):
            return f"there is no {package}: npm ci --prefix tests/eval"
    return None


class Browsers(entered.Entered):
    """The caller's and the callee's browser, for the length of a `with`."""

    def __init__(self, line, scratch, family=4):
        self.line, self.scratch, self.family = line, scratch, family
        self.server = self.driver = self.errors = self.version = None

    def __exit__(self, *exc):
        if self.driver and self.driver.poll() is None:
            self.driver.stdin.close()
            try:
                self.driver.wait(10)
            except subprocess.TimeoutExpired:
                pass
        for process in (self.driver, self.server):
            if process:
                call.stop(process)
        if self.errors:
            self.errors.close()

    def _wrapper(self, role):
        """A program that is Chromium in the namespace of a role, ahead of what loads the
        line, so that this machine's own queues are not what is measured."""
        path = os.path.join(self.scratch, f"chromium-{role}")
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexec " + " ".join(
                self.line.exec(role, *priority.realtime(priority.BROWSER, shutil.which("chromium"))))
                    + ' "$@"\n')
        os.chmod(path, 0o755)
        return path

    def _start(self):
        sound = os.path.join(self.scratch, "sound.wav")
        make_sound(sound)
        self.errors = open(os.path.join(self.scratch, "browsers.log"), "w+", encoding="utf-8")
        self.server = subprocess.Popen(
            self.line.exec("callee", "env", f"HOST={line_module.CALLEE}", f"PORT={PORT}", "node",
                           os.path.join(HERE, "server.mjs")),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
            start_new_session=True)
        if not self.server.stdout.readline():
            raise RuntimeError(f"the page's server did not start\n{self._said()}")
        self.driver = subprocess.Popen(
            ["node", os.path.join(HERE, "drive.mjs"), self._wrapper("caller"),
             self._wrapper("callee"),
             f"http://{line_module.CALLEE}:{PORT}/?interval=200&ip={self.family}", sound],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            start_new_session=True)
        self.version = self._answer()["version"]

    def _said(self):
        self.errors.flush()
        with open(self.errors.name, encoding="utf-8", errors="replace") as f:
            return f.read()[-2000:]

    def _answer(self):
        end = time.monotonic() + PATIENCE_S
        if not select.select([self.driver.stdout], [], [], max(0, end - time.monotonic()))[0]:
            raise RuntimeError(f"the browsers do not answer\n{self._said()}")
        said = self.driver.stdout.readline()
        if not said:
            raise RuntimeError(f"the browsers did not start\n{self._said()}")
        answer = json.loads(said)
        if isinstance(answer, dict) and "error" in answer:
            raise RuntimeError(f"the browsers: {answer['error']}")
        return answer

    def _ask(self, **command):
        self.driver.stdin.write(json.dumps(command) + "\n")
        self.driver.stdin.flush()
        return self._answer()

    def begin(self, mark=False):
        """A call; returns when it stands.  mark: both ask for EF on their packets."""
        self._ask(do="begin", mark=mark)
        self.taken = {"caller": [], "callee": []}

    def take(self):
        """{"caller": [...], "callee": [...]}: all getStats() samples of the call so far."""
        counts = [len(self.taken[side]) for side in ("caller", "callee")]
        for side, new in zip(("caller", "callee"), self._ask(do="samples", **{"from": counts})):
            self.taken[side] += new
        return self.taken

    def end(self):
        self._ask(do="end")
