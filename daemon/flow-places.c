// SPDX-License-Identifier: GPL-2.0-or-later
#include "flow-places.h"

#include <sys/mman.h>

#include <bpf/bpf.h>

/* Entries mapped at a time: 256 KiB. */
#define WINDOW 1024

/* All of an entry, the programs' own end of it included. */
union entry {
        struct p2s_flow_entry e;
        uint8_t bytes[256];
};

/* Flows on probation, or that no longer look like a call, are not taken; nor is one that
 * gives way to another while it is copied. */
static void take(const union entry *entry, struct kernel_flow *flows, size_t *n)
{
        struct kernel_flow *to = flows + *n;

        if (entry->e.flow.rule == P2S_RULE_NONE)
                return;
        to->key = entry->e.key;
        to->flow = entry->e.flow;
        if (to->flow.rule != P2S_RULE_NONE)
                (*n)++;
}

static int read_window(int fd, uint32_t first, uint32_t n_entries, struct kernel_flow **flows,
                       size_t *n)
{
        const size_t size = WINDOW * sizeof(union entry);
        const union entry *entries;
        struct kernel_flow *more;

        more = reallocarray(*flows, *n + n_entries, sizeof(*more));
        if (!more)
                return -ENOMEM;
        *flows = more;
        entries = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, (off_t)(first * sizeof(*entries)));
        if (entries == MAP_FAILED)
                return -errno;
        for (uint32_t i = 0; i < n_entries; i++)
                take(entries + i, *flows, n);
        (void)munmap((void *)entries, size);
        return 0;
}

int flow_read(int fd, uint32_t used, struct kernel_flow **ret, size_t *ret_n)
{
        _cleanup_free_ struct kernel_flow *flows = NULL;
        size_t n = 0;
        int r;

        used = MIN(used, (uint32_t)P2S_FLOWS_MAX); /* more where CPUs asked at once */
        for (uint32_t first = 0; first < used; first += WINDOW) {
                r = read_window(fd, first, MIN(used - first, (uint32_t)WINDOW), &flows, &n);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(flows);
        *ret_n = n;
        return 0;
}

int flow_forget(int fd, const struct flow_index *index, const uint32_t secret[FLOW_ID_SECRETS],
                const struct p2s_flow_key *key)
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
        struct p2s_flow_id id =
                flow_id_of(secret, key, memcmp(key->local, mapped, sizeof(mapped)) == 0);
        struct flow_place at = flow_id_place(secret, &id);
        static const union entry none;
        union entry entry;

        for (uint32_t i = 0; i < FLOW_WAYS; i++) {
                uint32_t way = index->sets[at.set].way[i], place = way & FLOW_ENTRY_MASK;

                if ((way & ~FLOW_ENTRY_MASK) != at.tag ||
                    bpf_map_lookup_elem(fd, &place, &entry) < 0 ||
                    memcmp(&entry.e.id, &id, sizeof(id)) != 0)
                        continue;
                return bpf_map_update_elem(fd, &place, &none, BPF_EXIST);
        }
        return -ENOENT;
}

void flow_forget_all(struct flow_index *index)
{
        memset(index, 0, sizeof(*index));
}

_Static_assert(sizeof(union entry) == 256, "what the map has for an entry");
_Static_assert(P2S_FLOWS_MAX % WINDOW == 0, "no window reaches beyond the map");
_Static_assert(WINDOW * sizeof(union entry) % 65536 == 0, "windows begin with a page");
