/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to say that a call is poor: not at the first hiccup, and not again and again.  Pure. */
#pragma once

#include <glib.h>

/* What is known of one call; all 0 at first. */
typedef struct P2sAlarm {
        guint64 read_usec; /* of the last reading that counted */
        guint poor;        /* readings in a row */
        gboolean told;
} P2sAlarm;

/* No user is content with less ("Poor" and "Bad" in words.h); NaN and 0 (no estimate)
 * are not poor. */
gboolean p2s_alarm_is_poor(double mos);

/* Takes a reading of a call's MOS at now_usec.  TRUE: say it now.  *last_usec: when it was
 * said last of any call, 0: never; set to now_usec with TRUE. */
gboolean p2s_alarm_read(P2sAlarm *self, double mos, guint64 now_usec, guint64 *last_usec);
