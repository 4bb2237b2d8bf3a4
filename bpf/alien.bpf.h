/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has the form of RTP by chance, kept cheap.
 *
 * A quarter of all random bytes begin as RTP does.  Where many such packets of a 5-tuple
 * made no stream, the next ones are looked at only if their SSRC is that of the one before,
 * as that of a call soon is: it begins one packet later, and what is none pays neither
 * for the clock nor for the table of 5-tuples. */
#pragma once

#include "flow.bpf.h"

#define ALIENS    4096
#define ALIEN_MIN 64

struct alien {
        __u32 tuple; /* hash */
        __u32 ssrc;  /* of the packet before */
        __u32 seen;  /* packets that made no stream; stays at ALIEN_MIN */
};

/* Found without a look-up.  Two 5-tuples that share a place only make each other pay. */
static struct alien aliens[ALIENS];

static __always_inline __u32 alien_hash(const struct p2s_flow_id *id)
{
        __u64 h = (id->hosts ^ (__u64)id->ports << 16) * 0x9e3779b97f4a7c15ULL;

        return (__u32)(h >> 32) | 1;
}

/* Whether this packet, of no flow, need not be looked at. */
static __always_inline bool alien_known(const struct p2s_flow_id *id)
{
        __u32 tuple = alien_hash(id), before;
        struct alien *a = &aliens[tuple >> 20 & (ALIENS - 1)];

        if (a->tuple != tuple || a->seen < ALIEN_MIN)
                return false;
        before = a->ssrc;
        a->ssrc = id->ssrc;
        return before != id->ssrc;
}

/* A packet of no flow was looked at; call: it began one, or others are on its 5-tuple. */
static __always_inline void alien_note(const struct look *l, bool call)
{
        __u32 tuple = alien_hash(&l->id);
        struct alien *a = &aliens[tuple >> 20 & (ALIENS - 1)];

        if (a->tuple != tuple || call) {
                a->tuple = tuple;
                a->seen = 0;
        } else if (a->seen < ALIEN_MIN) {
                a->seen++;
        }
        a->ssrc = l->id.ssrc;
}
