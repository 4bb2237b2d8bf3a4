/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of one flow, kept as its packets pass (RFC 3550 A.1, A.8).
 *
 * Two CPUs that send on one flow at the same instant may lose a count between
 * them; a lock on each packet would cost everyone more than that. */
#pragma once

#include "classify.bpf.h"
#include "rtp.bpf.h"

/* RFC 3550 A.1. */
#define RTP_DROPOUT_MAX  3000
#define RTP_MISORDER_MAX 100
#define RTP_NO_BAD_SEQ   0x10000

/* What the programs know of a flow; p2sd reads the first member. */
struct flow_state {
        struct p2s_flow facts;
        __u32 bad_seq; /* next number of a stream that jumped; RTP_NO_BAD_SEQ = none */
        __u32 reserved;
};

struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, P2S_FLOWS_MAX);
        __type(key, struct p2s_flow_key);
        __type(value, struct flow_state);
} flows SEC(".maps");

static const struct flow_state flow_zero = {.bad_seq = RTP_NO_BAD_SEQ};

/* Fills in all but the SSRC; -1 where the packet has no addresses to read.  IPv6
 * has source and destination side by side, IPv4 too. */
static __always_inline int flow_key(struct __sk_buff *skb, const struct packet *p,
                                    enum p2s_direction direction, struct p2s_flow_key *ret)
{
        bool outgoing = direction == P2S_OUTGOING;
        __u32 *source = (__u32 *)(outgoing ? ret->local : ret->remote);
        __u32 *dest = (__u32 *)(outgoing ? ret->remote : ret->local);
        __be32 pair[8];

        if (p->version == 4) {
                if (parse_load(skb, p->l3 + offsetof(struct iphdr, saddr), pair, 8) < 0)
                        return -1;
                source[0] = source[1] = dest[0] = dest[1] = 0;
                source[2] = dest[2] = bpf_htonl(0xffff);
                source[3] = pair[0];
                dest[3] = pair[1];
        } else {
                if (parse_load(skb, p->l3 + offsetof(struct ipv6hdr, saddr), pair, 32) < 0)
                        return -1;
                __builtin_memcpy(source, pair, 16);
                __builtin_memcpy(dest, pair + 4, 16);
        }
        ret->local_port = outgoing ? p->source : p->dest;
        ret->remote_port = outgoing ? p->dest : p->source;
        ret->ssrc = 0;
        ret->direction = (__u8)direction;
        __builtin_memset(ret->reserved, 0, sizeof(ret->reserved));
        return 0;
}

/* RFC 3550 A.1, without its probation: whether this is a call was decided before.
 * A stream that starts anew elsewhere keeps what was lost until then. */
static __always_inline void flow_sequence(struct flow_state *s, __u16 sequence)
{
        struct p2s_flow *f = &s->facts;
        __u16 ahead = (__u16)(sequence - f->max_ext_seq);

        f->received++;
        if (ahead == 0) {
                f->duplicates++;
        } else if (ahead < RTP_DROPOUT_MAX) {
                f->max_ext_seq += ahead;
        } else if (ahead <= 0x10000 - RTP_MISORDER_MAX) {
                if (s->bad_seq == sequence) {
                        __u32 expected = f->max_ext_seq - f->base_ext_seq + 1;

                        f->max_ext_seq = ((f->max_ext_seq >> 16) + 1) << 16 | sequence;
                        f->base_ext_seq = f->max_ext_seq - expected - 1;
                } else {
                        s->bad_seq = (__u16)(sequence + 1);
                        return;
                }
        } else {
                f->reordered++;
        }
        s->bad_seq = RTP_NO_BAD_SEQ;
}

/* RFC 3550 A.8.  |D| is the change of transit time between two packets in the
 * order of arrival; the sign is taken out first because BPF divides unsigned. */
static __always_inline void flow_jitter(struct p2s_flow *f, const struct rtp *rtp, __u64 now)
{
        __s32 ticks = (__s32)(rtp->timestamp - f->last_timestamp);
        __u64 nominal, elapsed = now - f->last_ns, d, jitter;

        nominal = (__u64)(ticks < 0 ? -(__s64)ticks : ticks) * 1000000000ULL / f->clock_hz;
        if (ticks < 0)
                d = elapsed + nominal;
        else
                d = elapsed > nominal ? elapsed - nominal : nominal - elapsed;
        f->jitter_ns16 += d - ((f->jitter_ns16 + 8) >> 4);
        jitter = f->jitter_ns16 >> 4;
        f->jitter_sum_ns += jitter;
        f->jitter_packets++;
        if (jitter > f->jitter_max_ns)
                f->jitter_max_ns = jitter;
}

static __always_inline void flow_start(struct flow_state *s, const struct rtp *rtp, __u8 class,
                                       __u64 now)
{
        struct p2s_flow *f = &s->facts;

        f->first_ns = now;
        f->last_ns = now;
        if (!rtp)
                return;
        f->base_ext_seq = f->max_ext_seq = rtp->sequence;
        f->received = 1;
        f->clock_hz = rtp_static_clock[rtp->payload_type & 0x7f];
        if (!f->clock_hz)
                f->clock_hz = class == P2S_CLASS_VOICE ? 48000 : 90000;
}

/* Finds the flow or begins it, and adds this packet; rtp is NULL for the rest of
 * a call's packets, which share the flow of SSRC 0. */
static __always_inline void flow_measure(const struct p2s_flow_key *key, const struct packet *p,
                                         const struct rtp *rtp, const struct verdict *v, __u64 now)
{
        struct flow_state *s = bpf_map_lookup_elem(&flows, key);
        struct p2s_flow *f;

        if (!s) {
                (void)bpf_map_update_elem(&flows, key, &flow_zero, BPF_NOEXIST);
                s = bpf_map_lookup_elem(&flows, key);
                if (!s)
                        return;
                flow_start(s, rtp, v->class, now);
        } else if (rtp) {
                flow_sequence(s, rtp->sequence);
                if (s->facts.clock_hz)
                        flow_jitter(&s->facts, rtp, now);
        }
        f = &s->facts;
        if (now - f->last_ns > f->gap_max_ns)
                f->gap_max_ns = now - f->last_ns;
        f->last_ns = now;
        f->packets += p->segments;
        f->bytes += p->bytes;
        f->dscp = p->dscp;
        f->class = v->class;
        f->rule = v->rule;
        if (rtp) {
                f->last_timestamp = rtp->timestamp;
                f->payload_type = rtp->payload_type;
        }
}
