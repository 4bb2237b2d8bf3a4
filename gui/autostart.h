/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the session starts the panel in the background: a desktop file in the user's
 * autostart directory (freedesktop.org's Desktop Application Autostart). */
#pragma once

#include <glib.h>

gboolean p2s_autostart_get(void);

/* Writes or removes the file.  Other keys that somebody put in it stay as long as it does.
 * Errors: G_FILE_ERROR, whose message names the file. */
gboolean p2s_autostart_set(gboolean on, GError **error);
