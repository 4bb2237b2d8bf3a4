/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up traffic of a made-up link: a voice and video call that runs all the
 * time, a telephone call that comes and goes, and bulk traffic beside them.
 * Figures vary slowly, and shaping makes them better.  Pure but for `now`. */
#pragma once

#include "kernel.h"

#define FAKE_FLOWS 6

struct fake_flow {
        struct kernel_flow at;
        double per_second;  /* packets */
        double bytes;       /* of one packet, from the IP header on */
        uint64_t on_usec;   /* how long it runs … */
        uint64_t off_usec;  /* … and then does not; 0: runs on */
        uint64_t phase;     /* which of its runs this is */
        double packets_due; /* fractions carried over */
        double lost_due;
        bool known; /* is in the table */
};

struct fake_traffic {
        uint64_t start_usec;
        uint64_t last_usec; /* 0: not begun */
        struct fake_flow flows[FAKE_FLOWS];
        struct p2s_totals totals;
        struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        double bulk_due[_P2S_DIRECTION_MAX];
};

/* seed: any number; tells the addresses of one link's calls from another's. */
void fake_traffic_init(struct fake_traffic *t, unsigned seed);

/* Lets it run until now under what is in force: nothing counts unless the plan
 * classifies.  Times are CLOCK_MONOTONIC, µs. */
void fake_traffic_run(struct fake_traffic *t, const struct link_plan *plan,
                      const struct p2s_settings *settings, uint64_t now);

int fake_traffic_flows(const struct fake_traffic *t, struct kernel_flow **ret, size_t *ret_n);
/* -ENOENT */
int fake_traffic_forget(struct fake_traffic *t, const struct p2s_flow_key *key);
