/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of a dynamic payload type, found out from the timestamps.
 *
 * Until it is known, the jitter is computed for every clock that it could be, and
 * the right one is kept: so the first packet counts as it does for a reader who had
 * the call's SDP.  Timestamps are set against arrival after 0.4 s, 0.8 s, 1.6 s …
 * from the start; a clock that two of these in a row point to is the one. */
#pragma once

#include "flow.bpf.h"

#define CLOCK_FIRST_NS  400000000ULL
#define CLOCK_DOUBLINGS 12
#define CLOCK_STALE_NS  5000000000ULL
#define CLOCKS          7
#define CLOCK_GUESSES   1024
#define CLOCK_TOLERANCE 24 /* one part in so many: 44,100 and 48,000 are 1 in 11.3 apart */

static const __u32 clock_hz[CLOCKS] = {8000, 16000, 24000, 32000, 44100, 48000, 90000};

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
        __u16 reserved;
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
                g->start_ns = s->reference_ns;
                g->start_timestamp = s->facts.last_timestamp;
                return g;
        }
        return NULL;
}

/* Which clock makes so many ticks in so many ns, from 1; 0 = none of them. */
static __always_inline __u8 clock_nearest(__u64 ticks, __u64 elapsed)
{
        __u64 hz = ticks * 1000000000ULL / elapsed;
        __u8 found = 0;

        for (__u32 i = 0; i < CLOCKS; i++) {
                __u64 off = hz > clock_hz[i] ? hz - clock_hz[i] : clock_hz[i] - hz;

                if (off < clock_hz[i] / CLOCK_TOLERANCE)
                        found = (__u8)(i + 1);
        }
        return found;
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
        elapsed = now - s->reference_ns;
        g->seen_ns = now;
        for (__u32 i = 0; i < CLOCKS; i++) {
                struct clock_jitter *j = &g->of[i];

                j->now_ns16 =
                        flow_smooth(j->now_ns16, flow_transit_change(ticks, elapsed, clock_hz[i]));
                jitter = j->now_ns16 >> 4;
                if (!regular)
                        continue;
                j->sum_ns += jitter;
                if (jitter > j->max_ns)
                        j->max_ns = jitter;
        }

        /* The later packets of a picture say nothing new, only later. */
        elapsed = now - g->start_ns;
        if (ticks <= 0 || g->looks > CLOCK_DOUBLINGS || elapsed < CLOCK_FIRST_NS << g->looks)
                return 0;
        found = clock_nearest(timestamp - g->start_timestamp, elapsed);
        g->looks++;
        if (found && found == g->last)
                return found;
        g->last = found;
        return 0;
}
