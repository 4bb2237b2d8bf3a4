/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that no rule names.
 *
 * A packet in the form of RTP is noted with its 5-tuple.  Where the next one of its
 * SSRC is a plausible successor, a flow begins, on probation: measured from its first
 * packet, but in no class.  The third good one in a row confirms it, and the second
 * where STUN opened the 5-tuple.  Once a second a confirmed flow is judged: whether it
 * still behaves, and whether it is audio or video. */
#pragma once

#include "alien.bpf.h"
#include "classify.bpf.h"
#include "measure.bpf.h"
#include "tuple.bpf.h"

#define DETECT_CONFIRM_STUN 2
#define DETECT_AGAIN        100 /* good packets that a flow needs once it was demoted */
#define DETECT_HOPELESS     64  /* packets without a confirmation */
#define DETECT_AHEAD_MAX    96  /* sequence numbers between two packets, either way */
#define DETECT_SILENCE_NS   5000000000ULL
#define DETECT_WINDOW_NS    1000000000ULL
#define DETECT_FLIP_NS      5000000000ULL
/* Timestamps run at most at 90 kHz; what waited arrives in less time than it took to
 * say.  Pictures may come out of order by half a second. */
#define DETECT_TICKS_BACK (-45000)
#define DETECT_TICKS_MS   96
#define DETECT_SLACK_MS   500
/* Bytes a second: stereo L16 at 48 kHz is 192,000; a picture of 4K 25 Mbit/s. */
#define DETECT_VOICE_RATE_MAX 250000
#define DETECT_VIDEO_RATE_MAX 7500000
#define DETECT_VIDEO_SIZE     600   /* mean bytes, from the IP header on */
#define DETECT_VIDEO_HZ       66000 /* between 48 and 90 kHz */
#define DETECT_BIG_VOICE_HZ   40000 /* that of L16; half of 90 kHz, for late pictures */
#define DETECT_VOICE_TICKS    2880  /* 60 ms of 48 kHz */

enum detect_relation {
        DETECT_ALIEN,   /* not of the same stream, or a stream that is not a call's */
        DETECT_NEAR,    /* double, or late: says nothing for it, nothing against it */
        DETECT_FOLLOWS, /* as the next packet of a call should be */
};

/* What b is to the stream whose last number, time and type these are. */
static __always_inline enum detect_relation
detect_relate(__u16 sequence, __u32 timestamp, __u8 type, __u64 elapsed, const struct rtp *b)
{
        __s16 ahead = (__s16)(b->sequence - sequence);
        __s64 ticks = (__s32)(b->timestamp - timestamp);
        __s64 ms = (__s64)(elapsed >> 20) + DETECT_SLACK_MS; /* 2^20 ns: 5 % too long */

        if (ahead < -DETECT_AHEAD_MAX || ahead > DETECT_AHEAD_MAX || elapsed > DETECT_SILENCE_NS)
                return DETECT_ALIEN;
        if (b->payload_type != type && b->payload_type != RTP_COMFORT_NOISE)
                return DETECT_ALIEN;
        if (ticks < DETECT_TICKS_BACK || ticks > ms * DETECT_TICKS_MS)
                return DETECT_ALIEN;
        return ahead > 0 ? DETECT_FOLLOWS : DETECT_NEAR;
}

/* Audio or video, as far as can be told by now. */
static __always_inline __u8 detect_media(const struct flow_state *s)
{
        const struct p2s_flow *f = &s->facts;
        __u64 elapsed = f->last_ns - f->first_ns;
        __u32 ticks = f->last_timestamp - s->first_timestamp;
        __u64 hz = elapsed ? ticks * 1000000000ULL / elapsed : 0;

        if (!rtp_type_is_dynamic(f->payload_type))
                return rtp_type_is_video(f->payload_type) ? P2S_CLASS_VIDEO : P2S_CLASS_VOICE;
        if (f->clock_hz)
                return f->clock_hz == 90000 ? P2S_CLASS_VIDEO : P2S_CLASS_VOICE;
        /* A picture takes several packets, all of one time; sound never does. */
        if (s->window_same * 8 > (__u32)f->packets - s->window_packets)
                return P2S_CLASS_VIDEO;
        /* Big packets are pictures, but for uncompressed sound, far from 90 kHz. */
        if (f->bytes > f->packets * DETECT_VIDEO_SIZE)
                return hz && hz < DETECT_BIG_VOICE_HZ ? P2S_CLASS_VOICE : P2S_CLASS_VIDEO;
        /* Many calls begin with a burst, whose clock seems too fast; but there is little time
         * in a packet of sound, and nobody pads it. */
        if (s->padded || (hz > DETECT_VIDEO_HZ &&
                          ticks > (f->max_ext_seq - f->base_ext_seq) * DETECT_VOICE_TICKS))
                return P2S_CLASS_VIDEO;
        return P2S_CLASS_VOICE;
}

