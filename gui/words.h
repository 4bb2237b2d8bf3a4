/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures in words, for people, in the user's language.  Pure; every function
 * returns a new string. */
#pragma once

#include <glib.h>

/* "9.5 ms", "140 ms"; a dash for NaN. */
char *p2s_words_jitter(double ms);

/* "84 kbit/s", "9.6 Mbit/s"; a dash for NaN. */
char *p2s_words_bitrate(double bps);

/* "0.4 %"; a dash for NaN. */
char *p2s_words_share(double share);

/* "0:07", "12:34", "1:02:03". */
char *p2s_words_duration(guint64 usec);

/* A mean opinion score (1 … 4.5) as "Good".  Static, translated; NULL for 0. */
const char *p2s_words_mos(double mos);

/* The line under the switch: what happens now.  mode may be NULL, link NULL;
 * jitter NaN where no call runs. */
char *p2s_words_summary(const char *mode, const char *link, guint calls, double jitter_ms);
