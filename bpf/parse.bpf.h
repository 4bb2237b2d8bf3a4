/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From bytes to the facts that rules ask for.
 *
 * Nearly every packet is Ethernet or nothing, IPv4 without options or IPv6 without
 * extensions, TCP or UDP, in the linear part of the skb: those are read in place
 * here.  All others (tags, PPPoE, options, extensions, fragments, headers that a
 * driver left elsewhere) take the long way, walk.bpf.h.
 *
 * Nothing here is an error: what cannot be read leaves the fields after it at
 * zero, and such a packet is general. */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "frame.bpf.h"
#include "p2s-abi.h"

/* No header begins further in; the verifier wants to know. */
#define LINEAR_MAX 4096

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK    0x1fff
/* FIN SYN RST PSH ACK URG; ECE and CWR ride on any segment (RFC 3168). */
#define TCP_FLAGS_MASK 0x3f
#define TCP_JUST_ACK   0x10

/* In each link's own copy of the object: whether frames begin with an Ethernet
 * header or with the IP header (tun, WireGuard, ppp). */
const volatile __u8 link_ethernet = 1;

/* A function of its own that the verifier looks at once, by its prototype alone,
 * rather than from each place and state that leads to it: this is what keeps loading
 * an object a matter of milliseconds.  Its pointers are NULL to the verifier until
 * they are compared. */
#define BPF_FUNCTION __attribute__((noinline))

struct packet {
        __u32 l3;       /* offset of the IP header */
        __u32 l4;       /* offset of the TCP or UDP header; 0 = none that can be read */
        __u32 bytes;    /* from the IP header on, each segment with headers of its own */
        __u32 segments; /* how many packets go over the wire */
        __u32 payload;  /* bytes after the UDP header, of all segments */
        __u8 version;   /* 4, 6; 0 = not IP */
        __u8 proto;     /* IPPROTO_UDP, IPPROTO_TCP where l4 is set */
        __u8 dscp;
        __u8 just_ack; /* a TCP segment that only acknowledges */
        __be16 source;
        __be16 dest;
};

/* Copies bytes of the packet, a multiple of 2: from the linear part by hand (the
 * helper costs more than a short copy), from elsewhere by the helper. */
static __always_inline int parse_load(const struct frame *f, __u32 offset, void *to,
                                      const __u32 size)
{
        const __u16 *from;
        __u64 at = offset;

        /* So that what is compared is what is added, for Linux 6.1. */
        asm volatile("" : "+r"(at));
        if (at > LINEAR_MAX)
                return frame_load(f, offset, to, size);
        from = frame_start(f) + at;
        if ((const void *)from + size > frame_end(f))
                return frame_load(f, offset, to, size);
        if (size % 4 == 0) {
                for (__u32 i = 0; i < size / 4; i++)
                        ((__u32 *)to)[i] = ((const __u32 *)from)[i];
        } else {
                for (__u32 i = 0; i < size / 2; i++)
                        ((__u16 *)to)[i] = from[i];
        }
        return 0;
}

static __always_inline __u32 parse_rest(const struct frame *f, __u32 offset)
{
        return frame_size(f) > offset ? frame_size(f) - offset : 0;
}

static __always_inline void parse_ipv4(const struct frame *f, struct packet *p,
                                       const struct iphdr *ip)
{
        __u32 rest = parse_rest(f, p->l3), total = bpf_ntohs(ip->tot_len);

        p->version = 4;
        p->dscp = ip->tos >> 2;
        /* Short frames are padded, so the skb may say too much; a total of 0 is a
         * super-packet beyond 64 KiB (BIG TCP). */
        p->bytes = total && total < rest ? total : rest;
}

static __always_inline void parse_ipv6(const struct frame *f, struct packet *p,
                                       const struct ipv6hdr *ip)
{
        __u32 rest = parse_rest(f, p->l3), total = bpf_ntohs(ip->payload_len);

        p->version = 6;
        p->dscp = (bpf_ntohs(*(const __be16 *)ip) >> 6) & 0x3f;
        p->bytes = total && total + sizeof(*ip) < rest ? total + (__u32)sizeof(*ip) : rest;
}

/* A super-packet leaves (or came) as segments, each with the headers before it.
 * What a guest hands over has no count until a device has checked it. */
static __always_inline void parse_segments(const struct frame *f, struct packet *p, __u32 headers)
{
        __u32 size = frame_segment_size(f), segments;

        if (__builtin_expect(!size, 1))
                return;
        segments = frame_segments(f);
        if (!segments)
                segments = (p->bytes - headers + size - 1) / size;
        if (segments > 1) {
                p->segments = segments;
                p->bytes += (segments - 1) * headers;
        }
}

static __always_inline void parse_tcp(const struct frame *f, struct packet *p, __u32 l4,
                                      const struct tcphdr *tcp)
{
        __u32 headers = l4 - p->l3 + tcp->doff * 4;

        if (p->bytes < headers || tcp->doff < 5)
                return;
        p->l4 = l4;
        p->proto = IPPROTO_TCP;
        p->source = tcp->source;
        p->dest = tcp->dest;
        p->just_ack =
                (((const __u8 *)tcp)[13] & TCP_FLAGS_MASK) == TCP_JUST_ACK && p->bytes == headers;
        parse_segments(f, p, headers);
}

static __always_inline void parse_udp(const struct frame *f, struct packet *p, __u32 l4,
                                      const struct udphdr *udp)
{
        __u32 headers = l4 - p->l3 + (__u32)sizeof(*udp);

        if (p->bytes < headers)
                return;
        p->l4 = l4;
        p->proto = IPPROTO_UDP;
        p->source = udp->source;
        p->dest = udp->dest;
        p->payload = p->bytes - headers;
        parse_segments(f, p, headers);
}

static __always_inline bool parse_plain_transport(const struct frame *f, struct packet *p,
                                                  __u8 proto, const void *l4, const void *end)
{
        __u32 offset = p->l3 + (p->version == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

        if (proto == IPPROTO_TCP && l4 + sizeof(struct tcphdr) <= end) {
                parse_tcp(f, p, offset, l4);
                return true;
        }
        if (proto == IPPROTO_UDP && l4 + sizeof(struct udphdr) <= end) {
                parse_udp(f, p, offset, l4);
                return true;
        }
        return false;
}

/* Reads a plain packet; false = it is not one, and *p is void. */
static __always_inline bool parse_plain(const struct frame *f, struct packet *p)
{
        const void *start = frame_start(f), *end = frame_end(f);
        const struct ipv6hdr *v6;
        const struct iphdr *v4;
        __be16 proto = 0;

        __builtin_memset(p, 0, sizeof(*p));
        p->segments = 1;
        if (link_ethernet) {
                const struct ethhdr *eth = start;

                if ((const void *)(eth + 1) > end)
                        return false;
                proto = eth->h_proto;
                start = eth + 1;
                p->l3 = sizeof(*eth);
        }

        v4 = start;
        if ((const void *)(v4 + 1) > end)
                return false;
        if (v4->version == 4 && (!link_ethernet || proto == bpf_htons(ETH_P_IP))) {
                if (v4->ihl != 5 ||
                    (v4->frag_off & bpf_htons(IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)))
                        return false;
                parse_ipv4(f, p, v4);
                return parse_plain_transport(f, p, v4->protocol, v4 + 1, end);
        }

        v6 = start;
        if ((const void *)(v6 + 1) > end || v6->version != 6 ||
            (link_ethernet && proto != bpf_htons(ETH_P_IPV6)))
                return false;
        parse_ipv6(f, p, v6);
        return parse_plain_transport(f, p, v6->nexthdr, v6 + 1, end);
}
