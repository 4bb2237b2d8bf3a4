/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-quality.h"
#include "flow-table.h"
#include "siphash.h"

/* A bitrate is told over at least this, however often the table is fed. */
#define WINDOW_NSEC (NSEC_PER_SEC / 2)

/* What is hashed; without holes. */
struct hashed {
        struct p2s_flow_key key;
        uint32_t link;
};
_Static_assert(sizeof(struct hashed) == 48, "siphash13() takes multiples of 8");

void flow_table_init(FlowTable *t, const uint8_t seed[static 16])
{
        *t = (FlowTable){.pool.slot_size = sizeof(struct flow_slot)};
        memcpy(t->seed, seed, sizeof(t->seed));
}

uint64_t flow_table_hash(const FlowTable *t, unsigned link, const struct p2s_flow_key *key)
{
        struct hashed h = {.key = *key, .link = link};

        return siphash13(&h, sizeof(h), t->seed);
}

bool flow_key_equal(const struct p2s_flow_key *a, const struct p2s_flow_key *b)
{
        return memcmp(a, b, sizeof(*a)) == 0;
}

uint64_t flow_idle_nsec(uint64_t last_ns, uint64_t now_ns)
{
        return now_ns > last_ns ? now_ns - last_ns : 0;
}

bool flow_makes_call(const struct kernel_flow *f)
{
        return f->key.ssrc != 0 && f->key.direction < _P2S_DIRECTION_MAX &&
               (f->flow.class == P2S_CLASS_VOICE || f->flow.class == P2S_CLASS_VIDEO);
}

static uint32_t find(const FlowTable *t, unsigned link, const struct p2s_flow_key *key,
                     uint64_t hash)
{
        uint32_t i;

        for (i = pool_find(&t->pool, hash); i != POOL_NONE; i = pool_find_next(&t->pool, i)) {
                const struct flow_slot *slot = flow_table_at(t, i);

                if (slot->link == link && flow_key_equal(&slot->public.key, key))
                        break;
        }
        return i;
}

static int add(FlowTable *t, unsigned link, const struct kernel_flow *f, uint64_t hash,
               uint32_t *ret)
{
        struct flow_slot *slot;
        int r;

        r = pool_add(&t->pool, hash, ret);
        if (r < 0)
                return r;

        slot = flow_table_at(t, *ret);
        slot->public.key = f->key;
        slot->mark[0].ns = slot->mark[1].ns = f->flow.first_ns;
        slot->link = link;
        slot->call = slot->prev = slot->next = POOL_NONE;
        return 0;
}

/* Adds to the sums what a flow did since the poll before. */
static void add_deltas(struct call_figures *figures, enum p2s_direction direction,
                       const struct p2s_flow *prev, const struct p2s_flow *cur)
{
        static const struct p2s_flow none;
        struct call_sums *sums;

        if (cur->class >= _P2S_CLASS_MAX)
                return;
        sums = &figures->of[direction][cur->class];

        /* the kernel let go of the flow and met it again */
        if (cur->first_ns != prev->first_ns || cur->packets < prev->packets)
                prev = &none;

        sums->lost += flow_lost(cur);
        /* a sender that begins a new sequence (RFC 3550 A.1) counts from there */
        if (cur->base_ext_seq == prev->base_ext_seq && cur->received >= prev->received)
                sums->lost -= flow_lost(prev);

        if (cur->jitter_packets >= prev->jitter_packets &&
            cur->jitter_sum_ns >= prev->jitter_sum_ns) {
                sums->jitter_packets += cur->jitter_packets - prev->jitter_packets;
                sums->jitter_sum_ns += cur->jitter_sum_ns - prev->jitter_sum_ns;
        } else {
                sums->jitter_packets += cur->jitter_packets;
                sums->jitter_sum_ns += cur->jitter_sum_ns;
        }
}

/* The end of a call is no variation of its rate: silence counts once the flow is back. */
static void update_spread(struct flow_slot *slot, uint64_t bytes, uint64_t usec)
{
        struct spread *s = &slot->public.spread;

        if (bytes == 0) {
                slot->silent_usec += usec;
                return;
        }
        spread_add(s, 0.0, slot->silent_usec);
        slot->silent_usec = 0;
        spread_add(s, (double)bitrate_bps(bytes, usec), usec);
}

static void update_bitrate(struct flow_slot *slot, const struct p2s_flow *cur, uint64_t now_ns)
{
        uint64_t window;

        if (cur->bytes < slot->mark[1].bytes || cur->bytes < slot->mark[0].bytes) {
                slot->mark[0] = slot->mark[1] = (struct flow_mark){.ns = cur->first_ns};
                slot->public.spread = (struct spread){};
                slot->silent_usec = 0;
        }

        if (flow_idle_nsec(slot->mark[1].ns, now_ns) >= WINDOW_NSEC) {
                update_spread(slot, cur->bytes - slot->mark[1].bytes,
                              flow_idle_nsec(slot->mark[1].ns, now_ns) / NSEC_PER_USEC);
                slot->mark[0] = slot->mark[1];
                slot->mark[1] = (struct flow_mark){.ns = now_ns, .bytes = cur->bytes};
        }

        /* a flow's first packets are no rate yet: they count over half a second */
        window = MAX(flow_idle_nsec(slot->mark[0].ns, now_ns), WINDOW_NSEC);
        slot->public.bitrate_bps =
                bitrate_bps(cur->bytes - slot->mark[0].bytes, window / NSEC_PER_USEC);
}

int flow_table_take(FlowTable *t, unsigned link, const struct kernel_flow *f, uint32_t poll,
                    uint64_t now_ns, struct call_figures *figures, uint32_t *ret)
{
        uint64_t hash = flow_table_hash(t, link, &f->key);
        struct flow_slot *slot;
        uint32_t i;
        int r;

        i = find(t, link, &f->key, hash);
        if (i == POOL_NONE) {
                if (!flow_makes_call(f))
                        return 0;
                r = add(t, link, f, hash, &i);
                if (r < 0)
                        return r;
        }

        slot = flow_table_at(t, i);
        add_deltas(figures, f->key.direction, &slot->public.flow, &f->flow);
        update_bitrate(slot, &f->flow, now_ns);
        slot->public.flow = f->flow;
        slot->poll = poll;
        *ret = i;
        return 1;
}
