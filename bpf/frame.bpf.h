/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program is handed: an skb by tc, or a driver's buffer by XDP.
 *
 * Which of the two it is is a constant where each program is compiled, so that all that
 * reads packets is written once, and nothing asks at run time. */
#pragma once

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct frame {
        void *ctx;
        bool xdp;
};

#define FRAME_SKB(skb) (&(const struct frame){.ctx = (skb), .xdp = false})
#define FRAME_XDP(xdp) (&(const struct frame){.ctx = (xdp), .xdp = true})

/* The linear part as pointers.  The barrier keeps the compiler from widening the
 * 32-bit field at each use: the verifier takes what went through a 32-bit
 * register for a number. */
#define FRAME_POINTER(field)                                                                       \
        ({                                                                                         \
                void *_p_ = (void *)(long)(field);                                                 \
                asm volatile("" : "+r"(_p_));                                                      \
                _p_;                                                                               \
        })

static __always_inline void *frame_start(const struct frame *f)
{
        if (f->xdp)
                return FRAME_POINTER(((const struct xdp_md *)f->ctx)->data);
        return FRAME_POINTER(((const struct __sk_buff *)f->ctx)->data);
}

static __always_inline void *frame_end(const struct frame *f)
{
        if (f->xdp)
                return FRAME_POINTER(((const struct xdp_md *)f->ctx)->data_end);
        return FRAME_POINTER(((const struct __sk_buff *)f->ctx)->data_end);
}

/* Bytes of it.  Of a buffer in several parts only the first counts: all headers are in it,
 * and no call has packets of that size. */
static __always_inline __u32 frame_size(const struct frame *f)
{
        const struct xdp_md *xdp = f->ctx;

        if (f->xdp)
                return xdp->data_end - xdp->data;
        return ((const struct __sk_buff *)f->ctx)->len;
}

/* Bytes of each segment that a super-packet becomes; 0 = it is none. */
static __always_inline __u32 frame_segment_size(const struct frame *f)
{
        return f->xdp ? 0 : ((const struct __sk_buff *)f->ctx)->gso_size;
}

static __always_inline __u32 frame_segments(const struct frame *f)
{
        return f->xdp ? 0 : ((const struct __sk_buff *)f->ctx)->gso_segs;
}

/* Wherever they are; below 0 where there are none. */
static __always_inline int frame_load(const struct frame *f, __u32 offset, void *to,
                                      const __u32 size)
{
        if (f->xdp)
                return (int)bpf_xdp_load_bytes(f->ctx, offset, to, size);
        return (int)bpf_skb_load_bytes(f->ctx, offset, to, size);
}

/* flags: those of bpf_skb_store_bytes(); XDP knows of no checksum but those in the packet. */
static __always_inline int frame_store(const struct frame *f, __u32 offset, void *from,
                                       const __u32 size, __u64 flags)
{
        if (f->xdp)
                return (int)bpf_xdp_store_bytes(f->ctx, offset, from, size);
        return (int)bpf_skb_store_bytes(f->ctx, offset, from, size, flags);
}
