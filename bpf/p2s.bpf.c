// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs of one link: parse, classify, measure, count, mark.
 *
 * Those of tc return TC_ACT_UNSPEC whatever they find, so that what else is on the hook
 * still runs, and so that no fault of theirs can drop a packet. */
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "p2s-abi.h"
#include "parse.bpf.h"
#include "walk.bpf.h"
#include "classify.bpf.h"
#include "rtcp.bpf.h"
#include "segments.bpf.h"
#include "mark.bpf.h"
#include "announce.bpf.h"
#include "tag.bpf.h"
#include "sight.bpf.h"
#include "totals.bpf.h"
#include "arrive.bpf.h"

/* Tests that replay a capture give each packet its own arrival time; while this
 * is 0 the verifier removes the question. */
const volatile __u8 test_clock = 0;

static __always_inline __u64 arrival(const struct __sk_buff *skb)
{
        return test_clock ? skb->tstamp : bpf_ktime_get_ns();
}

/* The short way of an RTP packet whose flow is there and needs no detecting any more, and
 * of one that is not worth detecting; false = it is neither. */
static __always_inline bool measure_known(const struct __sk_buff *skb, const struct packet *p,
                                          enum p2s_direction direction,
                                          const struct p2s_flow_id *id, const struct rtp *rtp,
                                          __u32 bytes, struct verdict *v)
{
        struct flow_state *s = flow_find(id);
        __u64 now;

        if (!s)
                return v->class < P2S_CLASS_VIDEO && alien_known(id);
        if (v->rule != P2S_RULE_PORT) {
                if (!settings.detect)
                        return false;
                if (!s->detected)
                        return v->class < P2S_CLASS_VIDEO && detect_is_hopeless(s, rtp);
                v->class = s->media;
                v->rule = s->detected;
        }
        now = arrival(skb);
        measure_packet(s, rtp, bytes, now);
        if (v->rule != P2S_RULE_PORT && now - s->window_ns >= DETECT_WINDOW_NS)
                (void)detect_judge(s, now);
        measure_name(s, direction, p->dscp, v);
        return true;
}

/* Below 0 where it has no addresses. */
BPF_FUNCTION int measure_key(struct __sk_buff *skb, struct look *l)
{
        return l ? look_key(FRAME_SKB(skb), l) : -1;
}

/* The long way: flows that begin, what goes with a call, super-packets.  Always 0. */
BPF_FUNCTION int measure_slow(struct __sk_buff *skb, struct look *l)
{
        if (!l || measure_key(skb, l) < 0)
                return 0;
        l->now = arrival(skb);
        if (l->known) {
                /* measured already, but for its other segments */
        } else if (l->verdict.rule != P2S_RULE_PORT && settings.detect && l->kind == PAYLOAD_RTP) {
                l->key.ssrc = l->rtp.ssrc;
                (void)detect_rtp(l);
        } else {
                if (l->verdict.rule != P2S_RULE_PORT && l->kind != PAYLOAD_OTHER && settings.detect)
                        (void)detect_companion(l);
                if (l->kind == PAYLOAD_RTP)
                        l->key.ssrc = l->rtp.ssrc;
                if (l->verdict.class >= P2S_CLASS_VIDEO)
                        (void)measure_ruled(l);
        }
        if (l->kind == PAYLOAD_RTCP && l->segments == 1)
                (void)rtcp_read(skb, l);
        if (l->segments > 1 && l->kind == PAYLOAD_RTP)
                (void)segments_measure(skb, l);
        return 0;
}

/* The way there. */
static __always_inline void measure_else(struct __sk_buff *skb, const struct packet *p,
                                         enum p2s_direction direction, struct verdict *v,
                                         const struct sight *found)
{
        struct look *l = look_at(p, direction, v, found);

        if (!l)
                return;
        (void)measure_slow(skb, l);
        *v = l->verdict;
}

/* All that is asked of one, and what follows from it. */
static __always_inline void classify_udp(struct __sk_buff *skb, const struct packet *p,
                                         enum p2s_direction direction, struct verdict *v)
{
        __u32 first = p->payload;
        struct sight l;

        /* Of a super-packet the first segment is looked at here; the others follow. */
        if (__builtin_expect(p->segments > 1 && skb->gso_size < p->payload, 0))
                first = skb->gso_size;
        if (!sight_udp(FRAME_SKB(skb), p, direction, first, v, &l))
                return;
        if (l.kind == PAYLOAD_RTP) {
                if (__builtin_expect(first != p->payload, 0))
                        l.bytes = p->l4 + (__u32)sizeof(struct udphdr) - p->l3 + first;
                l.known = measure_known(skb, p, direction, &l.id, &l.rtp, l.bytes, v);
        }
        if (!l.known || __builtin_expect(p->segments > 1, 0))
                measure_else(skb, p, direction, v, &l);
        announce_call(skb, v, l.kind);
}

static __always_inline int run(struct __sk_buff *skb, enum p2s_direction direction)
{
        enum p2s_queue queue = P2S_QUEUE_GENERAL;
        struct verdict v = {};
        struct p2s_total *total;
        struct packet p;

        walk_or_parse(FRAME_SKB(skb), &p);
        if (direction == P2S_OUTGOING)
                queue = tag_read(skb);
        /* a tunnel's own packet says nothing else, and was counted in its class before */
        if (__builtin_expect(queue == P2S_QUEUE_GENERAL, 1)) {
                if (p.l4 && p.proto == IPPROTO_UDP)
                        classify_udp(skb, &p, direction, &v);
                else
                        classify_dscp(&p, direction, &v);
                queue = classify_queue(&p, &v);
        }
        mark_priority(skb, direction, queue);
        if (direction == P2S_OUTGOING)
                tag_write(skb, queue);

        total = total_of(direction, v.class);
        if (!total)
                return TC_ACT_UNSPEC;
        total->packets += p.segments;
        total->bytes += p.bytes;
        if (direction == P2S_OUTGOING)
                mark_dscp(skb, &p, &v, total);
        return TC_ACT_UNSPEC;
}

SEC("tc")
int p2s_egress(struct __sk_buff *skb)
{
        return run(skb, P2S_OUTGOING);
}

SEC("tc")
int p2s_ingress(struct __sk_buff *skb)
{
        return run(skb, P2S_INCOMING);
}

/* Attached to links that forward: writes the DSCP of packets of calls before an skb is made of
 * them.  Whatever it finds, the packet goes on. */
SEC("xdp.frags")
int p2s_xdp(struct xdp_md *xdp)
{
        return arrive(xdp);
}

/* The same for where it stands behind the driver.  From Linux 6.9 on, a packet that a program
 * for frames in several parts looks at there is a copy that has lost its mac_len, and no
 * program of tc's finds the headers any more (skb_pp_cow_data() in net/core/skbuff.c). */
SEC("xdp")
int p2s_xdp_generic(struct xdp_md *xdp)
{
        return arrive(xdp);
}

/* Not attached: the two on clsact end in them. */
SEC("tc")
int p2s_mark_video(struct __sk_buff *skb)
{
        return mark_directly(skb, P2S_CLASS_VIDEO);
}

SEC("tc")
int p2s_mark_voice(struct __sk_buff *skb)
{
        return mark_directly(skb, P2S_CLASS_VOICE);
}

char LICENSE[] SEC("license") = "GPL";
