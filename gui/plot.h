/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The moving part of a graph: lines, gaps and marks, painted with cairo. */
#pragma once

#include <cairo.h>
#include <gdk/gdk.h>

#include "axis.h"
#include "metric.h"

/* Where and what: time runs from since_usec at x to until_usec at x + width. */
typedef struct P2sPlot {
        P2sSeries *series;
        const P2sMetric *metric;
        P2sAxis axis;
        guint64 since_usec, until_usec;
        double x, y, width, height;
} P2sPlot;

/* The largest value of any layer within the time shown; 0 without one. */
double p2s_plot_peak(const P2sPlot *plot);

double p2s_plot_x(const P2sPlot *plot, guint64 time_usec);
double p2s_plot_y(const P2sPlot *plot, double value);

/* The time at x, within the time shown. */
guint64 p2s_plot_time(const P2sPlot *plot, double x);

/* The sample nearest to a time among those shown; NULL: none is shown. */
const P2sSample *p2s_plot_nearest(const P2sPlot *plot, guint64 time_usec);

/* The sample from there at least a pixel to the left (direction < 0) or right, or the
 * last one there is. */
const P2sSample *p2s_plot_step(const P2sPlot *plot, const P2sSample *from, gint64 direction);

/* A layer's line: joined from sample to sample, broken where the service was
 * away or nothing passed. */
void p2s_plot_draw_layer(const P2sPlot *plot, const P2sLayer *layer, const GdkRGBA *colour,
                         cairo_t *cr);

/* The first sample at or after *position within the time shown before which
 * another mode was in force; NULL: none.  *position moves past it. */
const P2sSample *p2s_plot_next_mark(const P2sPlot *plot, guint *position);
