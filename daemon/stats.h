/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals since the service started, over links that come and go. */
#pragma once

#include "kernel.h"

struct stats {
        uint64_t since_usec; /* CLOCK_MONOTONIC */
        /* of links and trees that are gone */
        struct p2s_totals totals;
        uint64_t drops[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        /* what GetStats counts from: the figures at the last reset */
        struct p2s_totals base_totals;
        uint64_t base_drops[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
};

void stats_add_totals(struct p2s_totals *to, const struct p2s_totals *from);
void stats_subtract_totals(struct p2s_totals *from, const struct p2s_totals *what);
