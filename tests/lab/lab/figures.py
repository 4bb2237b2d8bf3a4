# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a call, from rtpcall's CSV files.  Pure: no I/O but reading them."""

import math
import statistics

RTP_CLOCK_HZ = 48_000


def read_csv(path):
    """([(seq, sent_ns, recv_ns), ...] in order of arrival, packets this end itself sent)."""
    records, sent = [], 0
    with open(path, encoding="ascii") as f:
        next(f)
        for line in f:
            if line.startswith("# sent "):
                sent = int(line[7:])
            else:
                seq, sent_ns, recv_ns = line.split(",")
                records.append((int(seq), int(sent_ns), int(recv_ns)))
    return records, sent


def percentile(values, p):
    """The p-th percentile (0 … 100) by nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * p / 100) - 1)]


def jitter_series(records, interval_ns):
    """[(recv_ns, jitter_ms)]: RFC 3550 A.8 after each packet, in RTP clock units there
    and milliseconds here.  The timestamps are the beat's, interval_ns apart."""
    series, jitter, last = [], 0.0, None
    tick_ns = 1e9 / RTP_CLOCK_HZ
    for seq, _, recv_ns in records:
        transit = (recv_ns - seq * interval_ns) / tick_ns
        if last is not None:
            jitter += (abs(transit - last) - jitter) / 16
        last = transit
        series.append((recv_ns, jitter * 1000 / RTP_CLOCK_HZ))
    return series


def variation(records, window_ns=10**9):
    """Coefficient of variation of what arrived in each second, in per cent; 0 of less
    than two whole seconds."""
    arrivals = sorted(r[2] for r in records)
    if not arrivals:
        return 0
    counts = [0] * int((arrivals[-1] - arrivals[0]) // window_ns)
    for t in arrivals:
        if (t - arrivals[0]) // window_ns < len(counts):
            counts[(t - arrivals[0]) // window_ns] += 1
    return 100 * statistics.pstdev(counts) / statistics.mean(counts) if len(counts) > 1 else 0


def summarise(records, sent, base_ns, pps=50, packet_bytes=200):
    """Figures of one direction.  sent: packets of the other end.  base_ns: the delay of
    the empty line, taken off.  Times in ms, rates in bit/s (layer 3)."""
    distinct = len({r[0] for r in records})
    if not records:
        return {"sent": sent, "received": 0, "loss_percent": 100.0 if sent else 0.0}
    delays = [(recv - send - base_ns) / 1e6 for _, send, recv in records]
    jitters = [j for _, j in jitter_series(records, 10**9 // pps)]
    span = (records[-1][2] - records[0][2]) / 1e9
    return {
        "sent": sent, "received": distinct,
        "lost": sent - distinct, "loss_percent": 100 * (sent - distinct) / sent if sent else 0,
        "delay_p50_ms": percentile(delays, 50), "delay_p99_ms": percentile(delays, 99),
        "delay_p999_ms": percentile(delays, 99.9), "delay_max_ms": max(delays),
        "jitter_mean_ms": sum(jitters) / len(jitters), "jitter_max_ms": max(jitters),
        "bitrate_bps": (distinct - 1) * packet_bytes * 8 / span if span > 0 else 0,
        "bitrate_cv_percent": variation(records),
    }


def base_delay(records):
    """The shortest delay seen, ns: the line's own when it is empty."""
    return min((recv - send for _, send, recv in records), default=0)
