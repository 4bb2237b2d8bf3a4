/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes on while no window is open: the icon in the tray and the notifications; and
 * what becomes of a window that is closed. */
#pragma once

#include <gtk/gtk.h>

#include "preferences.h"
#include "service.h"

#define P2S_TYPE_BACKGROUND (p2s_background_get_type())
G_DECLARE_FINAL_TYPE(P2sBackground, p2s_background, P2S, BACKGROUND, GObject)

/* application: registered; lives longer.  Adds the action "prioritise" (b) to it. */
P2sBackground *p2s_background_new(GtkApplication *application, P2sService *service,
                                  P2sPreferences *preferences);

/* From now on the panel runs until it is told to quit. */
void p2s_background_hold(P2sBackground *self);

/* A window that is closed leaves the panel running, if that is what the user wants. */
void p2s_background_add_window(P2sBackground *self, GtkWindow *window);

/* As p2s_tray_take_token(). */
char *p2s_background_take_token(P2sBackground *self);

/* A tray is there.  Property "tray", notified. */
gboolean p2s_background_get_tray(P2sBackground *self);
