/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "call-quality.h"
#include "call-table.h"
#include "pool.h"
#include "siphash.h"

/* A bitrate is told over at least this, however often the table is fed. */
#define WINDOW_NSEC (NSEC_PER_SEC / 2)

struct mark {
        uint64_t ns;
        uint64_t bytes;
};

struct flow_slot {
        struct pool_head head;
        struct call_flow public;
        struct mark mark[2]; /* where the bitrate counts from, and where it will next */
        unsigned link;
        uint32_t poll; /* that last saw it */
        uint32_t call; /* slot, or POOL_NONE: its call ended, or there are too many */
        uint32_t prev; /* of the same call */
        uint32_t next;
};

struct call_slot {
        struct pool_head head;
        struct call public;
        uint32_t first; /* flow */
        uint32_t last;
};

struct link_sums {
        unsigned link;
        uint32_t n_calls;
        struct call_figures figures;
};

struct CallTable {
        uint8_t seed[16];
        uint32_t last_id;
        uint32_t poll;
        Pool flows;
        Pool calls;
        struct link_sums *links;
        size_t n_links;
};

/* What is hashed; without holes. */
struct hashed {
        struct p2s_flow_key key;
        uint32_t link;
};
_Static_assert(sizeof(struct hashed) == 48, "siphash13() takes multiples of 8");

int call_table_new(const uint8_t seed[static 16], CallTable **ret)
{
        CallTable *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        memcpy(t->seed, seed, sizeof(t->seed));
        t->flows.slot_size = sizeof(struct flow_slot);
        t->calls.slot_size = sizeof(struct call_slot);
        *ret = t;
        return 0;
}

void call_table_free(CallTable *t)
{
        if (!t)
                return;
        pool_done(&t->flows);
        pool_done(&t->calls);
        free(t->links);
        free(t);
}

static struct flow_slot *flow_at(const CallTable *t, uint32_t i)
{
        return pool_at(&t->flows, i);
}

static struct call_slot *call_at(const CallTable *t, uint32_t i)
{
        return pool_at(&t->calls, i);
}

static uint64_t hash_key(const CallTable *t, unsigned link, const struct p2s_flow_key *key)
{
        struct hashed h = {.key = *key, .link = link};

        return siphash13(&h, sizeof(h), t->seed);
}

static bool key_equal(const struct p2s_flow_key *a, const struct p2s_flow_key *b)
{
        return memcmp(a, b, sizeof(*a)) == 0;
}

static uint64_t idle_nsec(uint64_t last_ns, uint64_t now_ns)
{
        /* a packet may have come after the caller looked at the clock */
        return now_ns > last_ns ? now_ns - last_ns : 0;
}

/* RTP that some rule lifts out of general. */
static bool makes_call(const struct p2s_flow_key *key, const struct p2s_flow *flow)
{
        return key->ssrc != 0 && key->direction < _P2S_DIRECTION_MAX &&
               (flow->class == P2S_CLASS_VOICE || flow->class == P2S_CLASS_VIDEO);
}

static struct link_sums *find_link(const CallTable *t, unsigned link)
{
        for (size_t i = 0; i < t->n_links; i++)
                if (t->links[i].link == link)
                        return t->links + i;
        return NULL;
}

static struct link_sums *get_link(CallTable *t, unsigned link)
{
        struct link_sums *sums = find_link(t, link);

        if (sums)
                return sums;
        sums = reallocarray(t->links, t->n_links + 1, sizeof(*sums));
        if (!sums)
                return NULL;
        t->links = sums;
        sums += t->n_links++;
        *sums = (struct link_sums){.link = link};
        return sums;
}

static uint32_t find_flow(const CallTable *t, unsigned link, const struct p2s_flow_key *key,
                          uint64_t hash)
{
        uint32_t i;

        for (i = pool_find(&t->flows, hash); i != POOL_NONE; i = pool_find_next(&t->flows, i))
                if (flow_at(t, i)->link == link && key_equal(&flow_at(t, i)->public.key, key))
                        break;
        return i;
}

static uint32_t find_call(const CallTable *t, unsigned link, const struct p2s_flow_key *key,
                          uint64_t hash)
{
        uint32_t i;

        for (i = pool_find(&t->calls, hash); i != POOL_NONE; i = pool_find_next(&t->calls, i))
                if (call_at(t, i)->public.link == link &&
                    key_equal(&call_at(t, i)->public.key, key))
                        break;
        return i;
}

