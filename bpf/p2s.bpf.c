// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs of one link: parse, classify, measure, count, mark.
 *
 * They return TC_ACT_UNSPEC whatever they find, so that what else is on the hook
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
#include "segments.bpf.h"
#include "mark.bpf.h"

/* Tests that replay a capture give each packet its own arrival time; while this
 * is 0 the verifier removes the question. */
const volatile __u8 test_clock = 0;

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct p2s_totals);
} totals SEC(".maps");

/* The short way of an RTP packet whose flow is there and needs no detecting any more;
 * false = it is not one. */
static __always_inline bool measure_known(struct look *l)
{
        struct flow_state *s = bpf_map_lookup_elem(&flows, &l->key);

        if (!s)
                return false;
        if (l->rule != P2S_RULE_PORT) {
                if (!s->detected || !settings.detect)
                        return false;
                l->class = s->media;
                l->rule = s->detected;
        }
        measure_packet(s, &l->rtp, l->bytes, l->now);
        if (l->rule != P2S_RULE_PORT && l->now - s->window_ns >= DETECT_WINDOW_NS)
                (void)detect_judge(&l->key, s, l->now);
        s->facts.dscp = l->dscp;
        s->facts.class = l->class;
        s->facts.rule = l->rule;
        return true;
}

/* All that is asked of a UDP packet: its ports, what it carries, its flow. */
static __always_inline void classify_udp(struct __sk_buff *skb, const struct packet *p,
                                         enum p2s_direction direction, struct verdict *v)
{
        enum payload_kind kind = PAYLOAD_OTHER;
        struct look l = {};
        __u32 headers;

        v->class = classify_ports(p);
        v->rule = v->class ? P2S_RULE_PORT : P2S_RULE_NONE;
        if (v->class == P2S_CLASS_GENERAL)
                return;
        if (v->class || settings.detect)
                kind = rtp_look(skb, p->l4 + sizeof(struct udphdr), p->payload, &l.rtp);
        if (!v->class) {
                classify_dscp(p, direction, v);
                if (kind == PAYLOAD_OTHER && v->class < P2S_CLASS_VIDEO)
                        return;
        }
        if (flow_key_read(skb, p, direction, &l.key) < 0)
                return;
        if (kind == PAYLOAD_RTP)
                l.key.ssrc = l.rtp.ssrc;
        headers = p->l4 + (__u32)sizeof(struct udphdr) - p->l3;
        l.bytes = p->bytes;
        if (kind == PAYLOAD_RTP && p->segments > 1 && skb->gso_size < p->payload)
                l.bytes = headers + skb->gso_size; /* the first; the others follow */
        l.segments = p->segments;
        l.now = test_clock ? skb->tstamp : bpf_ktime_get_ns();
        l.kind = (__u8)kind;
        l.version = p->version;
        l.dscp = p->dscp;

        l.class = v->class;
        l.rule = v->rule;
        if (kind == PAYLOAD_RTP && measure_known(&l)) {
                /* as nearly every packet of a call is */
        } else if (v->rule != P2S_RULE_PORT && settings.detect && kind == PAYLOAD_RTP) {
                (void)detect_rtp(&l);
        } else {
                if (v->rule != P2S_RULE_PORT && kind != PAYLOAD_OTHER && settings.detect)
                        (void)detect_companion(&l);
                if (l.class >= P2S_CLASS_VIDEO)
                        (void)measure_ruled(&l);
        }
        if (__builtin_expect(p->segments > 1 && kind == PAYLOAD_RTP, 0))
                (void)segments_measure(skb, &l, p->l4 + sizeof(struct udphdr), p->payload, headers);
        v->class = l.class;
        v->rule = l.rule;
}

static __always_inline int run(struct __sk_buff *skb, enum p2s_direction direction)
{
        struct verdict v = {};
        struct p2s_total *total;
        struct p2s_totals *all;
        struct packet p;
        __u32 zero = 0;

        walk_or_parse(skb, &p);
        if (p.l4 && p.proto == IPPROTO_UDP)
                classify_udp(skb, &p, direction, &v);
        else
                classify_dscp(&p, direction, &v);
        mark_priority(skb, direction, classify_queue(&p, &v));

        all = bpf_map_lookup_elem(&totals, &zero);
        if (!all)
                return TC_ACT_UNSPEC;
        total = &all->of[direction][v.class & 3];
        total->packets += p.segments;
        total->bytes += p.bytes;
        if (direction == P2S_OUTGOING)
                total->marks += mark_dscp(skb, &p, &v);
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

char LICENSE[] SEC("license") = "GPL";
