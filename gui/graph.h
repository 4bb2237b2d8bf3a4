/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws one metric of a series over time: snapshot only, redrawn once a sample.
 * The pointer, or the arrow keys, read the samples. */
#pragma once

#include <gtk/gtk.h>

#include "metric.h"

#define P2S_TYPE_GRAPH (p2s_graph_get_type())
G_DECLARE_FINAL_TYPE(P2sGraph, p2s_graph, P2S, GRAPH, GtkWidget)

/* Signal: read, when p2s_graph_get_read() may be another one. */

/* series may be NULL: an empty graph. */
void p2s_graph_set_series(P2sGraph *self, P2sSeries *series);

/* metric must outlive the graph, as those of p2s_metric_get() do. */
void p2s_graph_set_metric(P2sGraph *self, const P2sMetric *metric);

/* How much time the width stands for, µs. */
void p2s_graph_set_span(P2sGraph *self, guint64 span_usec);

/* The right end: a time, µs, at which the graph stands still; 0: the newest sample. */
void p2s_graph_set_until(P2sGraph *self, guint64 until_usec);

/* The time that is shown. */
void p2s_graph_get_window(P2sGraph *self, guint64 *since_usec, guint64 *until_usec);

/* Why no samples come, translated; NULL: they do.  The past stands faintly behind it. */
void p2s_graph_set_note(P2sGraph *self, const char *note);

/* The sample that is being read, borrowed; NULL: none is. */
const P2sSample *p2s_graph_get_read(P2sGraph *self);
