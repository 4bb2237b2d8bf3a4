/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link's rate as a person writes it, by p2sd's own rules.  Pure. */
#pragma once

#include <glib.h>

/* Reads "50", "9,5" (Mbit/s), "500k", "1 Gbit/s"; empty: 0, not known.  *bps: bit/s.
 * FALSE: *problem (translated, new) says what is wrong with it. */
gboolean p2s_rate_parse(const char *text, guint64 *bps, char **problem);

/* "50 Mbit/s", exact to six digits; empty for 0.  A new string. */
char *p2s_rate_text(guint64 bps);
