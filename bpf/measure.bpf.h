/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds one RTP packet to the facts of its flow. */
#pragma once

#include "clock.bpf.h"
#include "flow-table.bpf.h"
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

static __always_inline void measure_clock(struct flow_state *s, __u32 hz)
{
        s->facts.clock_hz = hz;
        s->tick_ns16 = hz ? flow_tick_ns16(hz) : 0;
}

/* Steps the jitter of a flow whose clock is not known yet.  Always 0. */
BPF_FUNCTION int measure_guessing(struct flow_state *s, const struct rtp *rtp, int regular,
                                  __u64 now)
{
        struct clock_guess *g;
        struct p2s_flow *f;
        int found;

        if (!s || !rtp)
                return 0;
        g = clock_guess_of(s, rtp->ssrc, now);
        if (!g)
                return 0;
        f = &s->facts;
        found = clock_step(g, s, rtp->timestamp, now, regular);
        f->jitter_packets++;
        if (found < 1 || found > CLOCKS)
                return 0;
        measure_clock(s, clock_hz[found - 1]);
        f->jitter_ns16 = g->of[found - 1].now_ns16;
        f->jitter_sum_ns = g->of[found - 1].sum_ns;
        f->jitter_max_ns = g->of[found - 1].max_ns;
        g->seen_ns = 0;
        g->owner = 0;
        return 0;
}

static __always_inline void measure_jitter(struct flow_state *s, const struct rtp *rtp, __u64 now)
{
        __s32 ticks = (__s32)(rtp->timestamp - s->facts.last_timestamp);
        bool regular = measure_is_regular(s, rtp);
        __u64 tick = s->tick_ns16, jitter;
        struct p2s_flow *f = &s->facts;

        /* Comfort noise and the like, which may have a clock of their own. */
        if (rtp->payload_type != f->payload_type &&
            rtp_static_clock[rtp->payload_type & RTP_TYPE_MAX])
                tick = flow_tick_ns16(rtp_static_clock[rtp->payload_type & RTP_TYPE_MAX]);
        if (!tick) {
                (void)measure_guessing(s, rtp, regular, now);
        } else {
                f->jitter_ns16 = flow_smooth(f->jitter_ns16,
                                             flow_transit_change(ticks, now - f->last_ns, tick));
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

/* The first packet of a flow, or the next one.  bytes: from its IP header on. */
static __always_inline void measure_packet(struct flow_state *s, const struct rtp *rtp, __u32 bytes,
                                           __u64 now)
{
        bool event = measure_is_event(s, rtp);
        struct p2s_flow *f = &s->facts;

        /* Another CPU may have been faster with a later packet. */
        if ((__s64)(now - f->last_ns) < 0)
                now = f->last_ns;
        if (!f->packets) {
                f->base_ext_seq = f->max_ext_seq = rtp->sequence;
                f->received = 1;
                measure_clock(s, rtp_static_clock[rtp->payload_type & RTP_TYPE_MAX]);
                s->first_timestamp = rtp->timestamp;
                s->window_ns = now;
        } else {
                flow_sequence(s, rtp->sequence);
                if (!event)
                        measure_jitter(s, rtp, now);
        }
        flow_count(f, 1, bytes, now);
        f->last_timestamp = rtp->timestamp;
        s->noise = rtp->payload_type == RTP_COMFORT_NOISE;
        if (f->packets == 1 || (!s->noise && !event)) {
                s->window_breaks += f->packets > 1 && f->payload_type != rtp->payload_type;
                f->payload_type = rtp->payload_type;
        }
}

/* The same for where it is not worth a copy: a call costs what the kernel's return
 * thunks make it cost.  Always 0. */
BPF_FUNCTION int measure_rtp(struct flow_state *s, const struct rtp *rtp, __u32 bytes, __u64 now)
{
        if (s && rtp)
                measure_packet(s, rtp, bytes, now);
        return 0;
}

/* What the packet that was just measured is, and the DSCP it came with: an incoming one that
 * has that of its class may have got it from XDP, which then left the other in `came`. */
static __always_inline void measure_name(struct flow_state *s, __u8 direction, __u8 dscp,
                                         const struct verdict *v)
{
        if (direction == P2S_INCOMING && dscp == settings.dscp_write[v->class & 3] && s->came) {
                dscp = s->came & 63;
                s->came = 0;
        }
        s->facts.dscp = dscp;
        s->facts.class = v->class;
        s->facts.rule = v->rule;
}

/* Measures a packet that a rule names, under SSRC 0 where it is not RTP.  Always 0. */
BPF_FUNCTION int measure_ruled(struct look *l)
{
        struct flow_state *s;

        if (!l)
                return 0;
        s = flow_get(&l->id);
        if (!s && source_allows(&l->key, l->version, l->now))
                s = flow_new(l);
        if (!s)
                return 0;
        if (l->kind == PAYLOAD_RTP)
                (void)measure_rtp(s, &l->rtp, l->bytes, l->now);
        else
                flow_count(&s->facts, l->segments, l->bytes, l->now);
        measure_name(s, l->direction, l->dscp, &l->verdict);
        return 0;
}
