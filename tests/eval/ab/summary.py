# SPDX-License-Identifier: GPL-2.0-or-later
"""What all tests together say.  Pure."""

import statistics

from . import student

# key: (title, unit, digits, whether less is better)
METRICS = {
    "jitter_mean_ms": ("Jitter, mean", "ms", 2, True),
    "jitter_p50_ms": ("Jitter, p50", "ms", 2, True),
    "jitter_p95_ms": ("Jitter, p95", "ms", 2, True),
    "jitter_p99_ms": ("Jitter, p99", "ms", 2, True),
    "added_jitter_ms": ("Jitter that the path adds, mean", "ms", 2, True),
    "source_jitter_ms": ("Jitter as it left the browser, mean", "ms", 2, True),
    "delay_p50_ms": ("One-way delay, p50", "ms", 2, True),
    "delay_p95_ms": ("One-way delay, p95", "ms", 2, True),
    "delay_p99_ms": ("One-way delay, p99", "ms", 2, True),
    "loss_percent": ("Packets lost", "%", 3, True),
    "concealed_percent": ("Sound made up by the browser", "%", 2, True),
    "buffer_ms": ("Browser's jitter buffer", "ms", 0, True),
    "bitrate_bps": ("Bitrate of the call", "kbit/s", 2, None),
    "bitrate_cv_percent": ("Bitrate, variation (CV)", "%", 2, True),
    "mos": ("MOS (E-model)", "", 2, False),
    "general_percent": ("General throughput, of the line", "%", 1, False),
}
SCALE = {"bitrate_bps": 1e-3}
WITNESSES = ("getStats", "tshark", "p2sd")
ACCOUNTS = {"jitter_ms": ("jitter, mean, ms", 2), "loss_percent": ("lost, %", 3),
            "bitrate_bps": ("bitrate, kbit/s", 2)}


def agrees(key, value, other):
    """Whether two accounts are near enough: 1 ms or 10 %, 0.1 point, 2 %."""
    off = abs(value - other)
    if key == "jitter_ms":
        return off <= max(1, 0.1 * max(value, other))
    if key == "loss_percent":
        return off <= 0.1
    return off <= 0.02 * max(value, other)


def values_of(tests, treatment, direction, key):
    return [test[treatment]["directions"][direction]["figures"][key] * SCALE.get(key, 1)
            for test in tests]


def witnessed(tests, treatment, direction, key):
    """{witness: mean over the tests, "agree": "11 of 12" …}"""
    accounts = [test[treatment]["directions"][direction]["witnesses"] for test in tests]
    result = {}
    for name in WITNESSES:
        known = [a[name][key] for a in accounts if name in a]
        if known:
            result[name] = statistics.fmean(known) * SCALE.get(key, 1)
    for name in WITNESSES:
        pairs = [(a[name][key], a["tshark"][key]) for a in accounts if name in a]
        if name != "tshark" and pairs:
            result[f"{name}_agrees"] = sum(agrees(key, *pair) for pair in pairs)
            result[f"{name}_of"] = len(pairs)
    return result


def summarise(plan, tests):
    """All of the report's numbers, as JSON has them."""
    treatments = plan["settings"]["treatments"]
    result = {"plan": {k: v for k, v in plan.items() if k != "orders"}, "tests": len(tests),
              "orders": plan["orders"][:len(tests)], "means": {}, "differences": {},
              "witnesses": {}, "each": [],
              "busy_percent": statistics.fmean(test[t]["busy_percent"] for test in tests
                                               for t in treatments),
              "links": {t: tests[-1][t]["facts"].get("links") for t in treatments},
              "qdiscs": {t: tests[-1][t]["facts"].get("qdiscs") for t in treatments}}
    for direction in ("up", "down"):
        for treatment in treatments:
            at = f"{treatment} {direction}"
            result["means"][at] = {}
            for key in METRICS:
                mean, half = student.interval(values_of(tests, treatment, direction, key))
                result["means"][at][key] = {"mean": mean, "ci95": half}
            result["witnesses"][at] = {key: witnessed(tests, treatment, direction, key)
                                       for key in ACCOUNTS}
        for treatment in treatments:
            if treatment == "p2s":
                continue
            differences = {}
            for key in METRICS:
                pairs = zip(values_of(tests, "p2s", direction, key),
                            values_of(tests, treatment, direction, key))
                mean, half = student.interval([a - b for a, b in pairs])
                differences[key] = {"mean": mean, "ci95": half}
            result["differences"][f"p2s - {treatment} {direction}"] = differences
    for test in tests:
        result["each"].append({t: {d: {"figures": r["figures"], "witnesses": r["witnesses"]}
                                   for d, r in test[t]["directions"].items()} for t in treatments})
    return result
