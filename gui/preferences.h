/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user wants of the panel itself; remembered from one start to the next.
 *
 * Properties, all notified:
 *   keep-in-tray  closing the window leaves the panel in the tray, where there is one
 *   notify        a call that is poor is told, where prioritising could help it */
#pragma once

#include <glib-object.h>

#define P2S_TYPE_PREFERENCES (p2s_preferences_get_type())
G_DECLARE_FINAL_TYPE(P2sPreferences, p2s_preferences, P2S, PREFERENCES, GObject)

P2sPreferences *p2s_preferences_new(void);

gboolean p2s_preferences_get_keep_in_tray(P2sPreferences *self);
gboolean p2s_preferences_get_notify(P2sPreferences *self);
