# SPDX-License-Identifier: GPL-2.0-or-later
"""Means and their confidence, by Student's t.  Pure."""

import math
import statistics


def _beta(x, a, b):
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
                     + a * math.log(x) + b * math.log(1 - x)) / a
    tiny = 1e-30
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    total = d
    for m in range(1, 300):
        for number in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                       -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + number * d
            c = 1 + number / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            total *= c * d
        if abs(c * d - 1) < 1e-13:
            break
    return front * total


def quantile(p, freedom):
    """t with P(T <= t) = p, for p in 0.5 … 1, by bisection."""
    def below(t):
        return 1 - _beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2

    low, high = 0.0, 1.0
    while below(high) < p:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < p else (low, middle)
    return (low + high) / 2


def interval(values, confidence=0.95):
    """(mean, half the interval's width); the width is None of less than two values."""
    mean = statistics.fmean(values)
    n = len(values)
    if n < 2:
        return mean, None
    t = quantile((1 + confidence) / 2, n - 1)
    return mean, t * statistics.stdev(values) / math.sqrt(n)
