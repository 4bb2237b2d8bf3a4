// SPDX-License-Identifier: GPL-2.0-or-later
/* The programs of bpf/, compiled for this machine, and the kernel's part of what they call:
 * so they can be run line by line, under sanitizers, and be counted (tools/coverage).  A
 * harness loads a copy of this object of its own, so that its variables are its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "object.h"

#include "p2s.bpf.c"

#define HASH_BUCKETS 8192u
#define RING_EVENTS  64u

/* One entry of a hash; its key and value lie in the map's arrays. */
struct entry {
        uint32_t next; /* of the bucket; 0 = none, or number + 1 */
        uint64_t used;
        bool taken;
};

struct hash {
        uint32_t bucket[HASH_BUCKETS];
        struct entry *entries;
        uint8_t *keys, *values;
        uint32_t n;
        uint64_t time;
};

static struct hash hashes[2];
static struct p2s_event ring[RING_EVENTS];
static size_t ring_from, ring_to;
static jmp_buf tail;
static int tail_result;

/* Sizes are in the types of a map's members. */
#define ENTRIES(m) (sizeof(*(m).max_entries) / sizeof(int))
#define MAP(m, what)                                                                               \
        {                                                                                          \
                .name = #m, .map = &(m), .kind = (what), .key_size = sizeof(*(m).key),             \
                .value_size = sizeof(*(m).value), .max_entries = ENTRIES(m), .fd = -1,             \
        }

static struct native_map maps[] = {
        MAP(flows, NATIVE_ARRAY),
        MAP(clock_guesses, NATIVE_ARRAY),
        MAP(looks, NATIVE_ARRAY),
        MAP(walked, NATIVE_ARRAY),
        MAP(totals, NATIVE_ARRAY),
        MAP(tuples, NATIVE_HASH),
        MAP(sources, NATIVE_HASH),
        {.name = "markers", .map = &markers, .kind = NATIVE_PROGRAMS, .fd = -1},
        {.name = "events", .map = &events, .kind = NATIVE_RING, .fd = -1},
        {.name = "bss", .kind = NATIVE_GLOBALS, .value_size = 1, .max_entries = 1, .fd = -1},
};
#define N_MAPS (sizeof(maps) / sizeof(maps[0]))

static struct native_map *map_of(const void *map)
{
        for (size_t i = 0; i < N_MAPS; i++)
                if (maps[i].map == map)
                        return &maps[i];
        abort();
}

static struct hash *hash_of(const struct native_map *m)
{
        return &hashes[m->map == &tuples];
}

static uint32_t bucket_of(const struct native_map *m, const void *key)
{
        const uint8_t *bytes = key;
        uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

        for (uint32_t i = 0; i < m->key_size; i++)
                h = (h ^ bytes[i]) * 0x100000001b3ULL;
        return (uint32_t)(h >> 32) % HASH_BUCKETS;
}

/* Where the number of the entry with this key stands; of the last of its bucket if none. */
static uint32_t *hash_find(struct native_map *m, const void *key)
{
        struct hash *h = hash_of(m);
        uint32_t *at = &h->bucket[bucket_of(m, key)];

        while (*at && memcmp(h->keys + (size_t)(*at - 1) * m->key_size, key, m->key_size) != 0)
                at = &h->entries[*at - 1].next;
        return at;
}

static int hash_remove(struct native_map *m, const void *key)
{
        struct hash *h = hash_of(m);
        uint32_t *at = hash_find(m, key), number = *at;

        if (!number)
                return -ENOENT;
        *at = h->entries[number - 1].next;
        h->entries[number - 1] = (struct entry){};
        return 0;
}

/* A free entry, or that which was not used for longest. */
static uint32_t hash_room(struct native_map *m)
{
        struct hash *h = hash_of(m);
        uint32_t oldest = 0;

        if (h->n < m->max_entries)
                return h->n++;
        for (uint32_t i = 0; i < m->max_entries; i++) {
                if (!h->entries[i].taken)
                        return i;
                if (h->entries[i].used < h->entries[oldest].used)
                        oldest = i;
        }
        (void)hash_remove(m, h->keys + (size_t)oldest * m->key_size);
        return oldest;
}

