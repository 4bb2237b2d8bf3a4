/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>

#include "call-owner.h"

/* A call's first packets may be seen before its socket is. */
#define TRIES_MAX 4

struct slot {
        struct pool_head head;
        struct call_owner public;
        uint64_t cookie; /* of its socket; 0: not found */
        uint32_t round;
        uint8_t tries;
};

void call_owners_init(CallOwners *o)
{
        *o = (CallOwners){.pool.slot_size = sizeof(struct slot)};
}

void call_owners_done(CallOwners *o)
{
        pool_done(&o->pool);
}

static struct slot *slot_at(const CallOwners *o, uint32_t i)
{
        return pool_at(&o->pool, i);
}

/* 0: it does not fit.  More is better. */
static unsigned fitness(const struct udp_socket *s, const struct p2s_flow_key *key)
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
        bool v4 = memcmp(key->local, mapped, sizeof mapped) == 0;
        unsigned fit;

        if (s->local_port != ntohs(key->local_port))
                return 0;
        if (!s->any && memcmp(s->local, key->local, sizeof s->local) != 0)
                return 0;
        if (s->any && (v4 ? s->v6_only : s->family != AF_INET6))
                return 0;
        fit = s->any ? 1 : 3;
        /* the kernel hands a packet to a socket of its own family first */
        fit += s->any && v4 == (s->family == AF_INET);
        if (s->remote_port == 0)
                return fit;
        if (s->remote_port != ntohs(key->remote_port) ||
            memcmp(s->remote, key->remote, sizeof s->remote) != 0)
                return 0;
        return fit + 4;
}

struct known_socket *call_owner_socket(const SocketTable *sockets, const struct p2s_flow_key *key,
                                       address_local_t is_local, void *userdata)
{
        struct known_socket *best = NULL;
        unsigned best_fit = 0;
        bool tie = false;

        for (struct known_socket *s = NULL; (s = socket_table_next(sockets, s));) {
                unsigned fit = fitness(&s->at, key);

                if (fit == 0 || fit < best_fit)
                        continue;
                if (fit == best_fit) {
                        /* two that are not looked for yet may be one's */
                        s->wanted = best->wanted = true;
                        tie = tie || s->pid != best->pid;
                        continue;
                }
                best = s;
                best_fit = fit;
                tie = false;
        }
        if (!best || tie || (best->at.any && !is_local(key->local, userdata)))
                return NULL;
        return best;
}

static void name_call(struct slot *slot, const struct call *call, const SocketTable *sockets,
                      address_local_t is_local, void *userdata)
{
        struct known_socket *s = call_owner_socket(sockets, &call->key, is_local, userdata);

        if (!s)
                return;
        s->wanted = true;
        if (s->pid == 0)
                return;
        slot->cookie = s->at.cookie;
        slot->public.pid = s->pid;
        memcpy(slot->public.name, s->name, sizeof s->name);
}

/* The call's socket may have gone, or gone to another process. */
static void refresh(struct slot *slot, const SocketTable *sockets)
{
        const struct known_socket *s = socket_table_find(sockets, slot->cookie);

        if (s && s->pid == 0 && s->looks < SOCKET_LOOKS_MAX)
                return; /* is being looked for */
        slot->public.pid = s ? s->pid : 0;
        if (slot->public.pid)
                memcpy(slot->public.name, s->name, sizeof s->name);
}

static int get_slot(CallOwners *o, uint32_t call_id, struct slot **ret)
{
        uint32_t i = pool_find(&o->pool, call_id);
        int r;

        if (i == POOL_NONE) {
                r = pool_add(&o->pool, call_id, &i);
                if (r < 0)
                        return r;
        }
        *ret = slot_at(o, i);
        return 0;
}

int call_owners_update(CallOwners *o, const CallTable *calls, const SocketTable *sockets,
                       bool sockets_changed, address_local_t is_local, void *userdata)
{
        struct slot *slot;
        int r;

        o->round++;
        for (const struct call *call = NULL; (call = call_table_next_call(calls, call));) {
                r = get_slot(o, call->id, &slot);
                if (r < 0)
                        return r;
                slot->round = o->round;
                if (slot->cookie) {
                        refresh(slot, sockets);
                        continue;
                }
                if (slot->tries >= TRIES_MAX && !sockets_changed)
                        continue;
                slot->tries = (uint8_t)MIN(slot->tries + 1, TRIES_MAX);
                name_call(slot, call, sockets, is_local, userdata);
        }
        for (uint32_t i = POOL_NONE; (i = pool_next(&o->pool, i)) != POOL_NONE;)
                if (slot_at(o, i)->round != o->round)
                        pool_remove(&o->pool, i);
        return 0;
}

const struct call_owner *call_owners_find(const CallOwners *o, uint32_t call_id)
{
        uint32_t i = pool_find(&o->pool, call_id);

        return i != POOL_NONE && slot_at(o, i)->public.name[0] ? &slot_at(o, i)->public : NULL;
}
