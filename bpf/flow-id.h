/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow's place in the table, as the programs and p2sd both compute it. */
#pragma once

#include "p2s-abi.h"

#define FLOW_ID_SECRETS 8

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

/* The place of the flow with this key; ipv4: its addresses are mapped ones. */
static inline __attribute__((always_inline)) struct p2s_flow_id
flow_id_of(const volatile __u32 secret[FLOW_ID_SECRETS], const struct p2s_flow_key *key, int ipv4)
{
        int incoming = key->direction == P2S_INCOMING;
        __u32 source[4], dest[4];
        struct p2s_flow_id id;

        __builtin_memcpy(source, incoming ? key->remote : key->local, sizeof(source));
        __builtin_memcpy(dest, incoming ? key->local : key->remote, sizeof(dest));
        id.hosts = ipv4 ? flow_id_ipv4(source[3], dest[3]) : flow_id_ipv6(secret, source, dest);
        id.ports = incoming ? flow_id_ports(key->remote_port, key->local_port)
                            : flow_id_ports(key->local_port, key->remote_port);
        id.ssrc = flow_id_ssrc(key->ssrc, key->direction);
        return id;
}
