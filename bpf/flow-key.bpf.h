/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who talks to whom: the key of a flow, and of the 5-tuple that it is in. */
#pragma once

#include <stddef.h>

#include "flow-id.h"
#include "parse.bpf.h"

/* Random numbers of p2sd; these are for tests. */
const volatile __u32 flow_secret[FLOW_ID_SECRETS] = {
        0x9e3779b9, 0x7f4a7c15, 0xbf58476d, 0x1ce4e5b9, 0x94d049bb, 0x133111eb,
        0x2545f491, 0x4f6cdd1d, 0x632be59b, 0xd9b4e019, 0xc2b2ae3d, 0x27d4eb4f,
};

/* Fills in all but the SSRC; -1 where the packet has no addresses to read. */
static __always_inline int flow_id_read(const struct frame *f, const struct packet *p,
                                        struct p2s_flow_id *ret)
{
        __be32 pair[8];

        if (p->version == 4) {
                if (parse_load(f, p->l3 + offsetof(struct iphdr, saddr), pair, 8) < 0)
                        return -1;
                ret->hosts = flow_id_ipv4(pair[0], pair[1]);
        } else {
                if (parse_load(f, p->l3 + offsetof(struct ipv6hdr, saddr), pair, 32) < 0)
                        return -1;
                ret->hosts = flow_id_ipv6(flow_secret, pair, pair + 4);
        }
        ret->ports = flow_id_ports(p->source, p->dest);
        return 0;
}

/* IPv4 in the disguise of IPv6, which no wire carries: its key would be that of the
 * IPv4 flow. */
static __always_inline bool flow_key_is_mapped(const __be32 *address)
{
        return !address[0] && !address[1] && address[2] == bpf_htonl(0xffff);
}

/* Fills in all but the SSRC, with the ports of the flow's id; -1 where the packet has no
 * addresses to read.  Both IP
 * versions have source and destination side by side. */
static __always_inline int flow_key_read(const struct frame *f, __u32 l3, __u8 version,
                                         __u8 direction, __u32 ports, struct p2s_flow_key *ret)
{
        bool outgoing = direction == P2S_OUTGOING;
        __u32 *source = (__u32 *)(outgoing ? ret->local : ret->remote);
        __u32 *dest = (__u32 *)(outgoing ? ret->remote : ret->local);
        __be32 pair[8];

        if (version == 4) {
                if (frame_load(f, l3 + offsetof(struct iphdr, saddr), pair, 8) < 0)
                        return -1;
                source[0] = source[1] = dest[0] = dest[1] = 0;
                source[2] = dest[2] = bpf_htonl(0xffff);
                source[3] = pair[0];
                dest[3] = pair[1];
        } else {
                if (frame_load(f, l3 + offsetof(struct ipv6hdr, saddr), pair, 32) < 0 ||
                    flow_key_is_mapped(pair) || flow_key_is_mapped(pair + 4))
                        return -1;
                __builtin_memcpy(source, pair, 16);
                __builtin_memcpy(dest, pair + 4, 16);
        }
        ret->local_port = (__u16)(outgoing ? ports >> 16 : ports);
        ret->remote_port = (__u16)(outgoing ? ports : ports >> 16);
        ret->ssrc = 0;
        ret->direction = direction;
        __builtin_memset(ret->reserved, 0, sizeof(ret->reserved));
        return 0;
}

/* The 5-tuple of a flow, both directions alike. */
static __always_inline struct p2s_flow_key flow_key_tuple(const struct p2s_flow_key *key)
{
        struct p2s_flow_key tuple = *key;

        tuple.ssrc = 0;
        tuple.direction = 0;
        return tuple;
}
