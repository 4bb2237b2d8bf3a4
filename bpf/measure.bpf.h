/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds one RTP packet to the facts of its flow. */
#pragma once

#include "clock.bpf.h"
#include "source.bpf.h"

/* Which packets the mean and the highest jitter are taken from: as in Wireshark, not
 * those with a marker (after a pause), of comfort noise or right after it.  They count
 * in the mean as if they had it. */
static __always_inline bool measure_is_regular(const struct flow_state *s, const struct rtp *rtp)
{
        return !rtp->marker && !s->noise && rtp->payload_type != RTP_COMFORT_NOISE;
}

/* Telephone events keep one timestamp while a key is pressed (RFC 4733 2.2.1). */
static __always_inline bool measure_is_event(const struct flow_state *s, const struct rtp *rtp)
{
        return rtp->payload_type != s->facts.payload_type &&
               rtp_type_is_dynamic(rtp->payload_type) &&
               rtp->size == sizeof(struct rtp_header) + TELEPHONE_EVENT_SIZE;
}

static __always_inline void measure_guessing(struct flow_state *s, const struct rtp *rtp,
                                             bool regular, __u64 now)
{
        struct clock_guess *g = clock_guess_of(s, rtp->ssrc, now);
        struct p2s_flow *f = &s->facts;
        int found;

        if (!g)
                return;
        found = clock_step(g, s, rtp->timestamp, now, regular);
        f->jitter_packets++;
        if (found < 1 || found > CLOCKS)
                return;
        f->clock_hz = clock_hz[found - 1];
        f->jitter_ns16 = g->of[found - 1].now_ns16;
        f->jitter_sum_ns = g->of[found - 1].sum_ns;
        f->jitter_max_ns = g->of[found - 1].max_ns;
        g->seen_ns = 0;
        g->owner = 0;
}

static __always_inline void measure_jitter(struct flow_state *s, const struct rtp *rtp, __u64 now)
{
        __s32 ticks = (__s32)(rtp->timestamp - s->facts.last_timestamp);
        bool regular = measure_is_regular(s, rtp);
        __u32 clock = rtp_static_clock[rtp->payload_type & RTP_TYPE_MAX];
        struct p2s_flow *f = &s->facts;
        __u64 jitter;

        if (!clock)
                clock = f->clock_hz;
        if (!clock) {
                measure_guessing(s, rtp, regular, now);
        } else {
                f->jitter_ns16 = flow_smooth(f->jitter_ns16,
                                             flow_transit_change(ticks, now - f->last_ns, clock));
                jitter = f->jitter_ns16 >> 4;
                if (regular && jitter > f->jitter_max_ns)
                        f->jitter_max_ns = jitter;
                f->jitter_sum_ns +=
                        regular ? jitter : flow_mean(f->jitter_sum_ns, f->jitter_packets);
                f->jitter_packets++;
        }
        s->window_same += ticks == 0;
        s->moved |= ticks > 0;
}

/* The first packet of a flow, or the next one; always 0.  bytes: from its IP header on. */
BPF_FUNCTION int measure_rtp(struct flow_state *s, const struct rtp *rtp, __u32 bytes, __u64 now)
{
        struct p2s_flow *f;
        bool event;

        if (!s || !rtp)
                return 0;
        f = &s->facts;
        event = measure_is_event(s, rtp);
        if (!f->packets) {
                f->base_ext_seq = f->max_ext_seq = rtp->sequence;
                f->received = 1;
                f->clock_hz = rtp_static_clock[rtp->payload_type & RTP_TYPE_MAX];
                s->first_timestamp = rtp->timestamp;
                s->window_ns = now;
        } else {
                flow_sequence(s, rtp->sequence);
                if (!event)
                        measure_jitter(s, rtp, now);
        }
        flow_count(f, 1, bytes, now);
        s->window_packets++;
        s->window_bytes += bytes;
        f->last_timestamp = rtp->timestamp;
        s->noise = rtp->payload_type == RTP_COMFORT_NOISE;
        if (f->packets == 1 || (!s->noise && !event)) {
                s->window_breaks += f->packets > 1 && f->payload_type != rtp->payload_type;
                f->payload_type = rtp->payload_type;
        }
        return 0;
}

/* Measures a packet that a rule names, under SSRC 0 where it is not RTP.  Always 0. */
BPF_FUNCTION int measure_ruled(struct look *l)
{
        struct p2s_flow_key key;
        struct flow_state *s;

        if (!l)
                return 0;
        key = l->key;
        s = bpf_map_lookup_elem(&flows, &key);
        if (!s && source_allows(&key, l->version, l->now))
                s = flow_new(&key);
        if (!s)
                return 0;
        if (l->kind == PAYLOAD_RTP)
                (void)measure_rtp(s, &l->rtp, l->bytes, l->now);
        else
                flow_count(&s->facts, l->segments, l->bytes, l->now);
        s->facts.dscp = l->dscp;
        s->facts.class = l->class;
        s->facts.rule = l->rule;
        return 0;
}
