/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool.h"

#define SLOTS_MIN   16
#define BUCKETS_MIN 16

static struct pool_head *head_at(const Pool *p, uint32_t i)
{
        return pool_at(p, i);
}

void pool_done(Pool *p)
{
        free(p->slots);
        free(p->buckets);
        *p = (Pool){.slot_size = p->slot_size};
}

static uint32_t *bucket_of(const Pool *p, uint64_t hash)
{
        return p->buckets + (hash & (p->n_buckets - 1));
}

static int grow_slots(Pool *p)
{
        /* by half: at 10,000 flows doubling would waste a megabyte */
        uint32_t want = MAX(p->allocated + p->allocated / 2, (uint32_t)SLOTS_MIN);
        char *slots = reallocarray(p->slots, want, p->slot_size);

        if (!slots)
                return -ENOMEM;
        p->slots = slots;
        p->allocated = want;
        return 0;
}

static int grow_buckets(Pool *p)
{
        uint32_t want = MAX(2 * p->n_buckets, (uint32_t)BUCKETS_MIN);
        uint32_t *buckets = reallocarray(NULL, want, sizeof(*buckets));

        if (!buckets)
                return -ENOMEM;
        free(p->buckets);
        p->buckets = buckets;
        p->n_buckets = want;
        memset(buckets, 0xff, want * sizeof(*buckets)); /* POOL_NONE */

        for (uint32_t i = 0; i < p->touched; i++) {
                struct pool_head *head = head_at(p, i);
                uint32_t *bucket = bucket_of(p, head->hash);

                if (!head->used)
                        continue;
                head->next = *bucket;
                *bucket = i;
        }
        return 0;
}

int pool_add(Pool *p, uint64_t hash, uint32_t *ret)
{
        struct pool_head *head;
        uint32_t *bucket;
        uint32_t i;
        int r;

        if (p->n >= p->n_buckets) {
                r = grow_buckets(p);
                if (r < 0)
                        return r;
        }
        if (p->n == p->touched) { /* no free one among those used before */
                if (p->touched == p->allocated) {
                        r = grow_slots(p);
                        if (r < 0)
                                return r;
                }
                i = p->touched++;
        } else {
                i = p->free;
                p->free = head_at(p, i)->next;
        }

        memset(pool_at(p, i), 0, p->slot_size);
        head = head_at(p, i);
        bucket = bucket_of(p, hash);
        *head = (struct pool_head){.hash = hash, .next = *bucket, .used = 1};
        *bucket = i;
        p->n++;
        *ret = i;
        return 0;
}

void pool_remove(Pool *p, uint32_t i)
{
        struct pool_head *head = head_at(p, i);
        uint32_t *link;

        if (p->n == 1) {
                pool_done(p);
                return;
        }

        for (link = bucket_of(p, head->hash); *link != i; link = &head_at(p, *link)->next)
                ;
        *link = head->next;
        /* with no free slot yet, p->free is never followed: n == touched then */
        *head = (struct pool_head){.next = p->free};
        p->free = i;
        p->n--;
}

/* i, or the next in its bucket that has this hash. */
static uint32_t skip_others(const Pool *p, uint32_t i, uint64_t hash)
{
        while (i != POOL_NONE && head_at(p, i)->hash != hash)
                i = head_at(p, i)->next;
        return i;
}

uint32_t pool_find(const Pool *p, uint64_t hash)
{
        return p->n_buckets > 0 ? skip_others(p, *bucket_of(p, hash), hash) : POOL_NONE;
}

uint32_t pool_find_next(const Pool *p, uint32_t i)
{
        return skip_others(p, head_at(p, i)->next, head_at(p, i)->hash);
}

uint32_t pool_next(const Pool *p, uint32_t i)
{
        for (i++; i < p->touched; i++) /* POOL_NONE + 1 is 0 */
                if (head_at(p, i)->used)
                        return i;
        return POOL_NONE;
}
