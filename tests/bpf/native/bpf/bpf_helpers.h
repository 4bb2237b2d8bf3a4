/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of libbpf's: what the BPF sources ask of the kernel, for a process.  Found first
 * in the include path of what compiles them so: fuzz-packet, which defines what the parser
 * needs, and object.c, which defines all. */
#pragma once

#include <stddef.h>

#include <linux/bpf.h>

#define SEC(name)
#undef __always_inline
#define __always_inline    inline __attribute__((always_inline))
#define __uint(name, val)  int(*name)[val]
#define __type(name, val)  val *name
#define __array(name, val) __typeof__(val) *name[8]
/* hints to the verifier, some of them in its own machine's words */
#define asm                                                                                        \
        if (0)                                                                                     \
        __asm__

/* libbpf has functions of these names, for the other side of the system call */
#define bpf_map_lookup_elem native_map_lookup
#define bpf_map_update_elem native_map_update

long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 size);
long bpf_skb_store_bytes(void *skb, __u32 offset, const void *from, __u32 size, __u64 flags);
long bpf_xdp_load_bytes(void *xdp, __u32 offset, void *to, __u32 size);
long bpf_xdp_store_bytes(void *xdp, __u32 offset, void *from, __u32 size);
void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags);
long bpf_ringbuf_output(void *ring, void *data, __u64 size, __u64 flags);
long bpf_loop(__u32 n, void *step, void *ctx, __u64 flags);
long bpf_set_hash(void *skb, __u32 hash);
long bpf_csum_update(void *skb, __u32 sum);
__u64 bpf_ktime_get_ns(void);
void bpf_tail_call_static(void *ctx, const void *map, __u32 slot);
