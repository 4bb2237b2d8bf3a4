/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The modes in words.  Modes are strings, as on the bus: one that is not known
 * here is "something else", never an error.  NULL: not known yet.  Pure. */
#pragma once

#include <glib.h>

#define P2S_N_MODES 4

/* The modes as one offers them: the best first. */
const char *p2s_mode_nth(guint n);

/* One of the four: what it does to calls can be said. */
gboolean p2s_mode_is_known(const char *mode);

/* Packets of calls go first: mark and shape. */
gboolean p2s_mode_prioritises(const char *mode);

/* Calls are found and measured: all but off. */
gboolean p2s_mode_measures(const char *mode);

/* Translated: a short name, as for a mark in a graph; what one chooses; what it
 * does, one sentence. */
const char *p2s_mode_title(const char *mode);
const char *p2s_mode_choice(const char *mode);
const char *p2s_mode_description(const char *mode);
