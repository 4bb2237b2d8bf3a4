/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet at a link that forwards, before an skb is made of it.
 *
 * Here it is marked and no more: p2s_ingress sees it next, and counts and measures it once.
 * What a packet is follows from the port rules and from what p2s_ingress found out by the
 * packets before it, so the one that confirms a call is the last without a mark.  A DSCP that
 * is trusted is as good a mark as ours and stays. */
#pragma once

#include <linux/bpf.h>

#include "detect.bpf.h"
#include "mark.bpf.h"
#include "sight.bpf.h"
#include "totals.bpf.h"
#include "walk.bpf.h"

/* Below 0 where it has no addresses. */
BPF_FUNCTION int arrive_key(struct xdp_md *xdp, struct look *l)
{
        return l ? look_key(FRAME_XDP(xdp), l) : -1;
}

/* Whether it goes with a call: STUN, DTLS, RTCP. */
static __always_inline bool arrive_goes_along(struct xdp_md *xdp, const struct packet *p,
                                              const struct verdict *v, const struct sight *found)
{
        struct look *l = look_at(p, P2S_INCOMING, v, found);

        if (!l || arrive_key(xdp, l) < 0)
                return false;
        return tuple_has_call(tuple_find(&l->key), bpf_ktime_get_ns());
}

/* The class of one that no port rule names. */
static __always_inline __u8 arrive_detected(struct xdp_md *xdp, const struct packet *p,
                                            const struct verdict *v, const struct sight *found,
                                            const struct flow_state *s)
{
        if (!settings.detect || found->kind == PAYLOAD_OTHER)
                return P2S_CLASS_NONE;
        if (found->kind == PAYLOAD_RTP)
                return s && s->detected ? s->media : P2S_CLASS_NONE;
        return arrive_goes_along(xdp, p, v, found) ? P2S_CLASS_VOICE : P2S_CLASS_NONE;
}

static __always_inline bool arrive_write(struct xdp_md *xdp, const struct packet *p, __u8 dscp)
{
        const struct frame *f = FRAME_XDP(xdp);

        if (mark_is_here(f, p))
                return mark_here(f, dscp);
        return mark_by_helper_xdp(xdp, p->l3, p->version, dscp) >= 0;
}

static __always_inline int arrive(struct xdp_md *xdp)
{
        const struct frame *f = FRAME_XDP(xdp);
        struct flow_state *s = NULL;
        struct p2s_total *total;
        struct verdict v = {};
        struct packet p;
        struct sight l;
        __u8 dscp;

        walk_or_parse(f, &p);
        if (!p.l4 || p.proto != IPPROTO_UDP || !sight_udp(f, &p, P2S_INCOMING, p.payload, &v, &l))
                return XDP_PASS;
        if (v.rule == P2S_RULE_PORT || l.kind == PAYLOAD_RTP)
                s = flow_find(&l.id);
        if (v.rule != P2S_RULE_PORT)
                v.class = arrive_detected(xdp, &p, &v, &l, s);
        if (!mark_wanted(&p, v.class, &dscp) || !arrive_write(xdp, &p, dscp))
                return XDP_PASS;
        if (s)
                s->came = FLOW_CAME | p.dscp;
        total = total_of(P2S_INCOMING, v.class);
        if (total)
                total->marks++;
        return XDP_PASS;
}
