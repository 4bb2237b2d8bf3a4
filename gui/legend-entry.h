/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a graph in its legend: how it looks, its name, its value now. */
#pragma once

#include <gtk/gtk.h>

#include "metric.h"

#define P2S_TYPE_LEGEND_ENTRY (p2s_legend_entry_get_type())
G_DECLARE_FINAL_TYPE(P2sLegendEntry, p2s_legend_entry, P2S, LEGEND_ENTRY, GtkBox)

/* layer must outlive the entry. */
GtkWidget *p2s_legend_entry_new(const P2sLayer *layer);

void p2s_legend_entry_set_value(P2sLegendEntry *self, const char *words);
