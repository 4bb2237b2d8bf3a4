/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of figures for one link over one interval, as p2sd measured it. */
#pragma once

#include <glib-object.h>

typedef enum P2sDirection {
        P2S_OUTGOING,
        P2S_INCOMING,
        P2S_N_DIRECTIONS,
} P2sDirection;

/* In the order of the bus. */
typedef enum P2sClass {
        P2S_VOICE,
        P2S_VIDEO,
        P2S_GENERAL,
        P2S_N_CLASSES,
} P2sClass;

typedef struct P2sFigures {
        guint64 bitrate_bps;
        guint64 packets;
        guint64 drops; /* by p2sd's own queue */
        guint64 lost;  /* RFC 3550 A.3 */
        guint64 jitter_usec;
        guint64 backlog_bytes;
} P2sFigures;

#define P2S_TYPE_SAMPLE (p2s_sample_get_type())
G_DECLARE_FINAL_TYPE(P2sSample, p2s_sample, P2S, SAMPLE, GObject)

/* Never changed once it is in a series, hence open to read. */
struct _P2sSample {
        GObject parent_instance;
        GRefString *link;
        GRefString *mode;
        guint64 time_usec; /* end of the interval, CLOCK_MONOTONIC */
        guint64 interval_usec;
        guint calls;
        gboolean after_gap; /* nothing is known of the time before the interval */
        P2sFigures figures[P2S_N_DIRECTIONS][P2S_N_CLASSES];
};

/* All figures 0; the caller fills them in before it hands the sample on. */
P2sSample *p2s_sample_new(const char *link, guint64 time_usec, guint64 interval_usec,
                          const char *mode, guint calls);

/* ms; NaN where no packet of the class passed. */
double p2s_sample_jitter(const P2sSample *self, P2sDirection direction, P2sClass class);
