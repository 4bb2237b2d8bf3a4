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

/* One more segment; 1 = that was all. */
static long segments_next(__u32 i, struct segments *g)
{
        struct p2s_flow_id id = g->look->id;
        struct flow_state *s;
        struct rtp_header h;
        __u32 size = g->left < g->size ? g->left : g->size;
        struct rtp rtp;

        if (size < sizeof(h) || bpf_skb_load_bytes(g->skb, g->at, &h, sizeof(h)) < 0 ||
            h.flags >> 6 != 2 || rtp_read(&h, size, &rtp) != PAYLOAD_RTP)
                return 1;
        id.ssrc = flow_id_ssrc(rtp.ssrc, g->look->key.direction);
        s = bpf_map_lookup_elem(&flows, &id);
        if (!s)
                return 1;
        (void)measure_rtp(s, &rtp, g->headers + size, g->look->now);
        g->at += size;
        g->left -= size;
        return !g->left;
}

/* Measures all segments but the first, which made the class.  payload: where the first
 * begins and how much all have.  Always 0. */
BPF_FUNCTION int segments_measure(struct __sk_buff *skb, struct look *l, __u32 at, __u32 payload,
                                  __u32 headers)
{
        struct segments g = {.skb = skb, .look = l, .headers = headers};

        if (!l)
                return 0;
        g.size = skb->gso_size;
        g.at = at + g.size;
        g.left = payload > g.size ? payload - g.size : 0;
        if (g.left)
                (void)bpf_loop(SEGMENTS_MAX, segments_next, &g, 0);
        return 0;
}
