/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of a packet, carried through a tunnel in its hash. */
#pragma once

#include "classify.bpf.h"

static __always_inline void tag_write(struct __sk_buff *skb, enum p2s_queue queue)
{
        if (settings.tag_write && queue != P2S_QUEUE_GENERAL)
                (void)bpf_set_hash(skb, settings.tag[queue & 3]);
}

/* General: no tunnel has said anything of it. */
static __always_inline enum p2s_queue tag_read(const struct __sk_buff *skb)
{
        __u32 hash;

        if (__builtin_expect(!settings.tag_read, 1))
                return P2S_QUEUE_GENERAL;
        hash = skb->hash;
        if (hash == settings.tag[P2S_QUEUE_VOICE])
                return P2S_QUEUE_VOICE;
        if (hash == settings.tag[P2S_QUEUE_VIDEO])
                return P2S_QUEUE_VIDEO;
        return hash == settings.tag[P2S_QUEUE_ACK] ? P2S_QUEUE_ACK : P2S_QUEUE_GENERAL;
}