static int add_flow(CallTable *t, unsigned link, const struct kernel_flow *f, uint64_t hash,
                    uint32_t *ret)
{
        struct flow_slot *slot;
        uint32_t i;
        int r;

        r = pool_add(&t->flows, hash, &i);
        if (r < 0)
                return r;

        slot = flow_at(t, i);
        slot->public.key = f->key;
        slot->mark[0].ns = slot->mark[1].ns = f->flow.first_ns;
        slot->link = link;
        slot->call = slot->prev = slot->next = POOL_NONE;
        *ret = i;
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

static void update_bitrate(struct flow_slot *slot, const struct p2s_flow *cur, uint64_t now_ns)
{
        uint64_t window;

        if (cur->bytes < slot->mark[1].bytes || cur->bytes < slot->mark[0].bytes)
                slot->mark[0] = slot->mark[1] = (struct mark){.ns = cur->first_ns};

        if (idle_nsec(slot->mark[1].ns, now_ns) >= WINDOW_NSEC) {
                slot->mark[0] = slot->mark[1];
                slot->mark[1] = (struct mark){.ns = now_ns, .bytes = cur->bytes};
        }

        /* a flow's first packets are no rate yet: they count over half a second */
        window = MAX(idle_nsec(slot->mark[0].ns, now_ns), WINDOW_NSEC);
        slot->public.bitrate_bps =
                bitrate_bps(cur->bytes - slot->mark[0].bytes, window / NSEC_PER_USEC);
}

static void attach(CallTable *t, uint32_t i, uint32_t c)
{
        struct flow_slot *slot = flow_at(t, i);
        struct call_slot *call = call_at(t, c);

        slot->call = c;
        slot->prev = call->last;
        slot->next = POOL_NONE;
        if (call->last != POOL_NONE)
                flow_at(t, call->last)->next = i;
        else
                call->first = i;
        call->last = i;
        call->public.n_flows++;
}

static void detach(CallTable *t, uint32_t i)
{
        struct flow_slot *slot = flow_at(t, i);
        struct call_slot *call;

        if (slot->call == POOL_NONE)
                return;
        call = call_at(t, slot->call);

        if (slot->prev != POOL_NONE)
                flow_at(t, slot->prev)->next = slot->next;
        else
                call->first = slot->next;
        if (slot->next != POOL_NONE)
                flow_at(t, slot->next)->prev = slot->prev;
        else
                call->last = slot->prev;
        call->public.n_flows--;
        slot->call = slot->prev = slot->next = POOL_NONE;
}

/* Puts a flow into the call of its 5-tuple, which begins with it where there is
 * none.  1: there are too many calls. */
static int join_call(CallTable *t, struct link_sums *sums, uint32_t i, uint64_t begin_ns,
                     const struct call_table_handler *handler)
{
        const struct p2s_flow *flow = &flow_at(t, i)->public.flow;
        struct p2s_flow_key key = flow_at(t, i)->public.key;
        struct call_slot *call;
        uint64_t hash;
        uint32_t c;
        int r;

        key.ssrc = 0;
        key.direction = 0;
        hash = hash_key(t, sums->link, &key);

        c = find_call(t, sums->link, &key, hash);
        if (c != POOL_NONE) {
                call = call_at(t, c);
                call->public.begin_ns = MIN(call->public.begin_ns, begin_ns);
                attach(t, i, c);
                return 0;
        }

        if (t->calls.n >= CALL_TABLE_CALLS_MAX)
                return 1;
        r = pool_add(&t->calls, hash, &c);
        if (r < 0)
                return r;

        call = call_at(t, c);
        if (++t->last_id == 0)
                t->last_id = 1;
        call->public = (struct call){
                .id = t->last_id,
                .link = sums->link,
                .key = key,
                .begin_ns = begin_ns,
                .last_ns = flow->last_ns,
        };
        call->first = call->last = POOL_NONE;
        sums->n_calls++;
        attach(t, i, c);
        if (handler && handler->added)
                handler->added(&call->public, handler->userdata);
        return 0;
}

/* Takes in one flow.  1: it makes a call, but there are too many. */
static int take_flow(CallTable *t, struct link_sums *sums, const struct kernel_flow *f,
                     uint64_t now_ns, const struct call_table_handler *handler)
{
        uint64_t hash = hash_key(t, sums->link, &f->key);
        bool lifted = makes_call(&f->key, &f->flow);
        uint64_t begin_ns = f->flow.last_ns; /* of a call that begins a second time */
        struct flow_slot *slot;
        uint32_t i;
        int r;

        i = find_flow(t, sums->link, &f->key, hash);
        if (i == POOL_NONE) {
                if (!lifted)
                        return 0;
                r = add_flow(t, sums->link, f, hash, &i);
                if (r < 0)
                        return r;
                begin_ns = f->flow.first_ns;
        }

        slot = flow_at(t, i);
        add_deltas(&sums->figures, f->key.direction, &slot->public.flow, &f->flow);
        update_bitrate(slot, &f->flow, now_ns);
        slot->public.flow = f->flow;
        slot->poll = t->poll;

        if (!lifted || idle_nsec(f->flow.last_ns, now_ns) >= CALL_SILENCE_NSEC)
                return 0;
        if (slot->call == POOL_NONE) {
                r = join_call(t, sums, i, begin_ns, handler);
                if (r != 0)
                        return r;
        }

        struct call *call = &call_at(t, flow_at(t, i)->call)->public;
        call->last_ns = MAX(call->last_ns, f->flow.last_ns);
        return 0;
}

static void end_call(CallTable *t, struct link_sums *sums, uint32_t c,
                     const struct call_table_handler *handler)
{
        if (handler && handler->removed)
                handler->removed(&call_at(t, c)->public, handler->userdata);

        while (call_at(t, c)->first != POOL_NONE)
                detach(t, call_at(t, c)->first);
        pool_remove(&t->calls, c);
        sums->n_calls--;
}

/* Ends the calls of a link that were silent for so long. */
static void end_calls(CallTable *t, struct link_sums *sums, uint64_t now_ns, uint64_t silence_ns,
                      const struct call_table_handler *handler)
{
        for (uint32_t c = POOL_NONE; (c = pool_next(&t->calls, c)) != POOL_NONE;) {
                const struct call *call = &call_at(t, c)->public;

                if (call->link == sums->link && idle_nsec(call->last_ns, now_ns) >= silence_ns)
                        end_call(t, sums, c, handler);
        }
}

/* Drops the flows of a link that this poll did not see. */
static void drop_unseen(CallTable *t, unsigned link)
{
        for (uint32_t i = POOL_NONE; (i = pool_next(&t->flows, i)) != POOL_NONE;) {
                const struct flow_slot *slot = flow_at(t, i);

                if (slot->link != link || slot->poll == t->poll)
                        continue;
                detach(t, i);
                pool_remove(&t->flows, i);
        }
}

int call_table_update(CallTable *t, unsigned link, const struct kernel_flow *flows, size_t n,
                      uint64_t now_ns, const struct call_table_handler *handler)
{
        struct link_sums *sums = get_link(t, link);
        int left_out = 0;
        int r;

        if (!sums)
                return -ENOMEM;

        t->poll++;
        for (size_t i = 0; i < n; i++) {
                const struct kernel_flow *f = flows + i;

                if (idle_nsec(f->flow.last_ns, now_ns) >= FLOW_FORGET_NSEC) {
                        if (handler && handler->forget)
                                handler->forget(link, &f->key, handler->userdata);
                        continue;
                }
                r = take_flow(t, sums, f, now_ns, handler);
                if (r < 0)
                        return r;
                left_out |= r;
        }

        end_calls(t, sums, now_ns, CALL_SILENCE_NSEC, handler);
        drop_unseen(t, link);
        return left_out;
}

void call_table_drop_link(CallTable *t, unsigned link, const struct call_table_handler *handler)
{
        struct link_sums *sums = find_link(t, link);

        if (!sums)
                return;

        end_calls(t, sums, 0, 0, handler);
        t->poll++;
        drop_unseen(t, link);
        *sums = t->links[--t->n_links];
}

void call_table_figures(const CallTable *t, unsigned link, struct call_figures *ret)
{
        const struct link_sums *sums = find_link(t, link);

        *ret = sums ? sums->figures : (struct call_figures){0};
}

uint32_t call_table_n_calls(const CallTable *t, unsigned link)
{
        const struct link_sums *sums;

        if (link == 0)
                return t->calls.n;
        sums = find_link(t, link);
        return sums ? sums->n_calls : 0;
}

const struct call *call_table_next_call(const CallTable *t, const struct call *prev)
{
        uint32_t i = POOL_NONE;

        if (prev) {
                const char *slot = (const char *)prev - offsetof(struct call_slot, public);

                i = (uint32_t)((size_t)(slot - t->calls.slots) / sizeof(struct call_slot));
        }
        i = pool_next(&t->calls, i);
        return i != POOL_NONE ? &call_at(t, i)->public : NULL;
}

const struct call_flow *call_table_next_flow(const CallTable *t, const struct call *call,
                                             const struct call_flow *prev)
{
        uint32_t i;

        if (prev)
                i = ((const struct flow_slot *)((const char *)prev -
                                                offsetof(struct flow_slot, public)))
                            ->next;
        else
                i = ((const struct call_slot *)((const char *)call -
                                                offsetof(struct call_slot, public)))
                            ->first;
        return i != POOL_NONE ? &flow_at(t, i)->public : NULL;
}

const struct call *call_table_find(const CallTable *t, uint32_t id)
{
        const struct call *call = NULL;

        while ((call = call_table_next_call(t, call)) && call->id != id)
                ;
        return call;
}
