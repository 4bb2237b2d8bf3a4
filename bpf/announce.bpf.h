/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells p2sd that a call has begun, where it wants to know. */
#pragma once

#include "classify.bpf.h"
#include "rtp.bpf.h"

/* p2sd gives all objects one ring of its own size. */
struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096);
} events SEC(".maps");

/* What p2sd takes for a call when it reads the flows: RTP in a class of its own, or
 * whatever the user's ports name.  A datagram that only bears a trusted DSCP is none. */
static __always_inline void announce_call(const struct __sk_buff *skb, const struct verdict *v,
                                          enum payload_kind kind)
{
        struct p2s_event e = {.ifindex = skb->ifindex};

        if (__builtin_expect(!settings.announce, 1) || v->class < P2S_CLASS_VIDEO ||
            (v->rule != P2S_RULE_PORT && kind != PAYLOAD_RTP))
                return;
        /* Two CPUs at this moment announce it twice: that does no harm. */
        settings.announce = 0;
        if (bpf_ringbuf_output(&events, &e, sizeof(e), 0) < 0)
                settings.announce = 1;
}
