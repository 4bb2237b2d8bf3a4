/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots of one size, found by hash, named by an index that stays. */
#pragma once

#include "util.h"

#define POOL_NONE UINT32_MAX

/* What each slot begins with. */
struct pool_head {
        uint64_t hash;
        uint32_t next; /* in its bucket, or in the list of free slots */
        uint32_t used;
};

/* { .slot_size = sizeof(struct mine) } is an empty pool. */
typedef struct Pool {
        size_t slot_size;
        uint32_t n; /* in use */

        char *slots;
        uint32_t allocated;
        uint32_t touched; /* slots above were never used */
        uint32_t free;
        uint32_t *buckets;
        uint32_t n_buckets; /* a power of two */
} Pool;

void pool_done(Pool *p);

/* The slot.  The pointer holds until the next pool_add(). */
static inline void *pool_at(const Pool *p, uint32_t i)
{
        return p->slots + (size_t)i * p->slot_size;
}

/* A zeroed slot under this hash; equal hashes are fine.  -ENOMEM. */
int pool_add(Pool *p, uint64_t hash, uint32_t *ret);

/* Gives its memory back with the last one. */
void pool_remove(Pool *p, uint32_t i);

/* First slot of a hash, and the one after i of the same; POOL_NONE ends. */
uint32_t pool_find(const Pool *p, uint64_t hash);
uint32_t pool_find_next(const Pool *p, uint32_t i);

/* Walks all slots in use: POOL_NONE begins and ends.  Removing slots while
 * walking is fine but for the last one in use, which ends the walk. */
uint32_t pool_next(const Pool *p, uint32_t i);
