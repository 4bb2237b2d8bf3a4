# SPDX-License-Identifier: GPL-2.0-or-later
"""What tshark computes from a capture, and whether the programs found the same."""

import os
import re
import subprocess

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


def near(ours, theirs, share, least_ms):
    # tshark prints thousandths of a ms
    return abs(ours - theirs) <= max(share * theirs, least_ms) + 0.0005


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


def compare_stream(numbers, clock, ours, theirs, **jitter):
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
    if not near(ours.mean, theirs.mean, **jitter) or not near(ours.highest, theirs.highest,
                                                              **jitter):
        problems.append("jitter differs")
    return problems


def describe(captures, directory):
    """Writes them for tshark; returns the paths."""
    paths = []
    for number, one in enumerate(captures):
        paths.append(os.path.join(directory, f"described-{number}.pcap"))
        one.write_described(paths[-1])
    return paths


def compare(one, label, flows, theirs, share=0.01, least_ms=0.010):
    """Returns (streams compared, problems).  Jitter may differ by a share, or so many ms."""
    lasting = spans(one)
    compared = failed = 0
    for key, numbers in one.streams().items():
        (seconds, said), (tuple_, ssrc) = lasting[key], key
        # a browser's padding that probes the path: no clock can be found, or is shown
        if len(numbers) < SHORTEST or (seconds < PROBE_S and said[1] == "rtx"):
            continue
        compared += 1
        ours, its = flows.get(key), theirs.get(key)
        problems = compare_stream(numbers, said[2] if seconds > CLOCK_S else None, ours, its, share=share,
                                  least_ms=least_ms)
        if ours and its:
            print(f"  {label:30} 0x{ssrc:08X} packets {ours.packets}/{its.packets} lost "
                  f"{ours.lost}/{its.lost} mean {ours.mean:.3f}/{its.mean:.3f} highest "
                  f"{ours.highest:.3f}/{its.highest:.3f} ms {ours.rule} {ours.media} "
                  f"{ours.clock} Hz")
        for problem in problems:
            failed += 1
            print(f"  {one.name}, {label}: FAILED: 0x{ssrc:08X} of {tuple_}: {problem}")
    return compared, failed
