# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of a call that fell into a span of time.  Pure."""

from . import figures


def sent_between(records, begin_ns, end_ns):
    """The records of packets sent in the span."""
    return [r for r in records if begin_ns <= r[1] < end_ns]


def summarise(records, begin_ns, end_ns, base_ns, pps=50):
    """As figures.summarise().  What was sent follows from the packets' beat: those that
    never came have no record, and the sequence numbers around the span tell how many."""
    part = sent_between(records, begin_ns, end_ns)
    if not part:
        return figures.summarise([], 1, base_ns)
    # jitter carries on from before the span: it is a running figure
    jitters = [j for (t, j), r in zip(figures.jitter_series(records, 10**9 // pps), records)
               if begin_ns <= r[1] < end_ns]
    seqs = [r[0] for r in part]
    entry = figures.summarise(part, max(seqs) - min(seqs) + 1, base_ns, pps)
    entry["jitter_mean_ms"] = sum(jitters) / len(jitters)
    entry["jitter_max_ms"] = max(jitters)
    return entry


def rate_series(samples):
    """[(ns, bit/s)] of [(ns, bytes so far)]: between each two samples."""
    return [(t1, (b1 - b0) * 8e9 / (t1 - t0))
            for (t0, b0), (t1, b1) in zip(samples, samples[1:]) if t1 > t0]


def mean_rate(samples, begin_ns, end_ns):
    """bit/s over the span of [(ns, bytes so far)]; 0 where it holds no two samples."""
    part = [s for s in samples if begin_ns <= s[0] <= end_ns]
    if len(part) < 2:
        return 0
    return (part[-1][1] - part[0][1]) * 8e9 / (part[-1][0] - part[0][0])


def packet_rate_series(records, step_ns=500_000_000, packet_bytes=200):
    """[(ns, bit/s)] of a call as it arrived, in steps."""
    if not records:
        return []
    arrivals = sorted(r[2] for r in records)
    origin, counts = arrivals[0], {}
    for t in arrivals:
        counts[(t - origin) // step_ns] = counts.get((t - origin) // step_ns, 0) + 1
    last = (arrivals[-1] - origin) // step_ns
    # the last step is not full
    return [(origin + (i + 1) * step_ns, counts.get(i, 0) * packet_bytes * 8e9 / step_ns)
            for i in range(last)]
