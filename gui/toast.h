/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short messages over the page, from any widget on it. */
#pragma once

#include <adwaita.h>

/* A translated sentence that goes by itself. */
void p2s_toast_say(GtkWidget *from, const char *title);

/* An error of P2S_ERROR: what the panel itself says fits a toast, what the service
 * says stands behind a button.  G_IO_ERROR_CANCELLED is passed over. */
void p2s_toast_error(GtkWidget *from, const GError *error);

/* A translated sentence with a button "Undo" that calls back with data; free is called
 * when the toast is gone.  The toast, borrowed: who no longer can undo dismisses it. */
AdwToast *p2s_toast_undo(GtkWidget *from, const char *title, void (*undo)(gpointer data),
                         gpointer data, GDestroyNotify free);
