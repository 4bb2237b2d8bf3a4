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
import re
import shutil
import subprocess
import sys
import tempfile

import capture
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
# 3.2 s is what the clock of a dynamic type may take, with what begins it
CLOCK_S = 3.5
SHORTEST = 10
PROBE_S = 1
TURN = 3478


class Theirs:
    """What tshark says of one stream, jitter in ms."""

    def __init__(self, packets, lost, figures):
        self.packets, self.lost, self.mean, self.highest = packets, lost, figures[4], figures[5]


def tshark(path):
    """{(5-tuple, SSRC): Theirs}"""
    out = subprocess.run(
        ["tshark", "-n", "-o", "ip.defragment:FALSE", "-r", path, "--enable-heuristic", "rtp_udp", "-d",
         f"udp.port=={TURN},rtp", "-q", "-z", "rtp,streams"],
        check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    found = {}
    for line in out.splitlines():
        match = re.match(r"\s*\S+\s+\S+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(0x[0-9A-F]{8})\s+(.+?)"
                         r"\s+(\d+)\s+(-?\d+) \(\S+%\)\s+(.*)", line)
        if match:
            figures = [float(word) for word in re.findall(r"-?\d+\.\d+", match[9])]
            key = match[1], int(match[2]), match[3], int(match[4])
            found[key, int(match[5], 16)] = Theirs(int(match[7]), int(match[8]), figures)
    return found


def near(ours, theirs):
    # tshark prints thousandths of a ms
    return abs(ours - theirs) <= max(0.01 * theirs, 0.010) + 0.0005


def extended(numbers):
    """Sequence numbers without their turns, in the order of arrival."""
    last, all_ = None, []
    for number in numbers:
        last = number if last is None else last + (number - last + 0x8000) % 0x10000 - 0x8000
        all_.append(last)
    return all_


def missing(numbers):
    """RFC 3550 A.3: expected less received; doubles and what came before the first count."""
    numbers = extended(numbers)
    return max(numbers) - numbers[0] + 1 - len(numbers)


def spans(one):
    """{(5-tuple, SSRC): (seconds that it lasts, what the SDP says of its first packet)}"""
    first, last = {}, {}
    for frame in one.frames:
        found = one.media(frame)
        if found:
            key = found[0], found[2]
            first.setdefault(key, (frame.when, found[1]))
            last[key] = frame.when
    return {key: ((last[key] - when) / 1e9, said) for key, (when, said) in first.items()}


def compare_stream(numbers, clock, ours, theirs):
    """Problems, in words.  clock: None = it does not last long enough to find it out."""
    if not theirs or not ours:
        return ["unknown to tshark"] if ours else ["was not found"]
    problems = []
    if clock not in (None, ours.clock):
        problems.append(f"its clock is {clock} Hz")
    if (ours.packets, ours.lost) != (len(numbers), missing(numbers)):
        problems.append("packets or losses are wrong")
    # out of order, tshark 4.0 may count turns of the numbers that were none
    in_order = extended(numbers) == sorted(extended(numbers))
    if ours.packets != theirs.packets or (in_order and ours.lost != theirs.lost):
        problems.append("packets or losses differ")
    if not near(ours.mean, theirs.mean) or not near(ours.highest, theirs.highest):
        problems.append("jitter differs")
    return problems


def describe(captures, directory):
    """Writes them for tshark; returns the paths."""
    paths = []
    for number, one in enumerate(captures):
        paths.append(os.path.join(directory, f"described-{number}.pcap"))
        one.write_described(paths[-1])
    return paths


def compare(one, label, flows, theirs):
    """Returns (streams compared, problems)."""
    lasting = spans(one)
    compared = failed = 0
    for key, numbers in one.streams().items():
        (seconds, said), (tuple_, ssrc) = lasting[key], key
        # a browser's padding that probes the path: no clock can be found, or is shown
        if len(numbers) < SHORTEST or (seconds < PROBE_S and said[1] == "rtx"):
            continue
        compared += 1
        ours, its = flows.get(key), theirs.get(key)
        problems = compare_stream(numbers, said[2] if seconds > CLOCK_S else None, ours, its)
        if ours and its:
            print(f"  {label:30} 0x{ssrc:08X} packets {ours.packets}/{its.packets} lost "
                  f"{ours.lost}/{its.lost} mean {ours.mean:.3f}/{its.mean:.3f} highest "
                  f"{ours.highest:.3f}/{its.highest:.3f} ms {ours.rule} {ours.media} "
                  f"{ours.clock} Hz")
        for problem in problems:
            failed += 1
            print(f"  {one.name}, {label}: FAILED: 0x{ssrc:08X} of {tuple_}: {problem}")
    return compared, failed


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
    if not capture.can_replay(REPLAY):
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
            theirs = list(pool.map(tshark, describe([one for one, _ in versions], directory)))
        for (one, label), found, its in zip(versions, replays, theirs):
            print(f"{one.name}: {one.kind}, {label}, {len(one.frames)} packets")
            compared, problems = compare(one, label, found.flows, its)
            total += compared
            failed += problems
    print(f"{total} streams compared, {failed} problems")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
