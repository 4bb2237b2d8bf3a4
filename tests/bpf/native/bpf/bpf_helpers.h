/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of libbpf's: what the BPF sources ask of the kernel, for a process.  Found
 * first in the include path of fuzz-packet alone. */
#pragma once

#include <stddef.h>

#include <linux/bpf.h>

#define SEC(name)
#undef __always_inline
#define __always_inline   inline __attribute__((always_inline))
#define __uint(name, val) int(*name)[val]
#define __type(name, val) val *name

/* Of the packet that is being looked at; defined by the harness.  0, or -EFAULT. */
long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 size);
/* In the headers, and never called: the parser writes nothing and is handed an skb. */
static inline long bpf_skb_store_bytes(void *skb, __u32 offset, const void *from, __u32 size,
                                       __u64 flags)
{
        __builtin_trap();
}
static inline long bpf_xdp_load_bytes(void *xdp, __u32 offset, void *to, __u32 size)
{
        __builtin_trap();
}
static inline long bpf_xdp_store_bytes(void *xdp, __u32 offset, void *from, __u32 size)
{
        __builtin_trap();
}
/* There is one map with one entry on the way from bytes to facts: walked. */
void *bpf_map_lookup_elem(void *map, const void *key);
