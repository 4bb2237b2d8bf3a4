/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A UDP packet at first sight, at either hook. */
#pragma once

#include "classify.bpf.h"
#include "flow.bpf.h"

/* What the short way knows of a packet. */
struct sight {
        struct p2s_flow_id id;
        struct rtp rtp;
        __u32 bytes;
        __u8 kind;
        __u8 known;
};

/* What is asked of a UDP packet first: its ports, what it carries, its DSCP,
 * which flow it is of.  first: bytes of the first segment.  False = no more is to be asked. */
static __always_inline bool sight_udp(const struct frame *f, const struct packet *p,
                                      enum p2s_direction direction, __u32 first, struct verdict *v,
                                      struct sight *l)
{
        l->kind = PAYLOAD_OTHER;
        l->known = 0;
        l->bytes = p->bytes;
        __builtin_memset(&l->id, 0, sizeof(l->id));
        __builtin_memset(&l->rtp, 0, sizeof(l->rtp));
        v->class = classify_ports(p);
        v->rule = v->class ? P2S_RULE_PORT : P2S_RULE_NONE;
        if (v->class == P2S_CLASS_GENERAL)
                return false;
        if (v->class || settings.detect)
                l->kind = rtp_look(f, p->l4 + sizeof(struct udphdr), first, &l->rtp);
        if (!v->class) {
                classify_dscp(p, direction, v);
                if (l->kind == PAYLOAD_OTHER && v->class < P2S_CLASS_VIDEO)
                        return false;
        }
        if (flow_id_read(f, p, &l->id) < 0)
                return false;
        if (l->kind == PAYLOAD_RTP)
                l->id.ssrc = flow_id_ssrc(l->rtp.ssrc, direction);
        return true;
}

/* What the long way looks at, off the stack: 512 bytes must do for all that is called. */
struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct look);
} looks SEC(".maps");

/* The packet there; NULL = there is no such place. */
static __always_inline struct look *look_at(const struct packet *p, enum p2s_direction direction,
                                            const struct verdict *v, const struct sight *found)
{
        __u32 zero = 0;
        struct look *l = bpf_map_lookup_elem(&looks, &zero);

        if (!l)
                return NULL;
        l->id = found->id;
        l->rtp = found->rtp;
        l->bytes = found->bytes;
        l->kind = found->kind;
        l->known = found->known;
        l->l3 = p->l3;
        l->at = p->l4 + (__u32)sizeof(struct udphdr);
        l->payload = p->payload;
        l->segments = p->segments;
        l->direction = (__u8)direction;
        l->version = p->version;
        l->dscp = p->dscp;
        l->verdict = *v;
        return l;
}

/* Reads the key of a packet; below 0 where it has no addresses. */
static __always_inline int look_key(const struct frame *f, struct look *l)
{
        return flow_key_read(f, l->l3, l->version, l->direction, l->id.ports, &l->key);
}
