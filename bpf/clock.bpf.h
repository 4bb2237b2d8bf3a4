/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of a dynamic payload type, found out from the timestamps.
 *
 * Until it is known, the jitter is computed for every clock that it could be, and
 * the right one is kept: so the first packet counts as it does for a reader who had
 * the call's SDP.  Timestamps are set against arrival after 0.8, 1.6 and 3.2 s; a
 * clock that two of these in a row point to, or the last one, is the one. */
#pragma once

#include "flow.bpf.h"

#define CLOCK_FIRST_NS 800000000ULL
#define CLOCK_LOOKS    3
#define CLOCK_LOWEST   5500
#define CLOCK_HURRY_NS 5000   /* a tick; half of what one of 90 kHz takes */
#define CLOCK_LATE_NS  125000 /* a tick of 8 kHz, the slowest */
#define CLOCK_STALL_NS 200000000ULL
#define CLOCK_STALLS   4
#define CLOCK_STALE_NS 5000000000ULL
#define CLOCKS         7
#define CLOCK_GUESSES  1024

static const __u32 clock_hz[CLOCKS] = {8000, 16000, 24000, 32000, 44100, 48000, 90000};
/* Half way to the next one, as ratios go. */
static const __u32 clock_limit[CLOCKS] = {11300, 19600, 27700, 37600, 46000, 65700, 120000};

struct clock_jitter {
        __u64 now_ns16;
        __u64 sum_ns;
        __u64 max_ns;
};

struct clock_guess {
        __u64 owner;   /* when its flow began: no two begin in one ns */
        __u64 seen_ns; /* when it was last stepped; 0 = free */
        __u64 start_ns;
        __u32 start_timestamp;
        __u8 looks; /* how often it was looked at */
        __u8 last;  /* the clock that the last look found, from 1; 0 = none */
        __u8 stalls;
        __u8 reserved;
        __u64 open_ns; /* until when a packet in a hurry may be the start */
        struct clock_jitter of[CLOCKS];
};

/* Slots rather than a hash: they are needed for a second or two a flow, and each is
 * found without a look-up. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, CLOCK_GUESSES);
        __type(key, __u32);
        __type(value, struct clock_guess);
} clock_guesses SEC(".maps");

/* The flow's own slot, or one of two that nobody uses; NULL = both are in use, and the
 * flow's clock stays unknown until one is not. */
static __always_inline struct clock_guess *clock_guess_of(const struct flow_state *s, __u32 ssrc,
                                                          __u64 now)
{
        __u32 at =
                (ssrc ^ (__u32)s->facts.first_ns) * 2654435761U / (0x100000000ULL / CLOCK_GUESSES);
        struct clock_guess *g;

        for (__u32 i = 0; i < 2; i++) {
                __u32 slot = (at + i) % CLOCK_GUESSES;

                g = bpf_map_lookup_elem(&clock_guesses, &slot);
                if (!g || g->owner == s->facts.first_ns)
                        return g;
                if (now - g->seen_ns < CLOCK_STALE_NS)
                        continue;
                __builtin_memset(g, 0, sizeof(*g));
                g->owner = s->facts.first_ns;
                g->start_ns = s->facts.last_ns;
                g->start_timestamp = s->facts.last_timestamp;
                g->open_ns = g->start_ns + CLOCK_FIRST_NS / 2;
                return g;
        }
        return NULL;
}

/* Which clock makes so many ticks in so many ns, from 1; 0 = none, or not to be said
 * yet: 44,100 and 48,000 are only 8 % apart. */
static __always_inline __u8 clock_nearest(__u64 ticks, __u64 elapsed)
{
        __u64 hz = ticks * 1000000000ULL / elapsed;

        if (hz < CLOCK_LOWEST || (hz > 37600 && hz < 46000 && elapsed < CLOCK_FIRST_NS * 2) ||
            (hz > 45000 && hz < 46500))
                return 0;
        for (__u32 i = 0; i < CLOCKS; i++)
                if (hz < clock_limit[i])
                        return (__u8)(i + 1);
        return 0;
}

static __always_inline void clock_start(struct clock_guess *g, __u32 timestamp, __u64 now)
{
        g->start_ns = now;
        g->start_timestamp = timestamp;
}

/* Steps all jitters; returns the clock, from 1, once it is known. */
BPF_FUNCTION int clock_step(struct clock_guess *g, const struct flow_state *s, __u32 timestamp,
                            __u64 now, int regular)
{
        __u64 elapsed, jitter;
        __s32 ticks;
        __u8 found;

        if (!g || !s)
                return 0;
        ticks = (__s32)(timestamp - s->facts.last_timestamp);
        elapsed = now - s->facts.last_ns;
        g->seen_ns = now;
        for (__u32 i = 0; i < CLOCKS; i++) {
                struct clock_jitter *j = &g->of[i];

                j->now_ns16 =
                        flow_smooth(j->now_ns16, flow_transit_change(ticks, elapsed,
                                                                     flow_tick_ns16(clock_hz[i])));
                jitter = j->now_ns16 >> 4;
                j->sum_ns += regular ? jitter : flow_mean(j->sum_ns, s->facts.jitter_packets);
                if (regular && jitter > j->max_ns)
                        j->max_ns = jitter;
        }

        /* Nothing came for a while, though no clock is so slow: begin anew. */
        if (ticks > 0 && elapsed > (__u64)ticks * CLOCK_LATE_NS + CLOCK_STALL_NS &&
            g->stalls < CLOCK_STALLS) {
                g->stalls++;
                g->looks = g->last = 0;
                g->open_ns = now + CLOCK_FIRST_NS / 2;
                clock_start(g, timestamp, now);
                return 0;
        }
        /* What waited somewhere comes all at once: time counts from the last of it. */
        if (ticks > 0 && elapsed < (__u64)ticks * CLOCK_HURRY_NS && now < g->open_ns) {
                clock_start(g, timestamp, now);
                return 0;
        }
        /* The later packets of a picture say nothing new, only later. */
        elapsed = now - g->start_ns;
        if (ticks <= 0 || elapsed < CLOCK_FIRST_NS << (g->looks & 7))
                return 0;
        found = clock_nearest(timestamp - g->start_timestamp, elapsed);
        if (found && (found == g->last || g->looks == CLOCK_LOOKS - 1))
                return found;
        g->last = found;
        if (++g->looks >= CLOCK_LOOKS) { /* a bad beginning: all came late, then at once */
                g->looks = g->last = 0;
                clock_start(g, timestamp, now);
        }
        return 0;
}
