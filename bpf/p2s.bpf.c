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
#include "rtcp.bpf.h"
#include "segments.bpf.h"
#include "mark.bpf.h"
#include "announce.bpf.h"
#include "tag.bpf.h"

/* Tests that replay a capture give each packet its own arrival time; while this
 * is 0 the verifier removes the question. */
const volatile __u8 test_clock = 0;

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct p2s_totals);
} totals SEC(".maps");

static __always_inline __u64 arrival(const struct __sk_buff *skb)
{
        return test_clock ? skb->tstamp : bpf_ktime_get_ns();
}

/* The short way of an RTP packet whose flow is there and needs no detecting any more, and
 * of one that is not worth detecting; false = it is neither. */
static __always_inline bool measure_known(const struct __sk_buff *skb, const struct packet *p,
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
        s->facts.dscp = p->dscp;
        s->facts.class = v->class;
        s->facts.rule = v->rule;
        return true;
}

/* What the long way looks at, off the stack: 512 bytes must do for all that is called. */
struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct look);
} looks SEC(".maps");

/* Reads the key of a packet; below 0 where it has no addresses. */
BPF_FUNCTION int measure_key(struct __sk_buff *skb, struct look *l)
{
        return l ? flow_key_read(skb, l->l3, l->version, l->direction, l->id.ports, &l->key) : -1;
}

/* The long way: flows that begin, what goes with a call, super-packets.  Always 0. */
BPF_FUNCTION int measure_slow(struct __sk_buff *skb, struct look *l)
{
        if (!l || measure_key(skb, l) < 0)
                return 0;
        l->now = arrival(skb);
        if (l->known) {
                /* measured already, but for its other segments */
        } else if (l->rule != P2S_RULE_PORT && settings.detect && l->kind == PAYLOAD_RTP) {
                l->key.ssrc = l->rtp.ssrc;
                (void)detect_rtp(l);
        } else {
                if (l->rule != P2S_RULE_PORT && l->kind != PAYLOAD_OTHER && settings.detect)
                        (void)detect_companion(l);
                if (l->kind == PAYLOAD_RTP)
                        l->key.ssrc = l->rtp.ssrc;
                if (l->class >= P2S_CLASS_VIDEO)
                        (void)measure_ruled(l);
        }
        if (l->kind == PAYLOAD_RTCP && l->segments == 1)
                (void)rtcp_read(skb, l);
        if (l->segments > 1 && l->kind == PAYLOAD_RTP)
                (void)segments_measure(skb, l);
        return 0;
}

/* What the short way knows of a packet. */
struct sight {
        struct p2s_flow_id id;
        struct rtp rtp;
        __u32 bytes;
        __u8 kind;
        __u8 known;
};

/* The way there. */
static __always_inline void measure_else(struct __sk_buff *skb, const struct packet *p,
                                         enum p2s_direction direction, struct verdict *v,
                                         const struct sight *found)
{
        __u32 zero = 0;
        struct look *l = bpf_map_lookup_elem(&looks, &zero);

        if (!l)
                return;
        l->id = found->id;
        l->rtp = found->rtp;
        l->bytes = found->bytes;
        l->kind = found->kind;
        l->known = found->known;
        l->l3 = p->l3;
        l->at = p->l4 + (__u32)sizeof(struct udphdr);
        l->payload = p->payload;
        l->segments = p->segments;
        l->direction = (__u8)direction;
        l->version = p->version;
        l->dscp = p->dscp;
        l->class = v->class;
        l->rule = v->rule;
        (void)measure_slow(skb, l);
        v->class = l->class;
        v->rule = l->rule;
}

/* All that is asked of a UDP packet: its ports, what it carries, its flow. */
static __always_inline void classify_udp(struct __sk_buff *skb, const struct packet *p,
                                         enum p2s_direction direction, struct verdict *v)
{
        __u32 first = p->payload;
        struct sight l;

        l.kind = PAYLOAD_OTHER;
        l.known = 0;
        l.bytes = p->bytes;
        __builtin_memset(&l.id, 0, sizeof(l.id));
        __builtin_memset(&l.rtp, 0, sizeof(l.rtp));
        v->class = classify_ports(p);
        v->rule = v->class ? P2S_RULE_PORT : P2S_RULE_NONE;
        if (v->class == P2S_CLASS_GENERAL)
                return;
        /* Of a super-packet the first segment is looked at here; the others follow. */
        if (__builtin_expect(p->segments > 1 && skb->gso_size < p->payload, 0))
                first = skb->gso_size;
        if (v->class || settings.detect)
                l.kind = rtp_look(skb, p->l4 + sizeof(struct udphdr), first, &l.rtp);
        if (!v->class) {
                classify_dscp(p, direction, v);
                if (l.kind == PAYLOAD_OTHER && v->class < P2S_CLASS_VIDEO)
                        return;
        }
        if (flow_id_read(skb, p, &l.id) < 0)
                return;
        if (l.kind == PAYLOAD_RTP) {
                if (__builtin_expect(first != p->payload, 0))
                        l.bytes = p->l4 + (__u32)sizeof(struct udphdr) - p->l3 + first;
                l.id.ssrc = flow_id_ssrc(l.rtp.ssrc, direction);
                l.known = measure_known(skb, p, &l.id, &l.rtp, l.bytes, v);
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
        struct p2s_totals *all;
        struct packet p;
        __u32 zero = 0;

        walk_or_parse(skb, &p);
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

        all = bpf_map_lookup_elem(&totals, &zero);
        if (!all)
                return TC_ACT_UNSPEC;
        total = &all->of[direction][v.class & 3];
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

/* Not attached: the two above end in them. */
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
