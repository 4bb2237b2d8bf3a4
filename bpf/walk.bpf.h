/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The long way to the facts of a packet, for all that is not plain: each header
 * is copied before it is looked at, so it may lie wherever a driver left it. */
#pragma once

#include "parse.bpf.h"

/* Tags in the frame: 802.1ad, 802.1Q, and one more for carriers that stack. */
#define VLAN_TAGS_MAX 3
/* Hop-by-hop, destination options twice, routing, AH, fragment (RFC 8200 4.1). */
#define IPV6_EXTENSIONS_MAX 6

#define IPV6_OFFSET_MASK 0xfff8
#define PPP_IPV4         0x0021
#define PPP_IPV6         0x0057

struct vlan_tag {
        __be16 tci;
        __be16 proto;
};

/* RFC 2516 section 4, with the PPP protocol field after it. */
struct pppoe_header {
        __u8 version_type;
        __u8 code;
        __be16 session;
        __be16 length;
        __be16 proto;
};

/* The first 4 bytes of any extension header. */
struct ipv6_extension {
        __u8 next;
        __u8 length;   /* in units of 8 bytes, without the first (AH: of 4, without two) */
        __be16 offset; /* fragment header alone: offset, reserved, more */
};

static __always_inline __u8 walk_version(__be16 proto)
{
        if (proto == bpf_htons(ETH_P_IP))
                return 4;
        return proto == bpf_htons(ETH_P_IPV6) ? 6 : 0;
}

/* Finds the IP header behind tags and PPPoE; returns its version, 0 = none. */
static __always_inline __u8 walk_link(const struct frame *f, struct packet *p)
{
        struct pppoe_header pppoe;
        struct vlan_tag tag;
        struct ethhdr eth;
        __be16 proto;

        if (frame_load(f, 0, &eth, sizeof(eth)) < 0)
                return 0;
        p->l3 = sizeof(eth);
        proto = eth.h_proto;
        for (int i = 0; i < VLAN_TAGS_MAX; i++) {
                if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
                        break;
                if (frame_load(f, p->l3, &tag, sizeof(tag)) < 0)
                        return 0;
                p->l3 += sizeof(tag);
                proto = tag.proto;
        }
        if (proto != bpf_htons(ETH_P_PPP_SES))
                return walk_version(proto);
        if (frame_load(f, p->l3, &pppoe, sizeof(pppoe)) < 0 || pppoe.code != 0)
                return 0;
        p->l3 += sizeof(pppoe);
        if (pppoe.proto == bpf_htons(PPP_IPV4))
                return 4;
        return pppoe.proto == bpf_htons(PPP_IPV6) ? 6 : 0;
}

/* Returns where the header of *proto begins, 0 = nowhere: a later fragment, or
 * more extension headers than anybody sends. */
static __always_inline __u32 walk_ipv6(const struct frame *f, struct packet *p, __u8 *proto)
{
        __u32 offset = p->l3 + (__u32)sizeof(struct ipv6hdr);
        struct ipv6_extension extension;

        for (int i = 0; i <= IPV6_EXTENSIONS_MAX; i++) {
                if (*proto != IPPROTO_HOPOPTS && *proto != IPPROTO_ROUTING &&
                    *proto != IPPROTO_DSTOPTS && *proto != IPPROTO_FRAGMENT && *proto != IPPROTO_AH)
                        return offset;
                if (frame_load(f, offset, &extension, sizeof(extension)) < 0)
                        return 0;
                if (*proto == IPPROTO_FRAGMENT && (extension.offset & bpf_htons(IPV6_OFFSET_MASK)))
                        return 0;
                if (*proto == IPPROTO_FRAGMENT)
                        offset += 8;
                else if (*proto == IPPROTO_AH)
                        offset += (extension.length + 2) * 4;
                else
                        offset += (extension.length + 1) * 8;
                *proto = extension.next;
        }
        return 0;
}

/* Reads what parse_plain does not. */
static __always_inline void walk(const struct frame *f, struct packet *p)
{
        union {
                struct iphdr v4;
                struct ipv6hdr v6;
                struct tcphdr tcp;
                struct udphdr udp;
        } h;
        __u32 l4 = 0;
        __u8 version, proto = 0;

        p->segments = 1;
        version = link_ethernet ? walk_link(f, p) : 0;
        p->bytes = parse_rest(f, p->l3);
        if (frame_load(f, p->l3, &proto, 1) < 0)
                return;
        if (link_ethernet && version != proto >> 4)
                return;
        version = proto >> 4;

        if (version == 4 && frame_load(f, p->l3, &h.v4, sizeof(h.v4)) == 0) {
                parse_ipv4(f, p, &h.v4);
                proto = h.v4.protocol;
                if (h.v4.ihl >= 5 && !(h.v4.frag_off & bpf_htons(IPV4_OFFSET_MASK)))
                        l4 = p->l3 + h.v4.ihl * 4;
        } else if (version == 6 && frame_load(f, p->l3, &h.v6, sizeof(h.v6)) == 0) {
                parse_ipv6(f, p, &h.v6);
                proto = h.v6.nexthdr;
                l4 = walk_ipv6(f, p, &proto);
        }
        if (!l4)
                return;
        if (proto == IPPROTO_UDP && frame_load(f, l4, &h.udp, sizeof(h.udp)) == 0)
                parse_udp(f, p, l4, &h.udp);
        else if (proto == IPPROTO_TCP && frame_load(f, l4, &h.tcp, sizeof(h.tcp)) == 0)
                parse_tcp(f, p, l4, &h.tcp);
}

/* One for each hook; always 0. */
BPF_FUNCTION int walk_skb(struct __sk_buff *skb, struct packet *p)
{
        if (p)
                walk(FRAME_SKB(skb), p);
        return 0;
}

BPF_FUNCTION int walk_xdp(struct xdp_md *xdp, struct packet *p)
{
        if (p)
                walk(FRAME_XDP(xdp), p);
        return 0;
}

/* Where the walk leaves what it finds, off the stack. */
struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct packet);
} walked SEC(".maps");

/* The way in: the short way, or else the long one.  The walk has a packet of its own, so
 * that the facts of all others can stay in registers. */
static __always_inline void walk_or_parse(const struct frame *f, struct packet *p)
{
        __u32 zero = 0;
        struct packet *far;

        if (__builtin_expect(parse_plain(f, p), 1))
                return;
        __builtin_memset(p, 0, sizeof(*p));
        far = bpf_map_lookup_elem(&walked, &zero);
        if (!far)
                return;
        __builtin_memset(far, 0, sizeof(*far));
        if (f->xdp)
                (void)walk_xdp(f->ctx, far);
        else
                (void)walk_skb(f->ctx, far);
        *p = *far;
}
