/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The call table's flows: what each did since the poll before. */
#pragma once

#include "call-table.h"
#include "pool.h"

struct flow_mark {
        uint64_t ns;
        uint64_t bytes;
};

struct flow_slot {
        struct pool_head head;
        struct call_flow public;
        struct flow_mark mark[2]; /* where the bitrate counts from, and where it will next */
        uint64_t silent_usec;     /* intervals without a byte, since the last one with some */
        unsigned link;
        uint32_t poll; /* that last saw it */
        uint32_t call; /* slot, or POOL_NONE: its call ended, or there are too many */
        uint32_t prev; /* of the same call */
        uint32_t next;
};

typedef struct FlowTable {
        uint8_t seed[16];
        Pool pool;
} FlowTable;

void flow_table_init(FlowTable *t, const uint8_t seed[static 16]);

static inline struct flow_slot *flow_table_at(const FlowTable *t, uint32_t i)
{
        return pool_at(&t->pool, i);
}

/* The hash of a key on a link, under the table's seed. */
uint64_t flow_table_hash(const FlowTable *t, unsigned link, const struct p2s_flow_key *key);

bool flow_key_equal(const struct p2s_flow_key *a, const struct p2s_flow_key *b);

/* Time since last_ns; 0 where that is later, as a packet may come after somebody
 * looked at the clock. */
uint64_t flow_idle_nsec(uint64_t last_ns, uint64_t now_ns);

/* RTP that some rule lifts out of general: what calls are made of. */
bool flow_makes_call(const struct kernel_flow *f);

/* Takes in what the kernel says of a flow: bitrate, and what it adds to the sums
 * of its class.  A flow not met before is added where it makes a call.  1 = in
 * the table as slot *ret, 0 = of no interest, -ENOMEM. */
int flow_table_take(FlowTable *t, unsigned link, const struct kernel_flow *f, uint32_t poll,
                    uint64_t now_ns, struct call_figures *figures, uint32_t *ret);
