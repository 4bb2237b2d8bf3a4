/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "socket-table.h"

struct slot {
        struct pool_head head;
        struct known_socket public;
        uint32_t scan;
};

void socket_table_init(SocketTable *t)
{
        *t = (SocketTable){.pool.slot_size = sizeof(struct slot)};
}

void socket_table_done(SocketTable *t)
{
        pool_done(&t->pool);
}

static struct slot *slot_at(const SocketTable *t, uint32_t i)
{
        return pool_at(&t->pool, i);
}

/* Cookies count up: nobody can choose them so that they collide. */
static uint32_t find(const SocketTable *t, uint64_t cookie)
{
        return pool_find(&t->pool, cookie);
}

void socket_table_begin(SocketTable *t)
{
        t->scan++;
        t->changed = false;
}

static bool same_place(const struct udp_socket *a, const struct udp_socket *b)
{
        return a->local_port == b->local_port && a->remote_port == b->remote_port &&
               memcmp(a->local, b->local, sizeof a->local) == 0 &&
               memcmp(a->remote, b->remote, sizeof a->remote) == 0;
}

int socket_table_take(SocketTable *t, const struct udp_socket *s, socket_fresh_t fresh,
                      void *userdata)
{
        uint32_t i = find(t, s->cookie);
        struct slot *slot;
        bool is_fresh = i == POOL_NONE;
        int r;

        if (is_fresh) {
                r = pool_add(&t->pool, s->cookie, &i);
                if (r < 0)
                        return r;
        }
        slot = slot_at(t, i);
        slot->scan = t->scan;
        if (!is_fresh && same_place(&slot->public.at, s))
                return 0;

        slot->public.at = *s;
        t->changed = true;
        if (fresh)
                fresh(&slot->public, userdata);
        return 0;
}

bool socket_table_end(SocketTable *t)
{
        for (uint32_t i = POOL_NONE; (i = pool_next(&t->pool, i)) != POOL_NONE;)
                if (slot_at(t, i)->scan != t->scan) {
                        pool_remove(&t->pool, i);
                        t->changed = true;
                }
        return t->changed;
}

void socket_table_disown(SocketTable *t, pid_t pid)
{
        for (struct known_socket *s = NULL; (s = socket_table_next(t, s));)
                if (s->pid != 0 && (pid == 0 || s->pid == pid)) {
                        s->pid = 0;
                        s->app = NULL;
                        s->name[0] = '\0';
                        s->looks = 0;
                }
}

struct known_socket *socket_table_next(const SocketTable *t, const struct known_socket *prev)
{
        uint32_t i = POOL_NONE;

        if (prev) {
                const char *slot = (const char *)prev - offsetof(struct slot, public);

                i = (uint32_t)((size_t)(slot - t->pool.slots) / sizeof(struct slot));
        }
        i = pool_next(&t->pool, i);
        return i != POOL_NONE ? &slot_at(t, i)->public : NULL;
}

struct known_socket *socket_table_find(const SocketTable *t, uint64_t cookie)
{
        uint32_t i = find(t, cookie);

        return i != POOL_NONE ? &slot_at(t, i)->public : NULL;
}
