/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow's place in the table, as the programs and p2sd both compute it. */
#pragma once

#include "p2s-abi.h"

#define FLOW_ID_SECRETS 12

/* A flow may be found by any way of its set; a set is one cache line.  There are twice as
 * many ways as flows, so that hardly ever more than 16 want to be in one set. */
#define FLOW_WAYS 16
#define FLOW_SETS (P2S_FLOWS_MAX * 2 / FLOW_WAYS)
/* The number of its entry is the lower end of a way; a tag of its hash, never 0, the rest. */
#define FLOW_ENTRY_MASK (P2S_FLOWS_MAX - 1U)

struct flow_set {
        __u32 way[FLOW_WAYS]; /* 0 = free */
} __attribute__((aligned(64)));

struct flow_index {
        struct flow_set sets[FLOW_SETS];
        __u32 used; /* entries that were ever taken: the first ones */
};

/* Where to look for one flow. */
struct flow_place {
        __u32 set;
        __u32 way; /* where to begin */
        __u32 tag;
};

/* 32 bytes of IPv6 addresses to 8: NH of UMAC (RFC 4418 section 5.2.2), whose products
 * do not wait for each other.  With a random secret, two pairs of hosts meet with a
 * probability of 2^-32, whoever chose their addresses. */
static inline __attribute__((always_inline)) __u64
flow_id_ipv6(const volatile __u32 secret[FLOW_ID_SECRETS], const __u32 source[4],
             const __u32 dest[4])
{
        __u64 sum = 0;

        for (__u32 i = 0; i < 4; i++)
                sum += (__u64)(source[i] + secret[2 * i]) * (__u64)(dest[i] + secret[2 * i + 1]);
        return sum;
}

static inline __attribute__((always_inline)) __u64 flow_id_ipv4(__u32 source, __u32 dest)
{
        return (__u64)source << 32 | dest;
}

/* One 5-tuple is not seen in both directions on one link but where packets turn round. */
static inline __attribute__((always_inline)) __u32 flow_id_ssrc(__u32 ssrc, __u32 direction)
{
        return direction == P2S_INCOMING ? ~ssrc : ssrc;
}

/* Source and destination port as they stand in the header. */
static inline __attribute__((always_inline)) __u32 flow_id_ports(__u16 source, __u16 dest)
{
        return (__u32)source << 16 | dest;
}

/* NH again, and a step that lets its lower half have a say in the upper: nobody who does not
 * know the secret can choose flows that are in each other's way. */
static inline __attribute__((always_inline)) struct flow_place
flow_id_place(const volatile __u32 secret[FLOW_ID_SECRETS], const struct p2s_flow_id *id)
{
        __u64 h = (__u64)((__u32)id->hosts + secret[8]) *
                  (__u64)((__u32)(id->hosts >> 32) + secret[9]);

        h += (__u64)(id->ports + secret[10]) * (__u64)(id->ssrc + secret[11]);
        h = (h ^ h >> 32) * 0x9e3779b97f4a7c15ULL;
        return (struct flow_place){
                .set = (__u32)(h >> 48) % FLOW_SETS,
                .way = (__u32)(h >> 60),
                .tag = ((__u32)(h >> 16) | P2S_FLOWS_MAX) & ~FLOW_ENTRY_MASK,
        };
}

/* The id of the flow with this key; ipv4: its addresses are mapped ones. */
static inline __attribute__((always_inline)) struct p2s_flow_id
flow_id_of(const volatile __u32 secret[FLOW_ID_SECRETS], const struct p2s_flow_key *key, int ipv4)
{
        int incoming = key->direction == P2S_INCOMING;
        const __u32 *source = (const void *)(incoming ? key->remote : key->local);
        const __u32 *dest = (const void *)(incoming ? key->local : key->remote);
        struct p2s_flow_id id;

        id.hosts = ipv4 ? flow_id_ipv4(source[3], dest[3]) : flow_id_ipv6(secret, source, dest);
        id.ports = incoming ? flow_id_ports(key->remote_port, key->local_port)
                            : flow_id_ports(key->local_port, key->remote_port);
        id.ssrc = flow_id_ssrc(key->ssrc, key->direction);
        return id;
}

_Static_assert(sizeof(struct flow_set) == 64, "one cache line");
_Static_assert(FLOW_SETS <= 4096, "the bits of the hash that a set is chosen by");
