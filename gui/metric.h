/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a graph can show: a quantity and the lines that make it up.  Pure. */
#pragma once

#include "series.h"

/* One line of a graph. */
typedef struct P2sLayer {
        const char *name;   /* msgid, as in the legend */
        const char *colour; /* as named in style.css */
        const double *dash; /* px on, px off; NULL: solid */
        guint n_dash;
        double width; /* px */
        P2sDirection direction;
        P2sClass class;
} P2sLayer;

typedef struct P2sMetric {
        const char *name;  /* in .ui files */
        const char *title; /* msgid */
        const P2sLayer *layers;
        guint n_layers;
        double least_top; /* the axis never shows less: a calm line looks calm */
        double (*value)(const P2sSample *sample, const P2sLayer *layer); /* NaN: nothing to show */
        char *(*words)(double value);
        /* The unit of an axis up to top, and what to divide its values by. */
        const char *(*unit)(double top, double *divisor);
} P2sMetric;

/* "jitter", "call-bitrate" or "bitrate"; NULL for another name. */
const P2sMetric *p2s_metric_get(const char *name);

/* The mean of a layer over the last second of a series, NaN where there is none:
 * steady enough to read as text. */
double p2s_metric_current(const P2sMetric *metric, const P2sLayer *layer, P2sSeries *series);
