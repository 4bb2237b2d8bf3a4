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


def main():
    program = sys.argv[1]
    if not capture.can_load(program):
        return 77
    captures = capture.load_all()
    for one in [one for one in captures if one.name == REFRAMED[0]]:
        captures += [one.framed(how) for how in REFRAMED[1]]
    kinds = {"call": set(), "other": set()}
    total = Count()
    print(f"{'':34} {'flows':>5} {'found':>5} {'false':>5} {'packets':>7} {'right':>7} "
          f"{'missed':>6} {'false':>5} {'first':>7}")
    with tempfile.TemporaryDirectory() as directory:
        for one, found in zip(captures, capture.replay(program, captures, directory)):
            count, odd = judge(one, found.queues)
            kinds["call" if one.call else "other"].add(one.kind)
            total.add(count)
            row(one.kind, count)
            for key in odd:
                print(f"    {one.name}: not as labelled: {key}")
    flows = (ratio(total.flows_found, total.flows_found + total.flows_false),
             ratio(total.flows_found, total.flows))
    packets = (ratio(total.right, total.right + total.false), ratio(total.right, total.packets))
    print(f"{len(kinds['call'])} kinds of calls with {total.flows} flows, {len(kinds['other'])} "
          f"of others with {total.others}; {total.all} packets")
    for what, (precision, recall) in (("flow", flows), ("packet", packets)):
        print(f"by {what}: precision {precision:.4f}, recall {recall:.4f}")
    print(f"first packet in its class: at most {max(total.first)}")
    good = min(flows[0], packets[0]) >= PRECISION and min(flows[1], packets[1]) >= RECALL
    return 0 if good and len(kinds["call"]) + len(kinds["other"]) >= 20 else 1


if __name__ == "__main__":
    sys.exit(main())
