#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls are found, and nothing else is: recorded calls and what is none, with labels.

Every capture of tests/fixtures goes through the programs with detection alone, at the
times of its arrival.  A packet is found where it queues as voice or video.  It is false
where its label says another class or none; STUN, DTLS and RTCP on a call's 5-tuple may
ride with its voice.  A flow (5-tuple, direction, SSRC) is found where its last packet is
in its class, and false where any packet of it is."""

import sys
import tempfile

import capture
import pcap

PRECISION, RECALL = 0.99, 0.95
# a stream of fewer packets cannot be told from chance, and is over before it matters
SHORTEST = 10
REFRAMED = ("baresip-opus", (capture.VLAN, capture.QINQ, capture.PPPOE))


class Count:
    """Of one kind, or of all."""

    def __init__(self):
        self.packets = self.right = self.missed = self.false = 0
        self.all = 0  # packets, of calls and not
        self.flows = self.flows_found = self.flows_false = self.others = 0
        self.first = []

    def add(self, other):
        for name, value in other.__dict__.items():
            setattr(self, name, getattr(self, name) + value)


def found_class(queue):
    return queue if queue in ("voice", "video") else None


def judge(one, queues):
    """Compares what was found with the labels, packet by packet."""
    count, calls, others, false = Count(), {}, set(), set()
    media = [one.media(frame) for frame in one.frames]
    tuples = {frozenset((found[0][:2], found[0][2:])) for found in media if found}
    for frame, found, queue in zip(one.frames, media, queues):
        got = found_class(queue)
        if found:
            wanted = found[1][0]
            calls.setdefault((found[0], found[2]), []).append(got == wanted)
            count.packets += 1
            count.right += got == wanted
            count.missed += got != wanted
            if got not in (None, wanted):
                count.false += 1
                false.add((found[0], found[2]))
            continue
        datagram = pcap.datagram(one.link, frame)
        key = datagram.key() if datagram else None
        others.add(key)
        if not got:
            continue
        companion = key and frozenset((key[:2], key[2:])) in tuples
        if not companion or got != "voice":
            count.false += 1
            false.add(key)
    long = {key: right for key, right in calls.items() if len(right) >= SHORTEST}
    count.flows, count.others, count.all = len(long), len(others) * (not one.call), len(one.frames)
    count.flows_found = sum(right[-1] for right in long.values())
    count.flows_false = len(false)
    count.first = [right.index(True) + 1 for right in long.values() if True in right]
    return count, {key for key, right in long.items() if not right[-1]} | false


def ratio(part, whole):
    return part / whole if whole else 1.0


def row(kind, count):
    first = f"{min(count.first)}-{max(count.first)}" if count.first else "-"
    print(f"{kind:34} {count.flows or count.others:5} {count.flows_found:5} {count.flows_false:5}"
          f" {count.packets or count.all:7} {count.right:7} {count.missed:6} {count.false:5}"
          f" {first:>7}")


def versions(captures):
    """[(label, captures)]: what the figures are taken from."""
    calls = [one for one in captures if one.call]
    return [
        ("as it came", captures),
        ("found a third in", [one.other(one.frames[len(one.frames) // 3:]) for one in calls]),
        ("with 5 % lost", [one.worsen(1, loss=0.05) for one in calls]),
        ("with jitter of 60 ms", [one.worsen(2, jitter_ms=60) for one in calls]),
    ]


def figures(label, count):
    """Says precision and recall; whether they suffice."""
    flows = (ratio(count.flows_found, count.flows_found + count.flows_false),
             ratio(count.flows_found, count.flows))
    packets = ratio(count.right, count.right + count.false), ratio(count.right, count.packets)
    print(f"{label:34} flows: precision {flows[0]:.4f} recall {flows[1]:.4f}; packets: precision "
          f"{packets[0]:.4f} recall {packets[1]:.4f}; first at most {max(count.first)}")
    return min(flows[0], packets[0]) >= PRECISION and min(flows[1], packets[1]) >= RECALL


def main():
    program = sys.argv[1]
    if not capture.can_load(program):
        return 77
    captures = capture.load_all()
    for one in [one for one in captures if one.name == REFRAMED[0]]:
        captures += [one.framed(how) for how in REFRAMED[1]]
    total, totals = Count(), []
    print(f"{'':34} {'flows':>5} {'found':>5} {'false':>5} {'packets':>7} {'right':>7} "
          f"{'missed':>6} {'false':>5} {'first':>7}")
    with tempfile.TemporaryDirectory() as directory:
        for label, version in versions(captures):
            sum_ = Count()
            for one, found in zip(version, capture.replay(program, version, directory)):
                count, odd = judge(one, found.queues)
                sum_.add(count)
                if version is captures:
                    row(one.kind, count)
                for key in odd:
                    print(f"    {one.name}, {label}: not as labelled: {key}")
            totals.append((label, sum_))
            total.add(sum_)
    kinds = {call: len({one.kind for one in captures if one.call == call})
             for call in (True, False)}
    whole = totals[0][1]
    print(f"{kinds[True]} kinds of calls with {whole.flows} flows, {kinds[False]} of others with "
          f"{whole.others}; {whole.all} packets")
    for label, sum_ in totals[1:]:
        figures(label, sum_)
    good = figures(*totals[0])
    good = figures("all of these", total) and good
    return 0 if good and sum(kinds.values()) >= 20 else 1


if __name__ == "__main__":
    sys.exit(main())
