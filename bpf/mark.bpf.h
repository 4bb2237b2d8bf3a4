/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the DSCP and the priority.
 *
 * The bytes go through bpf_skb_store_bytes rather than a direct write: with one
 * direct write anywhere, the kernel would un-share every cloned skb (each TCP
 * segment) before the program begins.  Packet pointers are void after it, so
 * marking comes last. */
#pragma once

#include "classify.bpf.h"

#define ECN_MASK 3

/* RFC 1624, equation 3, for one 16-bit word that changed.  Both are in network
 * byte order, where one's complement sums hold as well (RFC 1071 section 2 B). */
static __always_inline __u16 mark_checksum(__u16 check, __u16 old, __u16 new)
{
        __u32 sum = (__u16)~check + (__u16)~old + new;

        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (__u16)~sum;
}

/* Version to checksum go in one write: a reader never sees half of it. */
static __always_inline int mark_ipv4(struct __sk_buff *skb, const struct packet *p, __u8 dscp)
{
        __be16 header[6], before;

        if (parse_load(skb, p->l3, header, sizeof(header)) < 0)
                return -1;
        before = header[0];
        header[0] = (before & bpf_htons(0xff00 | ECN_MASK)) | bpf_htons((__u16)(dscp << 2));
        header[5] = mark_checksum(header[5], before, header[0]);
        return (int)bpf_skb_store_bytes(skb, p->l3, header, sizeof(header), 0);
}

/* The traffic class is the low half of the first byte and the high half of the
 * second.  No checksum covers it but the one that a driver may have computed
 * over the whole frame, hence the flag. */
static __always_inline int mark_ipv6(struct __sk_buff *skb, const struct packet *p, __u8 dscp)
{
        __be16 word;

        if (parse_load(skb, p->l3, &word, sizeof(word)) < 0)
                return -1;
        word = (word & bpf_htons(0xf03f)) | bpf_htons((__u16)(dscp << 6));
        return (int)bpf_skb_store_bytes(skb, p->l3, &word, sizeof(word), BPF_F_RECOMPUTE_CSUM);
}

/* Returns how many packets were rewritten: 0, or the segments of this one. */
static __always_inline __u32 mark_dscp(struct __sk_buff *skb, const struct packet *p,
                                       const struct verdict *v)
{
        __u8 dscp;
        int r;

        if (v->class < P2S_CLASS_VIDEO || !p->version)
                return 0;
        dscp = settings.dscp_write[v->class & 3];
        if (dscp > 63 || dscp == p->dscp)
                return 0;
        r = p->version == 4 ? mark_ipv4(skb, p, dscp) : mark_ipv6(skb, p, dscp);
        return r == 0 ? p->segments : 0;
}

static __always_inline void mark_priority(struct __sk_buff *skb, enum p2s_direction direction,
                                          enum p2s_queue queue)
{
        __u32 priority = settings.priority[direction][queue];

        if (priority)
                skb->priority = priority;
}
