# SPDX-License-Identifier: GPL-2.0-or-later
"""The report's pictures.  Pure: tests in, SVG out."""

import statistics

from lab.figures import percentile

from .svg import INK, RULE, Canvas, Panel, nice_ticks

COLORS = {"none": "#d1495b", "p2s": "#1769aa", "cake": "#3a8f5c", "cake0": "#8ab17d",
          "fq_codel": "#b7791f", "sqm": "#7b5ea7", "seed": "#8d6e63"}
NAMES = {"none": "without", "p2s": "with P2S", "cake": "CAKE, call marked EF",
         "cake0": "CAKE, call unmarked", "fq_codel": "HTB + fq_codel",
         "sqm": "three tiers, call marked EF", "seed": "the seed's values, call marked EF"}
DIRECTIONS = {"up": "outgoing", "down": "incoming"}
POINTS = 600      # of a line: no screen shows more
LEFT, RIGHT, GAP, WIDTH = 64, 24, 56, 1060


def columns():
    """(left, right) of the two directions' panels."""
    each = (WIDTH - LEFT - RIGHT - GAP) / 2
    return {"up": (LEFT, LEFT + each), "down": (WIDTH - RIGHT - each, WIDTH - RIGHT)}


def coarser(series, most=POINTS):
    """Means of so many neighbours that no more points are left."""
    n = -(-len(series) // most)
    if n <= 1:
        return series
    parts = [series[i:i + n] for i in range(0, len(series), n)]
    return [[statistics.fmean(t for t, _ in p), statistics.fmean(v for _, v in p)] for p in parts]


def median_of(many):
    """The median of several series, point by point."""
    values = {}
    for series in many:
        for time, value in series:
            values.setdefault(round(time, 2), []).append(value)
    return [(t, statistics.median(v)) for t, v in sorted(values.items()) if 2 * len(v) >= len(many)]


def over_time(tests, treatments, what, title, unit, factor=1, lowest_top=0):
    """A row of panels a treatment, all on the same axes; columns are the directions.  Each
    test is a thin line, their median a thick one."""
    many = {(t, d): [[[s, v * factor] for s, v in test[t]["directions"][d]["series"][what]]
                     for test in tests] for t in treatments for d in DIRECTIONS}
    values = [v for each in many.values() for series in each for _, v in series]
    # a lonely spike may leave the picture
    top = nice_ticks(max(percentile(values, 99.8) or 0, lowest_top))
    seconds = max(s for each in many.values() for series in each for s, _ in series)
    each = 190 if len(treatments) < 4 else 130
    canvas = Canvas(WIDTH, 84 + len(treatments) * (each + 26) + 34, title)
    canvas.text(LEFT - 40, 30, title, 18, INK, weight=600)
    canvas.text(LEFT - 40, 50, f"{unit}; a thin line a test, the thick one their median"
                if len(tests) > 1 else unit, 12.5)
    xs = [t for t in nice_ticks(seconds, 6) if t <= seconds * 1.02]
    for row, treatment in enumerate(treatments):
        y = 84 + row * (each + 26)
        for direction, (left, right) in columns().items():
            panel = Panel(canvas, (left, y, right, y + each), (0, seconds), (0, top[-1]))
            panel.ticks(xs, top, x_labels=row == len(treatments) - 1)
            canvas.text(left, y - 8, f"{DIRECTIONS[direction]}, {NAMES[treatment]}", 12.5,
                        COLORS[treatment], weight=600)
            lines = many[treatment, direction]
            if len(lines) == 1:
                panel.curve(coarser(lines[0]), COLORS[treatment], 1.5)
                continue
            for series in lines:
                panel.curve(coarser(series, POINTS // 2), COLORS[treatment], 0.8,
                            max(0.12, 0.5 / len(lines) ** 0.5))
            panel.curve(coarser(median_of(lines)), COLORS[treatment], 2.2)
    canvas.text(WIDTH - RIGHT, canvas.height - 10, "seconds", 11, anchor="end")
    return str(canvas)


def distribution(values):
    """[(value, share below)] at 400 of them, more closely at the end."""
    ordered = sorted(values)
    shares = [i / 200 for i in range(1, 200)] + [0.995 + i / 20000 for i in range(0, 101, 2)]
    return [(ordered[min(len(ordered) - 1, int(s * len(ordered)))], s) for s in shares]


def distributions(tests, treatments):
    """CDFs of jitter and delay, of every packet of all tests, on a logarithmic axis."""
    canvas = Canvas(WIDTH, 680, "How jitter and delay are distributed")
    canvas.text(LEFT - 40, 30, canvas.title, 18, INK, weight=600)
    canvas.text(LEFT - 40, 50, "share of packets at or below, all tests together", 12.5)
    for row, (at, what, low, high, ticks) in enumerate((
            (1, "jitter (RFC 3550), ms", 0.05, 100, (0.1, 1, 10, 100)),
            (2, "one-way delay, ms", 0.1, 1000, (0.1, 1, 10, 100, 1000)))):
        top = 90 + row * 285
        for direction, (left, right) in columns().items():
            panel = Panel(canvas, (left, top, right, top + 220), (low, high), (0, 1), log_x=True)
            panel.ticks(ticks, (0, 0.25, 0.5, 0.75, 1))
            canvas.text(left, top - 8, f"{DIRECTIONS[direction]}: {what}", 12.5, INK, weight=600)
            for treatment in treatments:
                values = [p[at] for test in tests
                          for p in test[treatment]["directions"][direction]["packets"]]
                panel.curve(distribution(values), COLORS[treatment], 2.2)
    legend(canvas, treatments, LEFT, 668)
    return str(canvas)


def legend(canvas, treatments, left, bottom):
    """One or more rows; the last one ends at the bottom."""
    rows, x = [[]], left
    for treatment in treatments:
        width = 50 + 7 * len(NAMES[treatment])
        if x + width > WIDTH and rows[-1]:
            rows.append([])
            x = left
        rows[-1].append((x, treatment))
        x += width
    for number, row in enumerate(rows):
        y = bottom - 20 * (len(rows) - 1 - number)
        for x, treatment in row:
            canvas.line(x, y - 4, x + 22, y - 4, COLORS[treatment], 3)
            canvas.text(x + 28, y, NAMES[treatment], 12, INK)


def by_test(tests, treatments):
    """What each test had, treatment by treatment: jitter's mean and the delay's p99."""
    canvas = Canvas(WIDTH, 640, "Each test by itself")
    canvas.text(LEFT - 40, 30, canvas.title, 18, INK, weight=600)
    canvas.text(LEFT - 40, 50, "one column a test, in the order they were made; logarithmic", 12.5)
    for row, (key, what, ticks) in enumerate((
            ("jitter_mean_ms", "jitter, mean, ms", (0.1, 1, 10, 100)),
            ("delay_p99_ms", "one-way delay, p99, ms", (0.1, 1, 10, 100, 1000)))):
        top = 90 + row * 265
        for direction, (left, right) in columns().items():
            panel = Panel(canvas, (left, top, right, top + 200), (0.4, len(tests) + 0.6),
                          (ticks[0], ticks[-1]), log_y=True)
            panel.ticks(range(1, len(tests) + 1), ticks)
            canvas.text(left, top - 8, f"{DIRECTIONS[direction]}: {what}", 12.5, INK, weight=600)
            for number, test in enumerate(tests, 1):
                dots = [(panel.y(test[t]["directions"][direction]["figures"][key]), t)
                        for t in treatments]
                canvas.line(panel.x(number), min(dots)[0], panel.x(number), max(dots)[0], RULE, 2)
                for y, treatment in dots:
                    canvas.dot(panel.x(number), y, COLORS[treatment], 4.5)
    legend(canvas, treatments, LEFT, 628)
    return str(canvas)


def draw(tests, treatments):
    """{name: SVG}"""
    return {
        "jitter": over_time(tests, treatments, "jitter", "Jitter over the run",
                            "RFC 3550 interarrival jitter at the receiver, ms"),
        "bitrate": over_time(tests, treatments, "bitrate", "The call's bitrate over the run",
                             "kbit/s received, with all headers, in each second", 1e-3),
        "delay": over_time(tests, treatments, "delay", "One-way delay over the run",
                           "ms from the sender's link to the receiver's"),
        "general": over_time(tests, treatments, "general", "Everything else over the run",
                             "Mbit/s of general traffic on the line", 1e-6),
        "distributions": distributions(tests, treatments),
        "tests": by_test(tests, treatments),
    }
