/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of flows: found by a line of tags, kept while they are calls.
 *
 * The kernel's own LRU table costs a packet 27 ns and two cache lines before the first fact
 * is reached, and lets whatever is new push out whatever is older.  Here a packet pays for
 * one line of tags, and who begins takes the place of a flow that is not a call, or is no
 * more, before that of one that is.
 *
 * Entries are used from the first one on, so that few flows are few pages.  Each stays with
 * its set of ways once the last entry is taken: from then on, who begins gets one of its own
 * set.
 *
 * Nothing is locked.  A way is taken by compare and swap; the id in the entry has the last
 * word on whose it is.  Where two CPUs meet one new flow at the same instant, a packet of it
 * may go uncounted. */
#pragma once

#include "flow.bpf.h"

/* As long as a call lives without packets. */
#define FLOW_SILENCE_NS 10000000000ULL
#define FLOW_IS_CALL    (1ULL << 63)
#define FLOW_FREE       2 /* worth of a way without a flow; of one that p2sd let go of: 1 */

/* Mapped into p2sd, which reads how many entries there are, and empties the table. */
struct flow_index flow_index;

/* Mapped into p2sd while it reads.  That it can be makes the kernel begin it with a page,
 * and so each entry with a cache line. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, P2S_FLOWS_MAX);
        __type(key, __u32);
        __type(value, struct flow_state);
} flows SEC(".maps");

static __always_inline struct flow_state *flow_at(__u32 entry)
{
        return bpf_map_lookup_elem(&flows, &entry);
}

static __always_inline struct flow_set *flow_set_of(__u32 set)
{
        return &flow_index.sets[set & (FLOW_SETS - 1)];
}

static __always_inline bool flow_is(const struct flow_state *s, const struct p2s_flow_id *id)
{
        return s->id.hosts == id->hosts && s->id.ports == id->ports && s->id.ssrc == id->ssrc;
}

/* The way, from `first` on, whose tag this is; below 0 where there is none. */
BPF_FUNCTION int flow_search(__u32 set, __u32 tag, __u32 first, __u32 n)
{
        const struct flow_set *s = flow_set_of(set);

        for (__u32 i = 0; i < FLOW_WAYS && i < n; i++) {
                __u32 way = s->way[(first + i) & (FLOW_WAYS - 1)];

                if ((way & ~FLOW_ENTRY_MASK) == tag)
                        return (int)i;
        }
        return -1;
}

/* The flow by this way if it is this one. */
static __always_inline struct flow_state *flow_by(const struct flow_place *place, __u32 i,
                                                  const struct p2s_flow_id *id)
{
        __u32 way = flow_set_of(place->set)->way[(place->way + i) & (FLOW_WAYS - 1)];
        struct flow_state *s;

        if ((way & ~FLOW_ENTRY_MASK) != place->tag)
                return NULL;
        s = flow_at(way & FLOW_ENTRY_MASK);
        return s && flow_is(s, id) ? s : NULL;
}

/* NULL = it is not there.  Nearly always it is by the first way; two flows of one tag in a
 * set are rare, three are not looked for. */
static __always_inline struct flow_state *flow_find(const struct p2s_flow_id *id)
{
        struct flow_place place = flow_id_place(flow_secret, id);
        struct flow_state *s = flow_by(&place, 0, id);
        int i = 0;

        for (__u32 try = 0; try < 2 && !s; try++) {
                __u32 from = (__u32)i + 1;

                i = flow_search(place.set, place.tag, place.way + from, FLOW_WAYS - from);
                if (i < 0)
                        break;
                i += (int)from;
                s = flow_by(&place, (__u32)i, id);
        }
        return s;
}

/* The same as the number of its entry, below 0 where it is not there: for those who are in no
 * hurry, but short of stack. */
BPF_FUNCTION int flow_entry(const struct p2s_flow_id *id)
{
        struct flow_place place;
        __u32 way;

        if (!id)
                return -1;
        place = flow_id_place(flow_secret, id);
        for (__u32 i = 0; i < FLOW_WAYS; i++) {
                way = flow_set_of(place.set)->way[(place.way + i) & (FLOW_WAYS - 1)];
                if ((way & ~FLOW_ENTRY_MASK) == place.tag && flow_by(&place, i, id))
                        return (int)(way & FLOW_ENTRY_MASK);
        }
        return -1;
}

