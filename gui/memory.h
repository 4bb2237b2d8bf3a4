/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the panel remembers from one start to the next, in p2s/panel.ini of the user's
 * configuration directory.  A file that cannot be read or written is as good as none. */
#pragma once

#include <glib.h>

/* fallback: where nothing is remembered. */
gboolean p2s_memory_get(const char *key, gboolean fallback);
void p2s_memory_set(const char *key, gboolean value);
