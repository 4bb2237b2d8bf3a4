/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows to make calls of, and what a table of calls told of them. */
#pragma once

#include "call-table.h"
#include "test.h"

#define SEC  NSEC_PER_SEC
#define LINK 3u

/* What the handler was told. */
struct told {
        uint32_t added[16], removed[16], removed_flows[16];
        size_t n_added, n_removed, n_forgotten;
        uint32_t forgotten_ssrc;
        const CallTable *table;
};

static inline void on_added(const struct call *call, void *userdata)
{
        struct told *t = userdata;

        assert_int_equal(call->n_flows, 1);
        if (t->n_added < ELEMENTSOF(t->added))
                t->added[t->n_added] = call->id;
        t->n_added++;
}

static inline void on_removed(const struct call *call, void *userdata)
{
        struct told *t = userdata;
        const struct call_flow *f = NULL;
        uint32_t n = 0;

        while ((f = call_table_next_flow(t->table, call, f)))
                n++;
        assert_int_equal(n, call->n_flows);
        if (t->n_removed < ELEMENTSOF(t->removed)) {
                t->removed[t->n_removed] = call->id;
                t->removed_flows[t->n_removed] = n;
        }
        t->n_removed++;
}

static inline void on_forget(unsigned link, const struct p2s_flow_key *key, void *userdata)
{
        struct told *t = userdata;

        t->n_forgotten++;
        t->forgotten_ssrc = key->ssrc;
}

static inline CallTable *new_table(struct told *told, struct call_table_handler *handler)
{
        static const uint8_t seed[16] = {1, 2, 3};
        CallTable *t = NULL;

        assert_int_equal(call_table_new(seed, &t), 0);
        *told = (struct told){.table = t};
        *handler = (struct call_table_handler){on_added, on_removed, on_forget, told};
        return t;
}

/* A flow of 50 packets/s without loss that began at begin_s and was last seen at
 * last_s. */
static inline struct kernel_flow flow(uint8_t peer, uint32_t ssrc, enum p2s_direction direction,
                                      enum p2s_class class, uint64_t begin_s, uint64_t last_s)
{
        uint32_t packets = (uint32_t)(last_s - begin_s) * 50 + 1;

        return (struct kernel_flow){
                .key = {.local = {[15] = 1},
                        .remote = {[15] = peer},
                        .local_port = 1000,
                        .remote_port = 2000,
                        .ssrc = ssrc,
                        .direction = (uint8_t)direction},
                .flow = {.first_ns = begin_s * SEC,
                         .last_ns = last_s * SEC,
                         .packets = packets,
                         .bytes = UINT64_C(200) * packets,
                         .received = packets,
                         .base_ext_seq = 1,
                         .max_ext_seq = packets,
                         .class = (uint8_t) class},
        };
}
