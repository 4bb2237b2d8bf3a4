/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The still part of a graph: grid, ticks and words around and over the plot. */
#pragma once

#include <gtk/gtk.h>

#include "plot.h"

/* px between the plot and its labels. */
#define P2S_FRAME_SPACING 6

/* Sets where the plot lies within the widget, labels taken off.  FALSE: no room. */
gboolean p2s_frame_layout(GtkWidget *widget, P2sPlot *plot);

/* Lines and numbers of the value axis. */
void p2s_frame_draw_values(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot);

/* The time axis; live: its right end is now. */
void p2s_frame_draw_times(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot,
                          gboolean live);

/* A vertical line at each change of the mode, named above the plot. */
void p2s_frame_draw_marks(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot);

/* A sentence in the middle of the plot. */
void p2s_frame_draw_note(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot,
                         const char *note);
