# SPDX-License-Identifier: GPL-2.0-or-later
"""The short table at the end: before and after, both directions."""

ROWS = (
    ("jitter, mean", "jitter_mean_ms", "ms", 2, 1),
    ("jitter, max", "jitter_max_ms", "ms", 2, 1),
    ("one-way delay, p50", "delay_p50_ms", "ms", 1, 1),
    ("one-way delay, p99", "delay_p99_ms", "ms", 1, 1),
    ("packets lost", "loss_percent", "%", 2, 1),
    ("call", "bitrate_bps", "kbit/s", 1, 1e-3),
    ("bulk throughput", "general_bps", "Mbit/s", 2, 1e-6),
    ("… of the line", "general_percent", "%", 1, 1),
)


def render(before, after):
    """Text of {"up": figures, "down": figures} twice."""
    lines = [f"{'':<27}{'uplink':^20}  {'downlink':^20}",
             f"{'':<27}{'before':>10}{'after':>10}  {'before':>10}{'after':>10}"]
    for title, key, unit, digits, factor in ROWS:
        cells = []
        for direction in ("up", "down"):
            for phase in (before, after):
                value = phase[direction].get(key)
                cells.append(f"{'–':>10}" if value is None else f"{value * factor:10.{digits}f}")
        lines.append(f"{title:<19}{unit:<8}{cells[0]}{cells[1]}  {cells[2]}{cells[3]}")
    return "\n".join(lines)