static __always_inline void detect_touch(struct tuple_state *t, const struct flow_state *s,
                                         __u64 now)
{
        if (!t)
                return;
        t->call_ns = now;
        t->rule = s->detected;
}

static __always_inline void detect_window(struct flow_state *s, __u64 now)
{
        s->window_ns = now;
        s->window_packets = (__u32)s->facts.packets;
        s->window_bytes = (__u32)s->facts.bytes;
        s->window_breaks = s->window_same = 0;
}

/* Judges what a flow did in the last second, confirmed or demoted.  Who was demoted is
 * confirmed again after 5 s and as many good packets, never in between.  Always 0. */
BPF_FUNCTION int detect_judge(struct flow_state *s, __u64 now)
{
        __u32 packets, bytes;
        bool rested;
        __u64 rate;
        __u8 media;

        if (!s)
                return 0;
        packets = (__u32)s->facts.packets - s->window_packets;
        bytes = (__u32)s->facts.bytes - s->window_bytes;
        rate = (__u64)bytes * DETECT_WINDOW_NS / (now - s->window_ns);
        rested = !s->flipped_ns || now - s->flipped_ns >= DETECT_FLIP_NS;
        media = detect_media(s);
        if (s->window_breaks * 2 > packets ||
            rate > (media == P2S_CLASS_VOICE ? DETECT_VOICE_RATE_MAX : DETECT_VIDEO_RATE_MAX)) {
                if (s->detected)
                        s->flipped_ns = now;
                s->detected = P2S_RULE_NONE;
                s->good = 0;
                s->wanted = DETECT_AGAIN;
        } else if (!s->detected) {
                if (s->good >= s->wanted && rested) {
                        s->detected = P2S_RULE_RTP;
                        s->media = media;
                        s->flipped_ns = now;
                }
        } else if (media != s->media && rested) {
                s->media = media;
                s->flipped_ns = now;
        }
        if (s->detected)
                detect_touch(tuple_find(&s->key), s, now);
        detect_window(s, now);
        return 0;
}

/* Whether the local port is one of a program that makes calls: as good as STUN. */
static __always_inline bool detect_is_media(const struct p2s_flow_key *key)
{
        return port_class[classify_port(key->local_port)] & P2S_PORT_MEDIA;
}

/* A flow on probation had another packet; s->good counts those before it. */
static __always_inline void detect_probation(struct flow_state *s, enum detect_relation relation,
                                             struct tuple_state *t, __u64 now)
{
        if (relation == DETECT_ALIEN)
                s->good = 1;
        if (relation != DETECT_FOLLOWS)
                return;
        if (s->good < 255)
                s->good++;
        if (s->wanted != FLOW_CONFIRM || s->good < DETECT_CONFIRM_STUN)
                return;
        if (!t)
                t = tuple_find(&s->key);
        if (tuple_has_stun(t, now))
                s->detected = P2S_RULE_STUN_RTP;
        else if ((s->good >= FLOW_CONFIRM && s->moved) || detect_is_media(&s->key))
                s->detected = P2S_RULE_RTP;
        else
                return;
        s->media = detect_media(s);
        detect_touch(t, s, now);
        detect_window(s, now);
}

/* A flow that had its chance, and a packet that is not its successor: neither the clock
 * nor the facts are needed to leave it alone. */
