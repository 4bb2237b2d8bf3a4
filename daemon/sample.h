/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row of figures for one link over one interval. */
#pragma once

#include "call-table.h"
#include "kernel.h"
#include "names.h"

/* The three classes of a row, in the bus's order. */
enum sample_class {
        SAMPLE_VOICE,
        SAMPLE_VIDEO,
        SAMPLE_GENERAL, /* with what no rule named, and the ACK queue */
        _SAMPLE_CLASS_MAX,
};

struct sample_figures {
        uint64_t bitrate_bps; /* layer 3 */
        uint64_t packets;
        uint64_t drops;         /* by p2sd's queue */
        uint64_t lost;          /* RTP, never below 0 */
        uint64_t jitter_usec;   /* mean weighted by packets; 0 without one */
        uint64_t backlog_bytes; /* at the end of the interval */
};

struct sample {
        uint64_t time_usec; /* end of the interval, CLOCK_MONOTONIC */
        uint64_t interval_usec;
        enum mode mode;
        uint32_t calls;
        struct sample_figures figures[_P2S_DIRECTION_MAX][_SAMPLE_CLASS_MAX];
};

/* Everything that counts on a link, at one moment. */
struct sample_counters {
        uint64_t time_usec; /* CLOCK_MONOTONIC */
        struct p2s_totals totals;
        struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        struct call_figures calls;
};

/* The row between two moments.  A counter that went down began again at 0 (a
 * tree rebuilt, figures reset), so that its delta is what it stands at now. */
void sample_make(const struct sample_counters *prev, const struct sample_counters *cur,
                 enum mode mode, uint32_t calls, struct sample *ret);