static int hash_update(struct native_map *m, const void *key, const void *value)
{
        struct hash *h = hash_of(m);
        uint32_t number = *hash_find(m, key);

        if (!number) {
                uint32_t room = hash_room(m);

                number = *hash_find(m, key) = room + 1;
                memcpy(h->keys + (size_t)room * m->key_size, key, m->key_size);
                h->entries[room].taken = true;
        }
        h->entries[number - 1].used = ++h->time;
        memcpy(h->values + (size_t)(number - 1) * m->value_size, value, m->value_size);
        return 0;
}

static void *hash_lookup(struct native_map *m, const void *key)
{
        struct hash *h = hash_of(m);
        uint32_t number = *hash_find(m, key);

        if (!number)
                return NULL;
        h->entries[number - 1].used = ++h->time;
        return h->values + (size_t)(number - 1) * m->value_size;
}

static bool any_key(struct native_map *m, void *key)
{
        struct hash *h = hash_of(m);

        for (uint32_t i = 0; i < h->n; i++)
                if (h->entries[i].taken) {
                        memcpy(key, h->keys + (size_t)i * m->key_size, m->key_size);
                        return true;
                }
        return false;
}

static void *lookup(struct native_map *m, const void *key)
{
        uint32_t index;

        if (m->kind == NATIVE_HASH)
                return hash_lookup(m, key);
        memcpy(&index, key, sizeof(index));
        return index < m->max_entries ? (uint8_t *)m->values + (size_t)index * m->value_size : NULL;
}

static int update(struct native_map *m, const void *key, const void *value)
{
        uint32_t index;
        void *at;

        memcpy(&index, key, sizeof(index));
        switch (m->kind) {
        case NATIVE_HASH:
                return hash_update(m, key, value);
        case NATIVE_ARRAY:
                at = lookup(m, key);
                if (!at)
                        return -E2BIG;
                memcpy(at, value, m->value_size);
                return 0;
        case NATIVE_PROGRAMS:
                memcpy(&markers.values[index], value, sizeof(markers.values[index]));
                return 0;
        case NATIVE_GLOBALS:
                memset(aliens, 0, sizeof(aliens));
                memset(&flow_index, 0, sizeof(flow_index));
                return 0;
        default:
                return -EOPNOTSUPP;
        }
}

static int remove_key(struct native_map *m, const void *key)
{
        static const native_program none;

        return m->kind == NATIVE_PROGRAMS ? update(m, key, &none) : hash_remove(m, key);
}

static const void *next_event(size_t *size)
{
        if (ring_from == ring_to)
                return NULL;
        *size = sizeof(ring[0]);
        return &ring[ring_from++ % RING_EVENTS];
}

static int array_new(struct native_map *m)
{
        size_t size = (size_t)m->value_size * m->max_entries;

        /* a file, as p2sd maps some of them */
        m->fd = memfd_create(m->name, MFD_CLOEXEC);
        if (m->fd < 0 || ftruncate(m->fd, (off_t)size) < 0)
                return -errno;
        m->values = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
        return m->values == MAP_FAILED ? -errno : 0;
}

static int hash_new(struct native_map *m)
{
        struct hash *h = hash_of(m);

        h->entries = calloc(m->max_entries, sizeof(*h->entries));
        h->keys = calloc(m->max_entries, m->key_size);
        h->values = calloc(m->max_entries, m->value_size);
        return h->entries && h->keys && h->values ? 0 : -ENOMEM;
}

/* As libbpf does with an object's read-only data before it loads it. */
static int set_constant(const volatile __u8 *constant, bool value)
{
        uintptr_t page = (uintptr_t)constant & ~(uintptr_t)4095;

        if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) < 0)
                return -errno;
        *(volatile __u8 *)(uintptr_t)constant = value;
        return 0;
}

static int load(bool ethernet, bool own_clock)
{
        int r;

        for (size_t i = 0; i < N_MAPS; i++) {
                r = maps[i].kind == NATIVE_ARRAY  ? array_new(&maps[i])
                    : maps[i].kind == NATIVE_HASH ? hash_new(&maps[i])
                                                  : 0;
                if (r < 0)
                        return r;
        }
        r = set_constant(&link_ethernet, ethernet);
        return r < 0 ? r : set_constant(&test_clock, own_clock);
}

