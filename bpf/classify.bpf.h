/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From facts and rules to a class.
 *
 * Rules in order of strength: the user's ports, detection, DSCP where it is
 * trusted.  A port rule that says general keeps the weaker ones away. */
#pragma once

#include "parse.bpf.h"

/* Both are mapped into p2sd, which writes them while packets pass: a byte is
 * either the old or the new one.  The ports are one map for all links. */
struct p2s_settings settings SEC(".data.settings") = {
        .dscp_write = {64, 64, 64, 64},
};
__u8 port_class[65536] SEC(".data.ports") = {};

struct verdict {
        __u8 class;
        __u8 rule;
};

/* In host byte order.  Linux 6.1 forgets that a swapped 16-bit number is one, and
 * the compiler would drop a mask that it knows to be of no use. */
static __always_inline __u64 classify_port(__be16 port)
{
        __u64 index = bpf_ntohs(port);

        asm volatile("%0 &= 0xffff" : "+r"(index));
        return index;
}

/* The stronger of what the two ports are named; no helper, no look-up. */
static __always_inline __u8 classify_ports(const struct packet *p)
{
        __u8 source = port_class[classify_port(p->source)] & 3;
        __u8 dest = port_class[classify_port(p->dest)] & 3;

        return source > dest ? source : dest;
}

static __always_inline void classify_dscp(const struct packet *p, enum p2s_direction direction,
                                          struct verdict *v)
{
        if (!p->version || !settings.dscp_trust[direction])
                return;
        v->class = settings.dscp_class[p->dscp & 63] & 3;
        v->rule = v->class ? P2S_RULE_DSCP : P2S_RULE_NONE;
}

static __always_inline enum p2s_queue classify_queue(const struct packet *p,
                                                     const struct verdict *v)
{
        if (v->class == P2S_CLASS_VOICE)
                return P2S_QUEUE_VOICE;
        if (v->class == P2S_CLASS_VIDEO)
                return P2S_QUEUE_VIDEO;
        return p->just_ack ? P2S_QUEUE_ACK : P2S_QUEUE_GENERAL;
}
