/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of our tables one far host may fill.
 *
 * A flood of what looks like RTP makes entries at the rate of a token bucket, no
 * faster, so it cannot push out what others have there.  An SFU with dozens of
 * streams begins them at once: hence the burst. */
#pragma once

#include "flow-key.bpf.h"

#define SOURCES_MAX   1024
#define SOURCE_BURST  512
#define SOURCE_REFILL 26 /* one entry each 2^26 ns: 15 a second */

/* IPv4 whole; of IPv6 the /64, for whoever has one address there has all. */
struct source_key {
        __u32 prefix[4];
};

struct source_state {
        __u64 since; /* in units of 2^26 ns: when the bucket was last filled */
        __u64 used;
};

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, SOURCES_MAX);
        __type(key, struct source_key);
        __type(value, struct source_state);
} sources SEC(".maps");

/* Takes a token; 0 = this host has had its share for now. */
BPF_FUNCTION int source_allows(const struct p2s_flow_key *flow, int version, __u64 now)
{
        struct source_state *s, fresh = {.since = now >> SOURCE_REFILL, .used = 1};
        struct source_key key = {};
        const __u32 *remote;
        __u64 gained;

        if (!flow)
                return 0;
        remote = (const __u32 *)flow->remote;
        key.prefix[0] = remote[0];
        key.prefix[1] = remote[1];
        if (version == 4) {
                key.prefix[2] = remote[2];
                key.prefix[3] = remote[3];
        }
        s = bpf_map_lookup_elem(&sources, &key);
        if (!s)
                return bpf_map_update_elem(&sources, &key, &fresh, BPF_ANY) == 0;
        gained = (now >> SOURCE_REFILL) - s->since;
        s->since += gained;
        s->used = s->used > gained ? s->used - gained : 0;
        if (s->used >= SOURCE_BURST)
                return 0;
        s->used++;
        return 1;
}