static __always_inline bool detect_is_hopeless(const struct flow_state *s, const struct rtp *rtp)
{
        __u16 ahead = (__u16)(rtp->sequence - s->facts.max_ext_seq);

        return s->facts.packets > DETECT_HOPELESS && s->wanted == FLOW_CONFIRM &&
               (ahead == 0 || ahead > DETECT_AHEAD_MAX);
}

/* No flow has this SSRC: begins one if the 5-tuple remembers its first packet, or else
 * remembers this one.  Returns the flow, measured up to the packet before this. */
static __always_inline struct flow_state *detect_begin(struct look *l, struct tuple_state *t)
{
        struct candidate *c;
        struct flow_state *s;

        for (__u32 i = 0; i < TUPLE_CANDIDATES; i++) {
                c = &t->candidates[i];
                if (!c->arrival_ns || c->rtp.ssrc != l->rtp.ssrc ||
                    c->direction != l->key.direction)
                        continue;
                if (detect_relate(c->rtp.sequence, c->rtp.timestamp, c->rtp.payload_type,
                                  l->now - c->arrival_ns, &l->rtp) == DETECT_ALIEN)
                        goto note;
                if (!source_allows(&l->key, l->version, l->now))
                        return NULL;
                s = flow_new(l);
                if (!s)
                        return NULL;
                (void)measure_rtp(s, &c->rtp, c->bytes, c->arrival_ns);
                s->good = 1;
                c->arrival_ns = 0;
                return s;
        }
        c = &t->candidates[t->next++ % TUPLE_CANDIDATES];
note:
        c->arrival_ns = l->now;
        c->bytes = l->bytes;
        c->rtp = l->rtp;
        c->direction = l->key.direction;
        return NULL;
}

/* Measures an RTP packet that no port rule names, though DSCP may; where its flow is
 * confirmed, that sets the class.  Always 0. */
BPF_FUNCTION int detect_rtp(struct look *l)
{
        enum detect_relation relation = DETECT_ALIEN;
        struct tuple_state *t = NULL;
        struct flow_state *s;

        if (!l)
                return 0;
        s = flow_get(&l->id);
        if (!s && l->verdict.class >= P2S_CLASS_VIDEO) {
                s = source_allows(&l->key, l->version, l->now) ? flow_new(l) : NULL;
                if (!s)
                        return 0;
        } else if (!s) {
                t = tuple_find(&l->key);
                if (!t && source_allows(&l->key, l->version, l->now))
                        t = tuple_new(&l->key);
                s = t ? detect_begin(l, t) : NULL;
                alien_note(l, s || tuple_has_call(t, l->now));
                if (!s)
                        return 0;
        }
        if (!s->detected)
                relation = detect_relate((__u16)s->facts.max_ext_seq, s->facts.last_timestamp,
                                         s->facts.payload_type, l->now - s->facts.last_ns, &l->rtp);
        (void)measure_rtp(s, &l->rtp, l->bytes, l->now);
        s->padded |= l->rtp.padded;
        if (!s->detected)
                detect_probation(s, relation, t, l->now);
        if ((s->detected || s->wanted != FLOW_CONFIRM) && l->now - s->window_ns >= DETECT_WINDOW_NS)
                (void)detect_judge(s, l->now);
        if (s->detected) {
                l->verdict.class = s->media;
                l->verdict.rule = s->detected;
        }
        measure_name(s, l->direction, l->dscp, &l->verdict);
        return 0;
}

/* STUN opens a 5-tuple; it and what else goes with a call ride with its voice.
 * Always 0. */
BPF_FUNCTION int detect_companion(struct look *l)
{
        struct tuple_state *t;

        if (!l)
                return 0;
        t = tuple_find(&l->key);
        if (l->kind == PAYLOAD_STUN) {
                if (!t && source_allows(&l->key, l->version, l->now))
                        t = tuple_new(&l->key);
                if (t)
                        t->stun_ns = l->now;
        }
        if (tuple_has_call(t, l->now)) {
                l->verdict.class = P2S_CLASS_VOICE;
                l->verdict.rule = (__u8)t->rule;
        }
        return 0;
}
