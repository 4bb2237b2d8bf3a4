/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP in a super-packet: a picture that was handed over as one (UDP GSO), or that came
 * in as one (GRO), is as many packets of its flow as it has segments. */
#pragma once

#include "detect.bpf.h"

#define SEGMENTS_MAX 128 /* UDP_MAX_SEGMENTS of newer kernels; older ones have 64 */

struct segments {
        struct __sk_buff *skb;
        struct look *look;
        __u32 at;   /* where the first payload begins */
        __u32 size; /* of each segment's payload but the last one's */
        __u32 left; /* bytes from the next one on */
        __u32 headers;
};

/* rtp_look(), off the stack by the time that its result is measured. */
BPF_FUNCTION int segments_look(struct __sk_buff *skb, struct look *l, __u32 at, __u32 size)
{
        return l ? (int)rtp_look(FRAME_SKB(skb), at, size, &l->rtp) : PAYLOAD_OTHER;
}

/* One more segment; 1 = that was all. */
static long segments_next(__u32 i, struct segments *g)
{
        struct look *l = g->look;
        struct flow_state *s;
        __u32 size = g->left < g->size ? g->left : g->size;

        if (segments_look(g->skb, l, g->at, size) != PAYLOAD_RTP)
                return 1;
        l->id.ssrc = flow_id_ssrc(l->rtp.ssrc, l->direction);
        s = flow_get(&l->id);
        if (!s)
                return 1;
        (void)measure_rtp(s, &l->rtp, g->headers + size, l->now);
        g->at += size;
        g->left -= size;
        return !g->left;
}

/* Measures all segments but the first, which made the class;
 * leaves l->rtp and l->id those of the last.  Always 0. */
BPF_FUNCTION int segments_measure(struct __sk_buff *skb, struct look *l)
{
        struct segments g = {.skb = skb, .look = l};

        if (!l)
                return 0;
        g.headers = l->at - l->l3;
        g.size = skb->gso_size;
        g.at = l->at + g.size;
        g.left = l->payload > g.size ? l->payload - g.size : 0;
        if (g.left)
                (void)bpf_loop(SEGMENTS_MAX, segments_next, &g, 0);
        return 0;
}
