/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The icon in the tray: a StatusNotifierItem (freedesktop.org), which says how calls fare,
 * opens the window and has a menu.  There is none where no tray would show it. */
#pragma once

#include "status.h"

#define P2S_TYPE_TRAY (p2s_tray_get_type())
G_DECLARE_FINAL_TYPE(P2sTray, p2s_tray, P2S, TRAY, GObject)

/* application: registered; has the actions "prioritise" (b) and "quit".  It lives longer
 * than the tray. */
P2sTray *p2s_tray_new(GApplication *application, P2sStatus *status);

/* What the host last gave for a window to come to the front with (xdg-activation), once;
 * NULL: nothing. */
char *p2s_tray_take_token(P2sTray *self);

/* A tray shows it.  Property "shown", notified. */
gboolean p2s_tray_get_shown(P2sTray *self);
