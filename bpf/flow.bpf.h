/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of one flow, kept as its packets pass (RFC 3550 A.1, A.8).
 *
 * Two CPUs that send on one flow at the same instant may lose a count between
 * them; a lock on each packet would cost everyone more than that. */
#pragma once

#include "classify.bpf.h"
#include "flow-key.bpf.h"
#include "rtp.bpf.h"

/* RFC 3550 A.1. */
#define RTP_DROPOUT_MAX  3000
#define RTP_MISORDER_MAX 100
#define RTP_NO_BAD_SEQ   0x10000

/* One way of a set, and what is by it. */
struct flow_seat {
        __u32 set;
        __u32 at;
        __u32 way;
        __u32 first; /* where to begin */
        __u64 worth;
        __u64 now;
        __u64 free; /* of a way without a flow: the worth */
};

/* What is asked of one UDP packet that may be of a flow. */
struct look {
        struct p2s_flow_id id;
        struct p2s_flow_key key;
        struct rtp rtp; /* where kind says so */
        __u32 bytes;    /* from the IP header on */
        __u64 now;      /* its arrival */
        __u32 segments;
        __u32 l3;      /* offset of the IP header */
        __u32 at;      /* of what UDP carries */
        __u32 payload; /* bytes of it, of all segments */
        __u8 kind;     /* enum payload_kind */
        __u8 version;
        __u8 direction;
        __u8 dscp;
        struct verdict verdict; /* what a rule or detection named it */
        __u8 known;             /* 1 = measured already, but for segments after the first */
        __u8 reserved;
        struct flow_seat seat; /* that a new flow takes */
};

/* What the programs know of a flow, a struct p2s_flow_entry to p2sd.  Its first two cache
 * lines are all that a packet of a known flow touches. */
struct flow_state {
        struct p2s_flow_id id;
        __u64 window_ns;     /* where the second that detection judges began */
        __u64 tick_ns16;     /* of facts.clock_hz; 0 = not known */
        __u32 bad_seq;       /* next number of a stream that jumped; RTP_NO_BAD_SEQ = none */
        __u32 window_same;   /* packets with the timestamp of the one before */
        __u32 window_breaks; /* what a call does not do: jumps, changes of type */
        __u8 detected;       /* enum p2s_rule that confirmed it; 0 = on probation */
        __u8 media;          /* enum p2s_class that detection gives it */
        __u8 moved;          /* its timestamp advanced */
        __u8 noise;          /* the packet before was comfort noise */
        struct p2s_flow facts;
        struct p2s_flow_key key;
        __u8 good;        /* packets in a row that were as a call's */
        __u8 wanted;      /* how many of them confirm it */
        __u8 padded;      /* the padding bit was set, before it was confirmed */
        __u8 came;        /* DSCP that XDP wrote over, and FLOW_CAME; 0 = it did not */
        __u64 flipped_ns; /* when the class last changed; 0 = never */
        __u64 sr_ns;      /* when the sender's last report passed (RFC 3550 6.4.1) */
        __u32 sr_ntp;     /* the middle of its NTP timestamp */
        __u32 first_timestamp;
        __u32 window_packets; /* facts.packets where the window began */
        __u32 window_bytes;   /* facts.bytes, modulo 2^32 */
};

_Static_assert(offsetof(struct flow_state, facts) == offsetof(struct p2s_flow_entry, flow),
               "where p2sd reads the facts");
_Static_assert(offsetof(struct flow_state, key) == offsetof(struct p2s_flow_entry, key),
               "where p2sd reads the key");
_Static_assert(offsetof(struct flow_state, facts.first_ns) == 144, "the end of the hot lines");
_Static_assert(sizeof(struct flow_state) == 256, "flow_state");

#define FLOW_CONFIRM 3
/* Beside the DSCP in flow_state.came, which may be 0. */
#define FLOW_CAME 0x80

/* RFC 3550 A.1, without its probation: whether this is a call is decided elsewhere.
 * A stream that starts anew keeps what was lost until then. */
static __always_inline void flow_sequence(struct flow_state *s, __u16 sequence)
{
        struct p2s_flow *f = &s->facts;
        __u16 ahead = (__u16)(sequence - f->max_ext_seq);
        __u32 next;

        f->received++;
        if (ahead == 0) {
                f->duplicates++;
        } else if (ahead < RTP_DROPOUT_MAX) {
                f->max_ext_seq += ahead;
        } else if (ahead <= 0x10000 - RTP_MISORDER_MAX) {
                s->window_breaks++;
                if (s->bad_seq != sequence) {
                        s->bad_seq = (__u16)(sequence + 1);
                        return;
                }
                /* The second one there: what was expected before, and these two. */
                next = (f->max_ext_seq & ~0xffffU) + 0x10000 + sequence;
                f->base_ext_seq += next - f->max_ext_seq - 2;
                f->max_ext_seq = next;
        } else {
                f->reordered++;
        }
        s->bad_seq = RTP_NO_BAD_SEQ;
}

/* Nominal ns of one tick << 16, so that a packet needs no division.  2^31 ticks of
 * 8 kHz still fit in 64 bits. */
static __always_inline __u64 flow_tick_ns16(__u32 clock_hz)
{
        return (1000000000ULL << 16) / clock_hz;
}

/* RFC 3550 A.8: |D|, the change of transit time between two packets, ns. */
static __always_inline __u64 flow_transit_change(__s32 ticks, __u64 elapsed, __u64 tick_ns16)
{
        __u64 nominal = ((__u64)(ticks < 0 ? -(__s64)ticks : ticks) * tick_ns16) >> 16;

        if (ticks < 0)
                return elapsed + nominal;
        return elapsed > nominal ? elapsed - nominal : nominal - elapsed;
}

/* One step of J += (|D| - J) / 16 with J in ns << 4; returns the new one. */
static __always_inline __u64 flow_smooth(__u64 jitter_ns16, __u64 d)
{
        return jitter_ns16 + d - ((jitter_ns16 + 8) >> 4);
}

static __always_inline __u64 flow_mean(__u64 sum, __u64 n)
{
        return n ? sum / n : 0;
}

/* Adds a non-RTP packet, or what all packets have. */
static __always_inline void flow_count(struct p2s_flow *f, __u32 packets, __u32 bytes, __u64 now)
{
        if (!f->packets)
                f->first_ns = now;
        else if (now - f->last_ns > f->gap_max_ns)
                f->gap_max_ns = now - f->last_ns;
        f->last_ns = now;
        f->packets += packets;
        f->bytes += bytes;
}
