/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has passed, by direction and class. */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "p2s-abi.h"

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct p2s_totals);
} totals SEC(".maps");

static __always_inline struct p2s_total *total_of(enum p2s_direction direction, __u8 class)
{
        __u32 zero = 0;
        struct p2s_totals *all = bpf_map_lookup_elem(&totals, &zero);

        return all ? &all->of[direction][class & 3] : NULL;
}
