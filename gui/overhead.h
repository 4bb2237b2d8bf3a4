/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a line adds to each packet, as a person writes it, by p2sd's own rules.  Pure. */
#pragma once

#include <glib.h>

/* Reads bytes, "44" or "-4"; empty: *given is FALSE, the link layer's own count.
 * FALSE: *problem (translated, new) says what is wrong with it. */
gboolean p2s_overhead_parse(const char *text, gboolean *given, gint32 *bytes, char **problem);
