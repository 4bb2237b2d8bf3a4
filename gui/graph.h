/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws one metric of a series over time: snapshot only, redrawn once a sample. */
#pragma once

#include <gtk/gtk.h>

#include "metric.h"

#define P2S_TYPE_GRAPH (p2s_graph_get_type())
G_DECLARE_FINAL_TYPE(P2sGraph, p2s_graph, P2S, GRAPH, GtkWidget)

/* series may be NULL: an empty graph. */
void p2s_graph_set_series(P2sGraph *self, P2sSeries *series);

/* metric must outlive the graph, as those of p2s_metric_get() do. */
void p2s_graph_set_metric(P2sGraph *self, const P2sMetric *metric);

/* How much time the width stands for, µs. */
void p2s_graph_set_span(P2sGraph *self, guint64 span_usec);

/* Why no samples come, translated; NULL: they do.  The past stands faintly behind it. */
void p2s_graph_set_note(P2sGraph *self, const char *note);
