/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "axis.h"

#include <math.h>

P2sAxis p2s_axis_fit(double peak, double least_top, guint max_steps)
{
        static const double nice[] = {1, 2, 5, 10};
        double want, raw, unit, step;
        guint n;

        max_steps = MAX(max_steps, 1);
        want = isfinite(peak) ? MAX(peak, least_top) : least_top;
        if (!(want > 0))
                want = 1;

        raw = want / max_steps;
        unit = pow(10, floor(log10(raw)));
        step = 10 * unit;
        for (guint i = 0; i < G_N_ELEMENTS(nice); i++)
                /* A hair of tolerance: 0.3 / 3 is a little more than 0.1. */
                if (nice[i] * unit >= raw * (1 - 1e-9)) {
                        step = nice[i] * unit;
                        break;
                }

        n = (guint)ceil(want / step * (1 - 1e-9));
        n = CLAMP(n, 1, max_steps);
        return (P2sAxis){.top = n * step, .step = step, .n_steps = n};
}

double p2s_axis_scale(const P2sAxis *axis, double value)
{
        if (isnan(value))
                return value;
        return CLAMP(value / axis->top, 0, 1);
}

guint p2s_axis_decimals(const P2sAxis *axis)
{
        double digits = -floor(log10(axis->step) + 1e-9);

        return digits > 0 ? (guint)digits : 0;
}

guint64 p2s_axis_time_step(guint64 span_usec, guint max_steps)
{
        static const guint seconds[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
        guint64 step = 0;

        max_steps = MAX(max_steps, 1);
        for (guint i = 0; i < G_N_ELEMENTS(seconds); i++) {
                step = (guint64)seconds[i] * G_USEC_PER_SEC;
                if (span_usec / step <= max_steps)
                        return step;
        }
        return span_usec / max_steps;
}
