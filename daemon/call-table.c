/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "call-table.h"
#include "flow-table.h"

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
        uint32_t last_id;
        uint32_t poll;
        FlowTable flows;
        Pool calls;
        struct link_sums *links;
        size_t n_links;
};

int call_table_new(const uint8_t seed[static 16], CallTable **ret)
{
        CallTable *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        flow_table_init(&t->flows, seed);
        t->calls.slot_size = sizeof(struct call_slot);
        *ret = t;
        return 0;
}

void call_table_free(CallTable *t)
{
        if (!t)
                return;
        pool_done(&t->flows.pool);
        pool_done(&t->calls);
        free(t->links);
        free(t);
}

static struct flow_slot *flow_at(const CallTable *t, uint32_t i)
{
        return flow_table_at(&t->flows, i);
}

static struct call_slot *call_at(const CallTable *t, uint32_t i)
{
        return pool_at(&t->calls, i);
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

static uint32_t find_call(const CallTable *t, unsigned link, const struct p2s_flow_key *key,
                          uint64_t hash)
{
        uint32_t i;

        for (i = pool_find(&t->calls, hash); i != POOL_NONE; i = pool_find_next(&t->calls, i))
                if (call_at(t, i)->public.link == link &&
                    flow_key_equal(&call_at(t, i)->public.key, key))
                        break;
        return i;
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
        hash = flow_table_hash(&t->flows, sums->link, &key);

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
        uint32_t n = t->flows.pool.n;
        struct call *call;
        uint32_t i;
        int r;

        r = flow_table_take(&t->flows, sums->link, f, t->poll, now_ns, &sums->figures, &i);
        if (r <= 0)
                return r;
        if (!flow_makes_call(f) || flow_idle_nsec(f->flow.last_ns, now_ns) >= CALL_SILENCE_NSEC)
                return 0;

        if (flow_at(t, i)->call == POOL_NONE) {
                /* a flow that was here before begins a call for the second time */
                bool again = t->flows.pool.n == n;

                r = join_call(t, sums, i, again ? f->flow.last_ns : f->flow.first_ns, handler);
                if (r != 0)
                        return r;
        }

        call = &call_at(t, flow_at(t, i)->call)->public;
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

                if (call->link == sums->link && flow_idle_nsec(call->last_ns, now_ns) >= silence_ns)
                        end_call(t, sums, c, handler);
        }
}

/* Drops the flows of a link that this poll did not see. */
static void drop_unseen(CallTable *t, unsigned link)
{
        for (uint32_t i = POOL_NONE; (i = pool_next(&t->flows.pool, i)) != POOL_NONE;) {
                const struct flow_slot *slot = flow_at(t, i);

                if (slot->link != link || slot->poll == t->poll)
                        continue;
                detach(t, i);
                pool_remove(&t->flows.pool, i);
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

                if (flow_idle_nsec(f->flow.last_ns, now_ns) >= FLOW_FORGET_NSEC) {
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
