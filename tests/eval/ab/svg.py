# SPDX-License-Identifier: GPL-2.0-or-later
"""SVG by hand: shapes, and panels with axes.  Pure: text in, text out."""

import html
import math

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK, QUIET, RULE, PAPER = "#1f2933", "#64707d", "#e3e7ec", "#ffffff"


def num(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def nice_ticks(highest, count=4):
    """Round values from 0 to at least the highest, about so many."""
    if highest <= 0:
        highest = 1
    raw = highest / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= raw * 0.999)
    return [step * i for i in range(math.ceil(highest / step - 1e-9) + 1)]


def label(value):
    return f"{value:g}" if abs(value) < 10000 else f"{value / 1000:g}k"


class Canvas:
    """A picture of a size, on paper of its own, so that it can be read on any page."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title, self.parts = width, height, title, []

    def add(self, name, content=None, **attributes):
        text = "".join(f' {k.replace("_", "-")}="{html.escape(num(v) if isinstance(v, (int, float)) else str(v))}"'
                       for k, v in attributes.items() if v is not None)
        self.parts.append(f"<{name}{text}/>" if content is None else
                          f"<{name}{text}>{html.escape(content)}</{name}>")

    def line(self, x1, y1, x2, y2, color=RULE, width=1, dash=None):
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width,
                 stroke_dasharray=dash)

    def text(self, x, y, words, size=12, color=QUIET, anchor=None, weight=None):
        self.add("text", words, x=x, y=y, font_size=size, fill=color, text_anchor=anchor,
                 font_weight=weight)

    def curve(self, points, color, width=1.6, opacity=None):
        if points:
            self.add("path", d="M" + "L".join(f"{num(x)} {num(y)}" for x, y in points), fill="none",
                     stroke=color, stroke_width=width, stroke_linejoin="round",
                     stroke_opacity=None if opacity is None else f"{opacity:.2f}")

    def dot(self, x, y, color, radius=3.5):
        self.add("circle", cx=x, cy=y, r=radius, fill=color, stroke=PAPER, stroke_width=1)

    def __str__(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(self.width)} '
                f'{num(self.height)}" width="{num(self.width)}" height="{num(self.height)}" '
                f'role="img" font-family="{FONT}"><title>{html.escape(self.title)}</title>'
                f'<rect width="100%" height="100%" fill="{PAPER}"/>' + "".join(self.parts) + "</svg>\n")


class Scale:
    """Values of a range on pixels of another; logarithmic if asked for."""

    def __init__(self, low, high, start, end, log=False):
        self.low, self.high, self.start, self.end, self.log = low, high, start, end, log

    def __call__(self, value):
        if self.log:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(1.02, max(-0.02, part))


class Panel:
    """One plot of a canvas: a frame with scales x and y, and ticks."""

    def __init__(self, canvas, box, x, y, log_x=False, log_y=False):
        left, top, right, bottom = box
        self.canvas, self.box = canvas, box
        self.x = Scale(*x, left, right, log_x)
        self.y = Scale(*y, bottom, top, log_y)

    def ticks(self, xs=(), ys=(), x_labels=True, y_labels=True):
        left, top, right, bottom = self.box
        for value in ys:
            at = self.y(value)
            self.canvas.line(left, at, right, at)
            if y_labels:
                self.canvas.text(left - 8, at + 4, label(value), 11, anchor="end")
        for value in xs:
            at = self.x(value)
            self.canvas.line(at, bottom, at, bottom + 4, QUIET)
            if x_labels:
                self.canvas.text(at, bottom + 17, label(value), 11, anchor="middle")
        self.canvas.line(left, bottom, right, bottom, QUIET)

    def curve(self, points, color, width=1.6, opacity=None):
        self.canvas.curve([(self.x(a), self.y(b)) for a, b in points], color, width, opacity)
