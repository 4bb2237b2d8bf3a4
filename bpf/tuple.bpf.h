/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a 5-tuple: whether STUN opened it, whether a call is on it, and
 * the last few packets on it that looked like the first of a stream. */
#pragma once

#include "flow-table.bpf.h"
#include "source.bpf.h"

#define TUPLES_MAX       4096
#define TUPLE_CANDIDATES 8 /* audio, video and retransmissions both ways begin at once */
#define TUPLE_STUN_NS    60000000000ULL /* consent is renewed every 5 s (RFC 7675) */
#define TUPLE_CALL_NS    10000000000ULL /* as long as a call lives without packets */

/* One RTP-shaped packet that may be the first of a flow. */
struct candidate {
        __u64 arrival_ns; /* 0 = free */
        __u32 bytes;
        struct rtp rtp;
        __u8 direction;
        __u8 reserved[3];
};

struct tuple_state {
        __u64 stun_ns; /* when STUN with the magic cookie was last seen; 0 = never */
        __u64 call_ns; /* when a confirmed flow was, to about a second; 0 = never */
        __u32 next;    /* slot to be overwritten */
        __u32 rule;    /* enum p2s_rule that confirmed the last flow */
        struct candidate candidates[TUPLE_CANDIDATES];
};

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, TUPLES_MAX);
        __type(key, struct p2s_flow_key);
        __type(value, struct tuple_state);
} tuples SEC(".maps");

static const struct tuple_state tuple_zero;

/* These two are functions so that their keys are on the stack no longer than they run. */
static __attribute__((noinline)) struct tuple_state *tuple_find(const struct p2s_flow_key *key)
{
        struct p2s_flow_key tuple = flow_key_tuple(key);

        return bpf_map_lookup_elem(&tuples, &tuple);
}

/* Only after source_allows(). */
static __attribute__((noinline)) struct tuple_state *tuple_new(const struct p2s_flow_key *key)
{
        struct p2s_flow_key tuple = flow_key_tuple(key);

        (void)bpf_map_update_elem(&tuples, &tuple, &tuple_zero, BPF_ANY);
        return bpf_map_lookup_elem(&tuples, &tuple);
}

static __always_inline bool tuple_has_stun(const struct tuple_state *t, __u64 now)
{
        return t && t->stun_ns && now - t->stun_ns < TUPLE_STUN_NS;
}

static __always_inline bool tuple_has_call(const struct tuple_state *t, __u64 now)
{
        return t && t->call_ns && now - t->call_ns < TUPLE_CALL_NS;
}
