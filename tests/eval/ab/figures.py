# SPDX-License-Identifier: GPL-2.0-or-later
"""What one run's packets and samples mean.  Pure.

Times are seconds since the epoch, jitter and delay ms, rates bit/s of layer 3.
"""

import statistics

from lab.figures import percentile

from . import quality

CLOCK_HZ = 48000  # of Opus, RFC 7587
WINDOW_S = 1
# The point of a series is the mean over so long.
STEP_S = 0.2


def jitter_series(packets):
    """[(time, ms)]: RFC 3550 A.8 after each packet, from the stream's beginning on."""
    series, jitter, last = [], 0.0, None
    for packet in packets:
        transit = packet.time - packet.timestamp / CLOCK_HZ
        if last is not None:
            jitter += (abs(transit - last) - jitter) / 16
        last = transit
        series.append((packet.time, jitter * 1000))
    return series


def added_series(delays):
    """[(time, ms)]: the same of the delays alone: what the path adds, whatever beat the
    sender kept."""
    series, jitter, last = [], 0.0, None
    for time, delay in delays:
        if last is not None:
            jitter += (abs(delay - last) - jitter) / 16
        last = delay
        series.append((time, jitter))
    return series


def delay_series(sent, received):
    """[(time of arrival, ms)] of each packet that arrived."""
    left = {packet.seq & 0xffff: [] for packet in sent}
    for packet in sent:
        left[packet.seq & 0xffff].append(packet.time)
    series = []
    for packet in received:
        # numbers come again after 22 minutes; the last that left before it came is it
        times = [t for t in left.get(packet.seq & 0xffff, ()) if t <= packet.time]
        if times:
            series.append((packet.time, (packet.time - max(times)) * 1000))
    return series


def within(series, begin, end):
    return [(t, v) for t, v in series if begin <= t < end]


def missing(sent, received, begin, end):
    """(packets sent in the span, those of them that never arrived)."""
    arrived = {packet.seq & 0xffff for packet in received if begin <= packet.time < end + 5}
    part = [packet for packet in sent if begin <= packet.time < end]
    return len(part), sum((packet.seq & 0xffff) not in arrived for packet in part)


def rates(packets, begin, end, window=WINDOW_S):
    """[(time, bit/s)] of what arrived, window by window."""
    count = int((end - begin) / window + 1e-6)
    sums = [0] * count
    for packet in packets:
        at = int((packet.time - begin) / window)
        if packet.time >= begin and at < count:
            sums[at] += packet.bytes
    return [(begin + (i + 0.5) * window, s * 8 / window) for i, s in enumerate(sums)]


def thinned(series, begin, step=STEP_S):
    """[[seconds since begin, mean]], a point a step."""
    sums = {}
    for time, value in series:
        total = sums.setdefault(int((time - begin) / step), [0, 0])
        total[0] += value
        total[1] += 1
    return [[round((at + 0.5) * step, 3), round(total / n, 4)]
            for at, (total, n) in sorted(sums.items())]


def spread(name, values):
    """Mean, percentiles and the highest, as NAME_mean_ms …"""
    return {f"{name}_mean_ms": statistics.fmean(values),
            **{f"{name}_p{p}_ms": percentile(values, p) for p in (50, 95, 99)},
            f"{name}_max_ms": max(values)}


def span_of(samples, begin, end):
    """The first and the last of a span's samples of getStats() or p2sd."""
    part = [s for s in samples if begin <= s["time"] <= end]
    if len(part) < 2:
        raise RuntimeError("no samples in the span: the call was not heard")
    return part[0], part[-1]


def of_browser(samples, begin, end):
    """The browser's account of what it received."""
    first, last = span_of(samples, begin, end)
    got, lost = last["packets"] - first["packets"], last["lost"] - first["lost"]
    return {"jitter_ms": statistics.fmean(s["jitter"] * 1000 for s in samples
                                          if begin <= s["time"] <= end),
            "loss_percent": 100 * lost / max(1, got + lost),
            "bitrate_bps": (last["bytes"] - first["bytes"]) * 8 / (last["time"] - first["time"])}


def of_p2sd(rows, begin, end):
    """p2sd's account, from what it counted since the flow began."""
    first, last = span_of(rows, begin - 0.5, end + 0.5)
    got, lost = last["packets"] - first["packets"], last["lost"] - first["lost"]
    jitter = (last["jitter_mean_ms"] * last["packets"]
              - first["jitter_mean_ms"] * first["packets"]) / max(1, got)
    return {"jitter_ms": jitter, "loss_percent": 100 * lost / max(1, got + lost),
            "bitrate_bps": (last["bytes"] - first["bytes"]) * 8 / (last["time"] - first["time"])}


def of_tshark(theirs, packets, begin, end):
    """tshark's account; it does not tell a stream's bytes, so they are added up here."""
    total = sum(p.bytes for p in packets if begin <= p.time < end)
    return {"jitter_ms": theirs.mean,
            "loss_percent": 100 * theirs.lost / max(1, theirs.packets + theirs.lost),
            "bitrate_bps": total * 8 / (end - begin)}


def heard(samples, begin, end):
    """{"buffer_ms": what the browser's jitter buffer adds, "concealed_percent": of what
    it played, how much it had to make up}"""
    first, last = span_of(samples, begin, end)
    played = last["played"] - first["played"]
    buffered = last["buffered"] - first["buffered"]
    return {"buffer_ms": 1000 * (last["bufferDelay"] - first["bufferDelay"]) / max(1, buffered),
            "concealed_percent":
                100 * max(0, last["concealed"] - first["concealed"]) / max(1, played)}


def one_direction(sent, received, samples, begin, end):
    """Of one direction: (figures, {"jitter": …, "delay": …, "bitrate": …} of [[s, value]],
    [[arrival in s, jitter, delay] of each packet])."""
    jitters = within(jitter_series(received), begin, end)
    every = delay_series(sent, received)
    delays, added = within(every, begin, end), within(added_series(every), begin, end)
    source = within(jitter_series(sent), begin, end)
    arrived = rates(received, begin, end)
    if not jitters or not delays or len(arrived) < 2:
        raise RuntimeError("nothing of the call arrived")
    count, lost = missing(sent, received, begin, end)
    speeds = [bps for _, bps in arrived]
    figures = {**spread("jitter", [v for _, v in jitters]), **spread("delay", [v for _, v in delays]),
               "sent": count, "lost": lost, "loss_percent": 100 * lost / max(1, count),
               "bitrate_bps": statistics.fmean(speeds),
               "bitrate_cv_percent": 100 * statistics.pstdev(speeds) / statistics.fmean(speeds),
               **heard(samples, begin, end)}
    figures["source_jitter_ms"] = statistics.fmean(v for _, v in source)
    figures["added_jitter_ms"] = statistics.fmean(v for _, v in added)
    figures["mos"] = quality.opinion(quality.rating(
        figures["delay_mean_ms"] + figures["buffer_ms"] + quality.PACKET_MS,
        figures["concealed_percent"]))
    delay_at = dict(delays)
    packets = [[round(t - begin, 4), round(j, 3), round(delay_at[t], 3)] for t, j in jitters
               if t in delay_at]
    series = {"jitter": thinned(jitters, begin), "delay": thinned(delays, begin),
              "bitrate": thinned(arrived, begin, WINDOW_S)}
    return figures, series, packets
