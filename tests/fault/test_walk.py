#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each call of p2sd's to the kernel, to its files and to the bus fails, one at a time, while it
starts, shapes a link, changes what it shapes, and lets go.

  tests/fault/test_walk.py [--every N] [--only PHASE,KIND] [--verbose]

After each: p2sd runs, or has ended with a reason; it said what failed, or all is as if
nothing had; asked to let go it leaves nothing, and no descriptor more than at first.  Of the
calls of a kind in a phase each N-th is tried.
"""
import argparse
import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "dbus")]
import private_bus  # noqa: E402  pylint: disable=wrong-import-position
from caller import Caller  # noqa: E402  pylint: disable=wrong-import-position
import seam  # noqa: E402  pylint: disable=wrong-import-position
from private_bus import sh  # noqa: E402  pylint: disable=wrong-import-position

LINK = "p2sA"
ERRORS = {"netlink": ("ENOBUFS",), "bpf": ("ENOMEM", "EPERM"), "file": ("ENOSPC", "EIO", "EROFS"),
          "bus": ("ENOMEM", "ECONNRESET")}
SPEAKS = re.compile(r"warning|error|fail|cannot|kernel: no |ended|not ", re.I)
SANITIZER = re.compile(r"Sanitizer|runtime error:")
MENDS_ITSELF_S = 5.0  # p2sd may come back to it, on an event or with its next sample


class Walk:
    def __init__(self, verbose):
        self.verbose, self.bad, self.silent = verbose, [], {}
        self.right, self.usual = {}, set()
        self.bus = private_bus.PrivateBus(polkit=False)
        self.seam = seam.Seam(self.bus)
        self.log_path = os.path.join(self.bus.dir, "log")
        sh(f"ip link add {LINK} type veth peer name p2sB; ip link set {LINK} up; ip link set p2sB up")
        self.before = self.links()
        self.caller, self.descriptors, self.settings = None, 0, b""

    def begin(self):
        self.caller = Caller(self.bus, 0)
        self.start()
        self.must("SetLink", f"('{LINK}', uint64 10000000, uint64 50000000, @a{{sv}} {{}})")
        self.must("SetMode", "('shape',)")
        self.settings = self.file("settings")
        self.must("SetMode", "('off',)")
        self.descriptors = self.count_descriptors()

    # -- what is there --

    @staticmethod
    def links():
        rows = [{k: v for k, v in q.items() if k != "ifindex"} for q in json.loads(sh("tc -j qdisc show"))]
        return sorted(map(str, rows)), sorted(re.findall(r"^(\S+?)[@ ]", sh("ip -br link"), re.M))

    @staticmethod
    def stands():
        """The trees and programs, without what differs each time."""
        classes = []
        for dev in re.findall(r"^(\S+?)[@ ]", sh("ip -br link"), re.M):
            if dev == LINK or dev.startswith("p2s-"):
                classes += [(dev == LINK, " ".join(line.split())) for line in
                            sh(f"tc class show dev {dev}").splitlines() if "class htb" in line]
        filters = [(f["kind"], f["pref"]) for hook in ("ingress", "egress") for f in
                   json.loads(subprocess.run(["tc", "-j", "filter", "show", "dev", LINK, hook],
                                             capture_output=True, text=True, check=False).stdout or "[]")]
        return sorted(map(str, classes)), sorted(filters)

    def file(self, name):
        try:
            with open(os.path.join(self.bus.dir, "state", name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def count_descriptors(self):
        return len(os.listdir(f"/proc/{self.bus.daemon.pid}/fd"))

    # -- p2sd --

    def start(self):
        """Whether it got as far as saying that it is ready."""
        said = len(self.log())
        with open(self.log_path, "ab") as log:
            self.bus.daemon = subprocess.Popen([private_bus.P2SD], stderr=log,
                                               env={**self.bus.environ, **self.seam.env()})
        private_bus.wait_for(lambda: self.bus.daemon.poll() is not None or
                             "ready: " in self.log()[said:], 60)
        return self.bus.daemon.poll() is None

    def end(self):
        if self.bus.daemon.poll() is None:
            self.bus.daemon.terminate()
        return self.bus.daemon.wait(30)

    def ask(self, member, args):
        """What p2sd answered: "" or why not."""
        number = self.caller.send(member, args)
        try:
            error = self.caller.wait(number)
        except AssertionError:
            return "no answer"
        return error and f"{error}: {self.caller.answers[number].get('message')}" or ""

    def must(self, member, args):
        why = self.ask(member, args)
        assert not why, why

    # -- what is done while something fails: each returns why it was refused, or "" --

    def enable(self):
        return self.ask("SetMode", "('shape',)")

    def change(self):
        return (self.ask("SetLink", f"('{LINK}', uint64 20000000, uint64 40000000, @a{{sv}} {{}})")
                + self.ask("AddPorts", "(uint16 40000, uint16 40010, 'voice', 'walk')"))

    def disable(self):
        return self.ask("SetMode", "('off',)")

    def prepare(self, phase):
        if phase == "start":
            with open(os.path.join(self.bus.dir, "state", "settings"), "wb") as f:
                f.write(self.settings)
        elif phase != "enable":
            self.must("SetMode", "('shape',)")

    def step(self, phase, kind, at, error):
        """Whether there was such a call; what went wrong is noted."""
        self.prepare(phase)
        said = len(self.log())
        self.seam.arm(kind, at, getattr(errno, error) if error else 0)
        if phase == "start":
            answer = "" if self.start() else "ended"
            if answer and not self.seam.failed():
                raise RuntimeError(f"p2sd does not start: {self.log()[said:]}")
        else:
            answer = getattr(self, phase)()
        time.sleep(0.02)  # what it announces afterwards
        name, seen = self.seam.failed(), self.seam.seen()
        self.seam.disarm()
        if not error:
            self.right[phase] = self.outcome()
            self.usual.update(self.log()[said:].splitlines())
        what = f"{phase}: call {at} of {kind}, {name}, {error}"
        ended = self.bus.daemon.poll()
        text = self.log()[said:]
        if name and not answer:
            self.said_or_borne(phase, what, name, said)
        if answer == "no answer":
            self.bad.append(f"{what}: no answer")
        if self.verbose and name:
            print(what, "→", answer or "answered", "|", " / ".join(text.splitlines()), flush=True)
        self.clean_up(what, ended, text)
        return seen if not error else bool(name)

    def said_or_borne(self, phase, what, name, said):
        """What p2sd says each time does not count."""
        def done():
            fresh = [line for line in self.log()[said:].splitlines() if line not in self.usual]
            return ("said" if SPEAKS.search("\n".join(fresh)) else
                    "borne" if self.outcome() == self.right[phase] else "")
        try:
            if private_bus.wait_for(done, MENDS_ITSELF_S) == "borne":
                self.silent[name] = self.silent.get(name, 0) + 1
        except AssertionError:
            self.bad.append(f"{what}: nothing said, but {self.outcome()} for {self.right[phase]}")

    def outcome(self):
        return self.stands(), self.file("settings")

    def clean_up(self, what, ended, text):
        """p2sd runs, in mode off, and nothing of it is left."""
        if ended is not None:
            if ended != 1 or not SPEAKS.search(text):
                self.bad.append(f"{what}: ended with {ended}: {text}")
            subprocess.run([private_bus.P2SD, "--revert"], env=self.bus.environ, check=True,
                           capture_output=True)
        else:
            why = self.ask("SetMode", "('off',)")
            if not why:
                self.forget()
                time.sleep(0.02)
            if why or self.count_descriptors() > self.descriptors:
                self.bad.append(f"{what}: afterwards: {why or 'more descriptors'}; {text}")
                self.end()
        if ended is not None or self.bus.daemon.poll() is not None or what.startswith("start"):
            if self.links() != self.before:
                self.bad.append(f"{what}: left: {self.links()}")
            status = self.end()
            if ended is None and status != 0:
                self.bad.append(f"{what}: SIGTERM ended it with {status}")
            shutil.rmtree(os.path.join(self.bus.dir, "run"))
            os.mkdir(os.path.join(self.bus.dir, "run"))
            if not what.startswith("start"):
                self.start()
            return
        records = os.listdir(os.path.join(self.bus.dir, "run"))
        if self.links() != self.before or records:
            self.bad.append(f"{what}: left: {self.links()}, {records}")

    def forget(self):
        """What phase change chose."""
        self.must("SetLink", f"('{LINK}', uint64 10000000, uint64 50000000, @a{{sv}} {{}})")
        self.must("SetPorts", "(@a(qqss) [],)")

    def phase(self, phase, kinds, every, chance):
        if phase == "start":
            self.end()
        for kind in kinds:
            calls = self.step(phase, kind, 0, None)
            tried = 0
            for error in ERRORS[kind]:
                for at in range(1 + chance.randrange(min(every, max(calls, 1))), calls + 1, every):
                    if not self.step(phase, kind, at, error):
                        break  # there are fewer that can have this error
                    tried += 1
            print(f"{phase}: {kind}: {calls} calls, {tried} made to fail", flush=True)

    def close(self):
        if self.caller:
            self.caller.leave()
        self.bus.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="each N-th call alone (1)")
    parser.add_argument("--only", help="PHASE or PHASE,KIND")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    private_bus.enter_namespaces()
    phase, _, kind = (args.only or "").partition(",")
    walk = Walk(args.verbose)
    chance = random.Random(args.every)
    try:
        walk.begin()
        for p in [phase] if phase else ["enable", "change", "disable", "start"]:
            walk.phase(p, [kind] if kind else list(ERRORS), args.every, chance)
        walk.end()
        found = SANITIZER.search(walk.log())
        if found:
            walk.bad.append(walk.log()[found.start():][:6000])
    finally:
        walk.close()
    print("borne without a word:", walk.silent)
    print("\n".join(walk.bad) or "each failure was said or borne, and nothing was left")
    return bool(walk.bad)


if __name__ == "__main__":
    sys.exit(main())