static void unload(void)
{
        for (size_t i = 0; i < N_MAPS; i++)
                if (maps[i].kind == NATIVE_ARRAY) {
                        (void)munmap(maps[i].values,
                                     (size_t)maps[i].value_size * maps[i].max_entries);
                        (void)close(maps[i].fd);
                }
        for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
                free(hashes[i].entries);
                free(hashes[i].keys);
                free(hashes[i].values);
        }
}

static int run_program(native_program program, void *ctx)
{
        return setjmp(tail) ? tail_result : program(ctx);
}

/* -- what the programs call -- */

static long copy_out(__u32 data, size_t all, __u32 offset, void *to, __u32 size)
{
        if (offset > all || size > all - offset)
                return -EFAULT;
        memcpy(to, (const uint8_t *)(uintptr_t)data + offset, size);
        return 0;
}

static long copy_in(__u32 data, size_t all, __u32 offset, const void *from, __u32 size)
{
        if (offset > all || size > all - offset)
                return -EFAULT;
        memcpy((uint8_t *)(uintptr_t)data + offset, from, size);
        return 0;
}

long bpf_skb_load_bytes(const void *ctx, __u32 offset, void *to, __u32 size)
{
        const struct __sk_buff *skb = ctx;

        return copy_out(skb->data, skb->len, offset, to, size);
}

long bpf_skb_store_bytes(void *ctx, __u32 offset, const void *from, __u32 size, __u64 flags)
{
        struct __sk_buff *skb = ctx;

        return copy_in(skb->data, skb->len, offset, from, size);
}

long bpf_xdp_load_bytes(void *ctx, __u32 offset, void *to, __u32 size)
{
        const struct xdp_md *xdp = ctx;

        return copy_out(xdp->data, xdp->data_end - xdp->data, offset, to, size);
}

long bpf_xdp_store_bytes(void *ctx, __u32 offset, void *from, __u32 size)
{
        const struct xdp_md *xdp = ctx;

        return copy_in(xdp->data, xdp->data_end - xdp->data, offset, from, size);
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
        return lookup(map_of(map), key);
}

long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags)
{
        return update(map_of(map), key, value);
}

long bpf_ringbuf_output(void *map, void *data, __u64 size, __u64 flags)
{
        if (ring_to - ring_from == RING_EVENTS || size != sizeof(ring[0]))
                return -EAGAIN;
        memcpy(&ring[ring_to++ % RING_EVENTS], data, size);
        return 0;
}

long bpf_loop(__u32 n, void *step, void *ctx, __u64 flags)
{
        long (*next)(__u32, void *) = step;
        __u32 i = 0;

        while (i < n && next(i++, ctx) == 0)
                ;
        return i;
}

long bpf_set_hash(void *ctx, __u32 hash)
{
        ((struct __sk_buff *)ctx)->hash = hash;
        return 0;
}

long bpf_csum_update(void *ctx, __u32 sum)
{
        return 0; /* what a driver has summed is no part of these packets */
}

__u64 bpf_ktime_get_ns(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (__u64)t.tv_sec * 1000000000U + (__u64)t.tv_nsec;
}

void bpf_tail_call_static(void *ctx, const void *map, __u32 slot)
{
        if (!markers.values[slot])
                return;
        tail_result = markers.values[slot](ctx);
        longjmp(tail, 1);
}

__attribute__((visibility("default"))) struct native_object native_object = {
        .maps = maps,
        .n_maps = N_MAPS,
        .egress = (native_program)p2s_egress,
        .ingress = (native_program)p2s_ingress,
        .xdp = (native_program)p2s_xdp,
        .mark_video = (native_program)p2s_mark_video,
        .settings = &settings,
        .ports = port_class,
        .index = &flow_index,
        .secret = flow_secret,
        .load = load,
        .unload = unload,
        .run = run_program,
        .lookup = lookup,
        .update = update,
        .remove = remove_key,
        .any_key = any_key,
        .event = next_event,
};
