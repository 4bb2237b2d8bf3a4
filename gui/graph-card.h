/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A graph with its title, its legend and the current values as text. */
#pragma once

#include <gtk/gtk.h>

#include "series.h"

#define P2S_TYPE_GRAPH_CARD (p2s_graph_card_get_type())
G_DECLARE_FINAL_TYPE(P2sGraphCard, p2s_graph_card, P2S, GRAPH_CARD, GtkBox)

/* Properties: metric (a name of p2s_metric_get()), subtitle; a child of type
 * "suffix" stands beside the title. */

void p2s_graph_card_set_series(P2sGraphCard *self, P2sSeries *series);
void p2s_graph_card_set_metric(P2sGraphCard *self, const char *name);
void p2s_graph_card_set_span(P2sGraphCard *self, guint64 span_usec);

/* As p2s_graph_set_until(). */
void p2s_graph_card_set_until(P2sGraphCard *self, guint64 until_usec);

/* As p2s_graph_get_window(). */
void p2s_graph_card_get_window(P2sGraphCard *self, guint64 *since_usec, guint64 *until_usec);

/* As p2s_graph_set_note(); the values as text are dashes meanwhile. */
void p2s_graph_card_set_note(P2sGraphCard *self, const char *note);
