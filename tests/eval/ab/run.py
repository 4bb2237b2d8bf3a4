# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: a call under one treatment, on a line that is full, and what became of it."""

import concurrent.futures
import time

from lab import call

from . import capture, figures, machine, place

SENDER = {"up": "caller", "down": "callee"}
RECEIVER = {"up": "callee", "down": "caller"}
# p2sd is asked once a second: the counters need no more
TICK_S = 1
LOADS = {"none": (), "up": ("up",), "down": ("down",), "both": ("up", "down"),
         "udp-up": ("udp",), "udp-down": ("udp-down",), "udp-both": ("udp", "udp-down")}


def watch(browsers, witnesses, line, seconds, tick):
    """Gathers samples for a while; returns {"up": [(ns, bytes)], "down": …} of the line."""
    wire = {direction: [] for direction in SENDER}
    end = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        for direction, read in line.wire_bytes().items():
            wire[direction].append(read)
        for each in witnesses.values():
            each.note()
        browsers.take()
        tick(min(began, end))
        if began >= end:
            return wire
        time.sleep(max(0, min(end, began + TICK_S) - time.monotonic()))


def general(wire, call_bps, line_bps):
    """What else crossed the line, less the call (14 bytes of Ethernet a packet of 20 ms)."""
    (t0, b0), (t1, b1) = wire[0], wire[-1]
    bps = (b1 - b0) * 8e9 / (t1 - t0) - call_bps - 50 * 14 * 8
    return {"general_bps": bps, "general_percent": 100 * bps / line_bps}


def digest(browsers, witnesses, captured, wire, line, begin, end):
    """{"up": {"figures", "series", "witnesses"}, "down": …}"""
    ssrcs = {d: browsers.taken[RECEIVER[d]][-1]["ssrc"] for d in SENDER}
    found = {side: capture.read(path) for side, path in captured.paths.items()}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        theirs = dict(zip(SENDER, pool.map(
            lambda d: capture.judged(found[RECEIVER[d]][0], begin, end, ssrcs[d],
                                     captured.paths[RECEIVER[d]] + ".part"), SENDER)))
    result = {}
    for direction, ssrc in ssrcs.items():
        receiver = RECEIVER[direction]
        sent = found[SENDER[direction]][1].get(ssrc, [])
        received = found[receiver][1].get(ssrc, [])
        samples = [s for s in browsers.taken[receiver] if s["ssrc"] == ssrc]
        if not theirs[direction]:
            raise RuntimeError(f"{direction}: tshark found no call")
        measured, series, packets = figures.one_direction(sent, received, samples, begin, end)
        line_bps = line.up_bps if direction == "up" else line.down_bps
        measured |= general(wire[direction], measured["bitrate_bps"], line_bps)
        series["general"] = [[round((t1 - wire[direction][0][0]) / 1e9, 3),
                              round((b1 - b0) * 8e9 / (t1 - t0))] for (t0, b0), (t1, b1)
                             in zip(wire[direction], wire[direction][1:])]
        accounts = {"getStats": figures.of_browser(samples, begin, end),
                    "tshark": figures.of_tshark(theirs[direction], received, begin, end)}
        rows = [r for r in witnesses[receiver].rows if r["ssrc"] == ssrc]
        if rows:
            accounts["p2sd"] = figures.of_p2sd(rows, begin, end)
        result[direction] = {"figures": measured, "series": series, "packets": packets,
                             "witnesses": accounts, "getStats": samples, "p2sd": rows}
    return result


def run(where, browsers, treatment, args, scratch, tick):
    """The whole of it; tick(phase, seconds into it) is called once a second or so.
    Returns what to save."""
    witnesses, load, captured = where.witnesses(), None, None
    where.treat(treatment)
    try:
        captured = capture.Capture(where.line, scratch)
        browsers.begin(mark=treatment in place.MARKED)
        if LOADS[args.load]:
            load = call.Load(where.line, scratch, args.settle + args.duration + 60, args.flows,
                             LOADS[args.load], args.congestion, args.flows)
        settling = time.monotonic()
        watch(browsers, {}, where.line, args.settle, lambda now: tick("settling", now - settling))
        facts = where.facts()
        begin, measuring = time.time(), time.monotonic()
        busy = machine.Busy()
        wire = watch(browsers, witnesses, where.line, args.duration,
                     lambda now: tick("measuring", now - measuring))
        # the last answers may come late: they are of a later time
        end = min(time.time(), begin + args.duration)
        busy = busy.percent()
        if load and load.ended_early():
            raise RuntimeError(f"iperf3 ended early: {', '.join(load.ended_early())}")
        time.sleep(0.5)  # what is under way arrives
    finally:
        if load:
            load.stop()
        if captured:
            captured.stop()
        where.untreat()
    browsers.end()
    result = {"treatment": treatment, "begin": begin, "seconds": end - begin, "facts": facts,
              "busy_percent": busy,
              "directions": digest(browsers, witnesses, captured, wire, where.line, begin, end)}
    captured.remove()
    return result
