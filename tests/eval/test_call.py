#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fails if the effect is gone: a real WebRTC call of 20 s on a full line, without and with
P2S on the caller's link.

With P2S nothing may be lost, and the jitter, of both directions together, may be half of
what it is without, at most.
"""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lab")]
from ab import browsers, journal  # noqa: E402

FULL_MS = 100  # delay at p99 of a line with 250 ms of buffer that is full
SECONDS, SETTLE, LIMIT_S = 20, 5, 180
# Set 15 % below the line: a busy machine shapes unevenly, and what it lets through too early
# queues beyond.  It may also stand still for a moment: that is a packet lost, too.
AT, TRIES = "8.5/42.5", 3


def judge(test):
    """What is wrong, in words."""
    wrong, jitter = [], {"none": 0, "p2s": 0}
    for direction in ("up", "down"):
        without, with_p2s = (test[t]["directions"][direction]["figures"] for t in ("none", "p2s"))
        print(f"{direction}: jitter {without['jitter_mean_ms']:.2f} ms without, "
              f"{with_p2s['jitter_mean_ms']:.2f} ms with P2S, of which the browser made "
              f"{without['source_jitter_ms']:.2f} and {with_p2s['source_jitter_ms']:.2f} ms; p99 of the "
              f"delay {without['delay_p99_ms']:.0f} and {with_p2s['delay_p99_ms']:.0f} ms; lost "
              f"{without['lost']} and {with_p2s['lost']} of {with_p2s['sent']}")
        if without["delay_p99_ms"] < FULL_MS:
            wrong.append(f"{direction}: without P2S the line was not full")
        if with_p2s["lost"]:
            wrong.append(f"{direction}: with P2S {with_p2s['lost']} packets were lost")
        for treatment, figures in (("none", without), ("p2s", with_p2s)):
            jitter[treatment] += figures["jitter_mean_ms"]
    if jitter["p2s"] > jitter["none"] / 2:
        wrong.append("with P2S the jitter is more than half of that without")
    return wrong


def measure():
    with tempfile.TemporaryDirectory(prefix="p2s-test-call-") as out:
        status = subprocess.call(
            [os.path.join(HERE, "evaluate"), "--case", "pc", "--tests", "1", "--duration",
             str(SECONDS), "--settle", str(SETTLE), "--at", AT, "--seed", "1", "--out", out, "--build",
             os.environ["P2S_BUILD"], "--no-report"], timeout=LIMIT_S)
        if status:
            sys.exit(status)
        book = journal.Journal(out)
        book.load()
        return book.tests()[0]


def main():
    missing = browsers.find_missing()
    if missing or os.geteuid():
        print(f"SKIP: {missing or 'network namespaces need root'}")
        return 77
    for _ in range(TRIES):
        wrong = judge(measure())
        print("\n".join(wrong) or "all within their limits", flush=True)
        if not wrong:
            return 0
    return 1


sys.exit(main())
