#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs measure is what Wireshark computes from the same packets.

Recorded calls (tests/fixtures, and those of SIPp's package where it is installed), as they
came and worsened, go through the programs at the times of their arrival and through
tshark.  Packets and losses must be equal; mean and highest jitter within 1 % or 10 us.
All times are those in the captures: no load on this machine changes a figure."""

import concurrent.futures
import glob
import os
import shutil
import sys
import tempfile

import capture
import judge
import pcap

REPLAY = sys.argv[1]
PACKAGED = "/usr/share/sip-tester/*.pcap"
STATIC = {"0": ["voice", "PCMU", 8000], "8": ["voice", "PCMA", 8000],
          "101": ["voice", "telephone-event", 8000], "96": ["voice", "telephone-event", 8000]}
# one of them a call, in turn; with P2S_TSHARK_ALL=1 all of them
WORSE = [
    ("jitter of 15 ms", {"jitter_ms": 15}),
    ("loss of 5 %", {"loss": 0.05}),
    ("jitter of 60 ms, out of order", {"jitter_ms": 60}),
    ("all of it", {"jitter_ms": 40, "loss": 0.02, "double": 0.01}),
]


def packaged():
    """The captures that SIPp plays."""
    for path in sorted(glob.glob(PACKAGED)):
        name = os.path.basename(path)
        yield capture.Capture({"name": name, "kind": "of sip-tester", "call": True, "types": STATIC},
                              *pcap.read(path))


def main():
    if not shutil.which("tshark"):
        print("skipped: there is no tshark")
        return 77
    if not capture.can_load(REPLAY):
        return 77
    every = os.environ.get("P2S_TSHARK_ALL")
    versions = []
    for number, one in enumerate(one for one in capture.load_all() if one.call):
        versions.append((one, "as it came"))
        for at, (label, worse) in enumerate(WORSE):
            if every or at == number % len(WORSE):
                versions.append((one.worsen(number, **worse), label))
    versions += [(one, "as it came") for one in packaged()]
    total = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        replays = capture.replay(REPLAY, [one for one, _ in versions], directory)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            theirs = list(pool.map(judge.tshark,
                                   judge.describe([one for one, _ in versions], directory)))
        for (one, label), found, its in zip(versions, replays, theirs):
            print(f"{one.name}: {one.kind}, {label}, {len(one.frames)} packets")
            compared, problems = judge.compare(one, label, found.flows, its)
            total += compared
            failed += problems
    print(f"{total} streams compared, {failed} problems")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
