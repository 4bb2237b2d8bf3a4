/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which flows make which call; when calls begin and end.
 *
 * Fed with each poll's flows.  A call begins with a flow of RTP in class voice
 * or video, takes in every such flow of its 5-tuple, both directions, and ends
 * after 10 s without a packet in any of them. */
#pragma once

#include "call-quality.h"
#include "kernel.h"

#define CALL_TABLE_CALLS_MAX 4096
#define CALL_SILENCE_NSEC    (10 * NSEC_PER_SEC)
#define FLOW_FORGET_NSEC     (60 * NSEC_PER_SEC)

typedef struct CallTable CallTable;

/* Times are CLOCK_MONOTONIC, ns. */
struct call {
        uint32_t id; /* never 0; not used again until 2^32 others began */
        unsigned link;
        struct p2s_flow_key key; /* addresses and ports; ssrc, direction are 0 */
        uint64_t begin_ns;       /* first packet seen of it */
        uint64_t last_ns;        /* last packet of its RTP */
        uint32_t n_flows;
};

struct call_flow {
        struct p2s_flow_key key;
        struct p2s_flow flow;
        uint64_t bitrate_bps; /* over the last second, 0.5 … 1 s where polled faster */
        struct spread spread; /* of the bitrate, bit/s, by such intervals of 0.5 s or more */
};

/* Sums of a class in one direction that never go down but where lost does, so
 * that any two snapshots make an interval. */
struct call_sums {
        int64_t lost;
        uint64_t jitter_sum_ns; /* J after each packet */
        uint64_t jitter_packets;
};

struct call_figures {
        struct call_sums of[_P2S_DIRECTION_MAX][_P2S_CLASS_MAX];
};

/* Told while call_table_update() or call_table_drop_link() runs; these must not
 * call back into the table, but to walk the flows of their call.  Any may be NULL. */
struct call_table_handler {
        void (*added)(const struct call *call, void *userdata);
        /* The call's flows can still be walked. */
        void (*removed)(const struct call *call, void *userdata);
        /* Silent for 60 s: the kernel's table can do without it. */
        void (*forget)(unsigned link, const struct p2s_flow_key *key, void *userdata);
        void *userdata;
};

/* seed: random, so that nobody can choose addresses that collide in our hash. */
int call_table_new(const uint8_t seed[static 16], CallTable **ret);
void call_table_free(CallTable *t);

/* Takes in one poll of a link: all flows that its kernel table holds now.  link
 * is any number the caller knows it by (its ifindex).  Flows of ssrc 0 are no
 * RTP: they count for forget alone.  1 where calls were left out because
 * CALL_TABLE_CALLS_MAX run, -ENOMEM with the table whole but this poll partly
 * taken in. */
int call_table_update(CallTable *t, unsigned link, const struct kernel_flow *flows, size_t n,
                      uint64_t now_ns, const struct call_table_handler *handler);

/* Ends every call of a link that p2sd let go, and forgets its flows and sums. */
void call_table_drop_link(CallTable *t, unsigned link, const struct call_table_handler *handler);

/* Sums of a link since it was first fed; zeroes for a link never seen. */
void call_table_figures(const CallTable *t, unsigned link, struct call_figures *ret);

/* Calls that run, on one link or (0) on all. */
uint32_t call_table_n_calls(const CallTable *t, unsigned link);

/* Walks: NULL begins, NULL ends.  Pointers hold until the next update or drop. */
const struct call *call_table_next_call(const CallTable *t, const struct call *prev);
const struct call_flow *call_table_next_flow(const CallTable *t, const struct call *call,
                                             const struct call_flow *prev);
/* NULL: no such call runs. */
const struct call *call_table_find(const CallTable *t, uint32_t id);

DEFINE_CLEANUP(CallTable *, call_table_free)
