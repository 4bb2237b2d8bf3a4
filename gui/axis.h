/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where numbers land on a graph: nice ticks from a fixed origin of 0.  Pure. */
#pragma once

#include <glib.h>

typedef struct P2sAxis {
        double top;    /* value at the upper edge, a multiple of step */
        double step;   /* between two ticks: 1, 2 or 5 times a power of ten */
        guint n_steps; /* top / step */
} P2sAxis;

/* The smallest nice axis that holds peak and least_top, of at most max_steps
 * steps (at least 1).  A peak that is no finite number counts as 0. */
P2sAxis p2s_axis_fit(double peak, double least_top, guint max_steps);

/* 0 at the origin, 1 at the top; values beyond are clamped, NaN stays NaN. */
double p2s_axis_scale(const P2sAxis *axis, double value);

/* How many decimals tell two neighbouring ticks apart: 0 for steps of 1 and more. */
guint p2s_axis_decimals(const P2sAxis *axis);

/* The tick distance of a time axis over span_usec: a round number of seconds or
 * minutes of which at most max_steps fit. */
guint64 p2s_axis_time_step(guint64 span_usec, guint max_steps);