static __always_inline struct flow_state *flow_get(const struct p2s_flow_id *id)
{
        int entry = flow_entry(id);

        return entry < 0 ? NULL : flow_at((__u32)entry);
}

/* How much it deserves its place: a call that lives more than what is none, the one heard
 * of lately more than the one of old. */
static __always_inline __u64 flow_worth(const struct flow_state *s, __u64 now)
{
        bool call = s->facts.rule != P2S_RULE_NONE && now - s->facts.last_ns < FLOW_SILENCE_NS;

        return s->facts.last_ns | (call ? FLOW_IS_CALL : 0);
}

/* What bpf_loop() hands to each step must be on the stack, so it is a pointer. */
struct flow_ballot {
        struct flow_seat *least;
};

static long flow_compare(__u32 i, struct flow_ballot *ballot)
{
        struct flow_seat *least = ballot->least;
        __u32 at = (least->first + i) & (FLOW_WAYS - 1), way = flow_set_of(least->set)->way[at];
        struct flow_state *s = way ? flow_at(way & FLOW_ENTRY_MASK) : NULL;
        __u64 worth = s ? flow_worth(s, least->now) + 1 : least->free;

        if (worth < least->worth) {
                least->at = at;
                least->way = way;
                least->worth = worth;
        }
        return 0;
}

/* Finds the way of least worth of the set.  Always 0. */
BPF_FUNCTION int flow_least(struct flow_seat *seat, __u32 set, __u64 free)
{
        struct flow_ballot ballot = {.least = seat};

        if (!seat)
                return 0;
        seat->set = set;
        seat->free = free;
        seat->worth = ~0ULL;
        (void)bpf_loop(FLOW_WAYS, flow_compare, &ballot, 0);
        return 0;
}

static __always_inline bool flow_set_way(const struct flow_seat *seat, __u32 way)
{
        return __sync_val_compare_and_swap(&flow_set_of(seat->set)->way[seat->at & (FLOW_WAYS - 1)],
                                           seat->way, way) == seat->way;
}

/* Takes the entry of a flow that deserves it least, of this set or, where that would be a
 * call's, of the next one. */
static __always_inline int flow_evict(struct flow_seat *seat, __u32 set)
{
        (void)flow_least(seat, set, ~0ULL);
        if (seat->worth & FLOW_IS_CALL)
                (void)flow_least(seat, set + 1, ~0ULL);
        if (seat->worth & FLOW_IS_CALL)
                (void)flow_least(seat, set, ~0ULL);
        if (seat->worth == ~0ULL || !flow_set_way(seat, 0))
                return -1;
        return (int)(seat->way & FLOW_ENTRY_MASK);
}

/* The entry that a new flow gets, below 0 where there is none: one of its set that was let
 * go of, a fresh one, or that of another flow. */
BPF_FUNCTION int flow_take(struct look *l)
{
        struct flow_place place;
        int entry;

        if (!l)
                return -1;
        place = flow_id_place(flow_secret, &l->id);
        l->seat.first = place.way;
        l->seat.now = l->now;
        (void)flow_least(&l->seat, place.set, FLOW_FREE);
        if (l->seat.way) {
                entry = (int)(l->seat.way & FLOW_ENTRY_MASK);
        } else if (flow_index.used < P2S_FLOWS_MAX) {
                entry = (int)__sync_fetch_and_add(&flow_index.used, 1);
        } else {
                entry = flow_evict(&l->seat, place.set);
                (void)flow_least(&l->seat, place.set, FLOW_FREE);
        }
        if (entry < 0 || entry >= P2S_FLOWS_MAX ||
            !flow_set_way(&l->seat, place.tag | (__u32)entry))
                return -1; /* another CPU was faster */
        return entry;
}

/* An entry without a packet; NULL where none is to be had. */
static __always_inline struct flow_state *flow_new(struct look *l)
{
        int entry = flow_take(l);
        struct flow_state *s;

        s = entry < 0 ? NULL : flow_at((__u32)entry);
        if (!s)
                return NULL;
        __builtin_memset(s, 0, sizeof(*s));
        s->bad_seq = RTP_NO_BAD_SEQ;
        s->wanted = FLOW_CONFIRM;
        s->key = l->key;
        s->id = l->id;
        return s;
}
