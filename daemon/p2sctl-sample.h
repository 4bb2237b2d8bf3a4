/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sample as it crosses the bus: the signal's arguments, or a row of GetHistory. */
#pragma once

#include <time.h>

#include "p2sctl-value.h"

#define SAMPLE_CLASSES 3 /* voice, video, general */
#define SAMPLE_VOICE   0

struct sample_figures {
        uint64_t bitrate_bps;
        uint64_t packets;
        uint64_t drops;
        uint64_t lost;
        uint64_t jitter_usec;
        uint64_t backlog_bytes;
};

enum sample_direction {
        SAMPLE_OUTGOING,
        SAMPLE_INCOMING,
        _SAMPLE_DIRECTION_MAX,
};

struct ctl_sample {
        const char *link; /* belong to the value */
        const char *mode;
        uint64_t time_usec; /* CLOCK_MONOTONIC */
        uint64_t interval_usec;
        uint64_t calls;
        struct sample_figures figures[_SAMPLE_DIRECTION_MAX][SAMPLE_CLASSES];
};

extern const char *const sample_class_names[SAMPLE_CLASSES];
extern const char *const sample_direction_names[_SAMPLE_DIRECTION_MAX];

/* Reads one.  -EBADMSG: not a sample. */
int sample_read(const Value *row, struct ctl_sample *ret);

/* Names the fields of a row, or of an array of rows, for JSON; each of the six
 * lots of figures says its Class.  -ENOMEM. */
int sample_name(Value *rows);

/* The colour of jitter, µs: what an ordinary jitter buffer takes up unheard, what
 * it takes up at the price of delay, and what it does not. */
const char *sample_jitter_paint(uint64_t jitter_usec);

/* The time of day of a point in CLOCK_MONOTONIC, "14:03:22". */
#define SAMPLE_TIME_MAX 16
void sample_format_time(char buf[static SAMPLE_TIME_MAX], uint64_t time_usec);
