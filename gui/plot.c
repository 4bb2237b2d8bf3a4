/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include <math.h>

/* A talker's pause of this length does not break the line. */
#define PAUSE_USEC (G_USEC_PER_SEC * 3 / 2)

/* The position of the sample just before the time shown, so that lines enter
 * from the edge. */
static guint first_position(const P2sPlot *plot)
{
        guint first = p2s_series_find(plot->series, plot->since_usec);

        return first > 0 ? first - 1 : 0;
}

/* Behind the last sample of the time shown. */
static guint end_position(const P2sPlot *plot)
{
        return p2s_series_find(plot->series, plot->until_usec + 1);
}

double p2s_plot_peak(const P2sPlot *plot)
{
        guint n = end_position(plot);
        double peak = 0;

        for (guint i = first_position(plot); i < n; i++) {
                const P2sSample *sample = p2s_series_peek(plot->series, i);

                for (guint l = 0; l < plot->metric->n_layers; l++)
                        peak = fmax(peak, plot->metric->value(sample, &plot->metric->layers[l]));
        }
        return peak;
}

double p2s_plot_x(const P2sPlot *plot, guint64 time_usec)
{
        /* Signed: the sample before the edge lies to the left of it. */
        double offset = (double)((gint64)time_usec - (gint64)plot->since_usec);

        return plot->x + plot->width * offset / (double)(plot->until_usec - plot->since_usec);
}

double p2s_plot_y(const P2sPlot *plot, double value)
{
        return plot->y + plot->height * (1 - p2s_axis_scale(&plot->axis, value));
}

guint64 p2s_plot_time(const P2sPlot *plot, double x)
{
        double share = CLAMP((x - plot->x) / plot->width, 0, 1);

        return plot->since_usec + (guint64)(share * (double)(plot->until_usec - plot->since_usec));
}

const P2sSample *p2s_plot_nearest(const P2sPlot *plot, guint64 time_usec)
{
        guint first = p2s_series_find(plot->series, plot->since_usec);
        guint end = end_position(plot);
        guint i = CLAMP(p2s_series_find(plot->series, time_usec), first, end);
        const P2sSample *before, *after;

        if (first >= end)
                return NULL;
        if (i == first)
                return p2s_series_peek(plot->series, first);
        before = p2s_series_peek(plot->series, i - 1);
        if (i == end)
                return before;
        after = p2s_series_peek(plot->series, i);
        return time_usec - before->time_usec < after->time_usec - time_usec ? before : after;
}

const P2sSample *p2s_plot_step(const P2sPlot *plot, const P2sSample *from, gint64 direction)
{
        guint first = p2s_series_find(plot->series, plot->since_usec);
        guint end = end_position(plot);
        double x = p2s_plot_x(plot, from->time_usec);
        guint i = p2s_series_find(plot->series, from->time_usec);

        while (direction < 0 ? i > first : i + 1 < end) {
                i = direction < 0 ? i - 1 : i + 1;
                from = p2s_series_peek(plot->series, i);
                if (fabs(p2s_plot_x(plot, from->time_usec) - x) >= 1)
                        break;
        }
        return from;
}

/* Whether nothing is known of a stretch of time between two neighbours. */
static gboolean is_gap(const P2sSample *before, const P2sSample *after)
{
        guint64 missing;

        if (after->after_gap)
                return TRUE;
        if (after->time_usec < before->time_usec + after->interval_usec)
                return FALSE;
        missing = after->time_usec - after->interval_usec - before->time_usec;
        /* History comes in whole seconds: up to one may miss where the live
         * samples join it. */
        return missing > MAX(before->interval_usec, after->interval_usec) * 5 / 4;
}

void p2s_plot_draw_layer(const P2sPlot *plot, const P2sLayer *layer, const GdkRGBA *colour,
                         cairo_t *cr)
{
        guint n = end_position(plot);
        const P2sSample *before = NULL, *joined = NULL;

        gdk_cairo_set_source_rgba(cr, colour);
        cairo_set_line_width(cr, layer->width);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        /* Round ends would fill the spaces between dots. */
        cairo_set_line_cap(cr, layer->n_dash > 0 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
        cairo_set_dash(cr, layer->dash, (int)layer->n_dash, 0);

        for (guint i = first_position(plot); i < n; i++) {
                const P2sSample *sample = p2s_series_peek(plot->series, i);
                double value = plot->metric->value(sample, layer), x, y;

                if (before && is_gap(before, sample))
                        joined = NULL;
                before = sample;
                if (isnan(value))
                        continue;

                x = p2s_plot_x(plot, sample->time_usec);
                y = p2s_plot_y(plot, value);
                if (joined && sample->time_usec - joined->time_usec <=
                                      MAX(PAUSE_USEC, 2 * sample->interval_usec)) {
                        cairo_line_to(cr, x, y);
                } else {
                        /* A line of no length: a lone sample is a dot. */
                        cairo_move_to(cr, x, y);
                        cairo_line_to(cr, x, y);
                }
                joined = sample;
        }
        cairo_stroke(cr);
}

const P2sSample *p2s_plot_next_mark(const P2sPlot *plot, guint *position)
{
        guint n = end_position(plot);

        for (guint i = MAX(*position, first_position(plot) + 1); i < n; i++) {
                const P2sSample *before = p2s_series_peek(plot->series, i - 1);
                const P2sSample *sample = p2s_series_peek(plot->series, i);

                if (g_strcmp0(before->mode, sample->mode) == 0)
                        continue;
                *position = i + 1;
                return sample;
        }
        return NULL;
}
