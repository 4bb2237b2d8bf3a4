/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../daemon/mos-bands.h"
#include "alarm.h"

#define READINGS 2
/* Two readings of one moment are one: calls are also read when another begins or ends. */
#define APART_USEC ((guint64)3 * G_USEC_PER_SEC / 2)
#define QUIET_USEC ((guint64)10 * 60 * G_USEC_PER_SEC)

gboolean p2s_alarm_is_poor(double mos)
{
        return mos > 0 && mos < MOS_FAIR;
}

gboolean p2s_alarm_read(P2sAlarm *self, double mos, guint64 now_usec, guint64 *last_usec)
{
        if (self->read_usec > 0 && now_usec < self->read_usec + APART_USEC)
                return FALSE;
        self->read_usec = now_usec;
        self->poor = p2s_alarm_is_poor(mos) ? self->poor + 1 : 0;
        if (self->poor < READINGS || self->told)
                return FALSE;
        if (*last_usec > 0 && now_usec < *last_usec + QUIET_USEC)
                return FALSE;
        self->told = TRUE;
        *last_usec = now_usec;
        return TRUE;
}
