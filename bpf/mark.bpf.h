/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the DSCP and the priority.
 *
 * With one direct write anywhere in a program, the kernel un-shares every cloned skb (each
 * TCP segment) before it begins.  So the programs on the hook write by a helper, or jump
 * to a program of its own that writes in place, which only packets of calls see: a tail
 * call and two stores cost a fifth of the helper.  Packet pointers are void after the
 * helper, and nobody returns from a tail call, so marking comes last. */
#pragma once

#include "classify.bpf.h"

#define ECN_MASK 3

/* In each link's own copy of the object: whether this machine's kernel takes tail calls
 * beside functions. */
const volatile __u8 mark_in_place = 1;

int p2s_mark_video(struct __sk_buff *skb);
int p2s_mark_voice(struct __sk_buff *skb);

/* By class.  The kernel empties it when the last descriptor of it is closed, though the
 * filters stay: the helper does it from then on. */
struct {
        __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        __uint(max_entries, _P2S_CLASS_MAX);
        __uint(key_size, sizeof(__u32));
        __array(values, int(struct __sk_buff *));
} markers SEC(".maps") = {
        .values = {[P2S_CLASS_VIDEO] = &p2s_mark_video, [P2S_CLASS_VOICE] = &p2s_mark_voice},
};

/* RFC 1624, equation 3, for one 16-bit word that changed.  Both are in network
 * byte order, where one's complement sums hold as well (RFC 1071 section 2 B). */
static __always_inline __u16 mark_checksum(__u16 check, __u16 old, __u16 new)
{
        __u32 sum = (__u16)~check + (__u16)~old + new;

        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (__u16)~sum;
}

/* The first 12 bytes of an IPv4 header with another DSCP. */
static __always_inline void mark_ipv4_header(__be16 header[6], __u8 dscp)
{
        __be16 before = header[0];

        header[0] = (before & bpf_htons(0xff00 | ECN_MASK)) | bpf_htons((__u16)(dscp << 2));
        header[5] = mark_checksum(header[5], before, header[0]);
}

/* The first 2 bytes of an IPv6 header with another DSCP: the traffic class is the low half
 * of the first and the high half of the second. */
static __always_inline __be16 mark_ipv6_word(__be16 word, __u8 dscp)
{
        return (word & bpf_htons(0xf03f)) | bpf_htons((__u16)(dscp << 6));
}

/* Version to checksum go in one write: a reader never sees half of it. */
static __always_inline int mark_ipv4(const struct frame *f, __u32 l3, __u8 dscp)
{
        __be16 header[6];

        if (frame_load(f, l3, header, sizeof(header)) < 0)
                return -1;
        mark_ipv4_header(header, dscp);
        return frame_store(f, l3, header, sizeof(header), 0);
}

/* No checksum covers it but the one that a driver may have computed over the whole frame,
 * hence the flag. */
static __always_inline int mark_ipv6(const struct frame *f, __u32 l3, __u8 dscp)
{
        __be16 word;

        if (frame_load(f, l3, &word, sizeof(word)) < 0)
                return -1;
        word = mark_ipv6_word(word, dscp);
        return frame_store(f, l3, &word, sizeof(word), BPF_F_RECOMPUTE_CSUM);
}

/* Wherever the header is; below 0 where it cannot be written. */
static __always_inline int mark_anywhere(const struct frame *f, __u32 l3, int version, __u32 dscp)
{
        return version == 4 ? mark_ipv4(f, l3, (__u8)dscp) : mark_ipv6(f, l3, (__u8)dscp);
}

BPF_FUNCTION int mark_by_helper(struct __sk_buff *skb, __u32 l3, int version, __u32 dscp)
{
        return mark_anywhere(FRAME_SKB(skb), l3, version, dscp);
}

BPF_FUNCTION int mark_by_helper_xdp(struct xdp_md *xdp, __u32 l3, int version, __u32 dscp)
{
        return mark_anywhere(FRAME_XDP(xdp), l3, version, dscp);
}

/* The IP header where it nearly always is, in place; NULL = it is elsewhere. */
static __always_inline __be16 *mark_place(const struct frame *f)
{
        __u32 l3 = link_ethernet ? sizeof(struct ethhdr) : 0;
        void *ip = frame_start(f) + l3;

        return ip + sizeof(struct iphdr) <= frame_end(f) ? ip : NULL;
}

/* Writes it there; false = that is not where it is. */
static __always_inline bool mark_here(const struct frame *f, __u8 dscp)
{
        __be16 *ip = mark_place(f), before;

        if (!ip)
                return false;
        before = *ip;
        if (bpf_ntohs(before) >> 12 == 4) {
                mark_ipv4_header(ip, dscp);
        } else {
                *ip = mark_ipv6_word(before, dscp);
                if (!f->xdp)
                        (void)bpf_csum_update(f->ctx, (__u16)~before + (__u32)*ip);
        }
        return true;
}

/* What the programs in `markers` do, to a packet that mark_dscp() has looked at. */
static __always_inline int mark_directly(struct __sk_buff *skb, enum p2s_class class)
{
        (void)mark_here(FRAME_SKB(skb), settings.dscp_write[class] & 63);
        return TC_ACT_UNSPEC;
}

/* Whether the packet, of this class, should have another DSCP, and which. */
static __always_inline bool mark_wanted(const struct packet *p, __u8 class, __u8 *ret)
{
        if (class < P2S_CLASS_VIDEO || !p->version)
                return false;
        *ret = settings.dscp_write[class & 3];
        return *ret <= 63 && *ret != p->dscp;
}

/* Whether the header is where mark_here() writes. */
static __always_inline bool mark_is_here(const struct frame *f, const struct packet *p)
{
        return p->l3 == (link_ethernet ? sizeof(struct ethhdr) : 0) && mark_place(f);
}

/* Writes the class's DSCP where it is not there yet, and counts; may not return. */
static __always_inline void mark_dscp(struct __sk_buff *skb, const struct packet *p,
                                      const struct verdict *v, struct p2s_total *total)
{
        __u8 dscp;

        if (!mark_wanted(p, v->class, &dscp))
                return;
        total->marks += p->segments;
        if (mark_in_place && mark_is_here(FRAME_SKB(skb), p)) {
                /* Each index a constant: the kernel then makes a plain jump of it. */
                if (v->class == P2S_CLASS_VOICE)
                        bpf_tail_call_static(skb, &markers, P2S_CLASS_VOICE);
                else
                        bpf_tail_call_static(skb, &markers, P2S_CLASS_VIDEO);
        }
        if (mark_by_helper(skb, p->l3, p->version, dscp) < 0)
                total->marks -= p->segments;
}

static __always_inline void mark_priority(struct __sk_buff *skb, enum p2s_direction direction,
                                          enum p2s_queue queue)
{
        __u32 priority = settings.priority[direction][queue];

        if (priority)
                skb->priority = priority;
}
