/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the receiver of a flow says of it: sender and receiver reports in clear
 * (RFC 3550 section 6.4).
 *
 * SRTCP (RFC 3711 section 3.4) leaves the first 8 bytes in clear and looks alike.  It is
 * told apart by what follows: the packets of plain RTCP fill the datagram to the last
 * byte, those of SRTCP leave an index and a tag, and their second header is noise.  A
 * block counts only where the SSRC is that of a flow the other way and the highest
 * number in it is near that flow's. */
#pragma once

#include "flow.bpf.h"

#define RTCP_SR           200
#define RTCP_RR           201
#define RTCP_TYPE_FIRST   192
#define RTCP_TYPE_LAST    223
#define RTCP_PACKETS_MAX  8 /* in one datagram */
#define RTCP_BLOCKS_MAX   8
#define RTCP_COUNT_MASK   0x1f
#define RTCP_NEAR         3000 /* sequence numbers, RTP_DROPOUT_MAX of RFC 3550 A.1 */
#define RTCP_RTT_MAX_NS   10000000000ULL
#define RTCP_SENDER_BYTES 20

struct rtcp_header {
        __u8 flags; /* version 2 bits, padding, count 5 bits */
        __u8 type;
        __be16 length; /* in units of 4 bytes, less one */
};

struct rtcp_sender {
        __be32 ssrc;
        __be32 ntp[2];
};

struct rtcp_block {
        __be32 ssrc;
        __be32 lost; /* fraction in the highest byte, then cumulative, signed */
        __be32 highest;
        __be32 jitter;
        __be32 last_sr; /* middle of its NTP timestamp */
        __be32 delay;   /* since it, 1/65536 s */
};

/* The flow of this SSRC in the direction that the key says, of its 5-tuple or of the one below
 * it where RTCP has ports of its own (RFC 3550 section 11). */
static __always_inline struct flow_state *rtcp_flow(struct look *l, __be32 ssrc)
{
        struct flow_state *s = NULL;
        struct p2s_flow_id id;

        l->key.ssrc = bpf_ntohl(ssrc);
        for (__u32 below = 0; below < 2 && !s; below++) {
                id = flow_id_of(flow_secret, &l->key, l->version == 4);
                if (below && !(id.ports & bpf_htons(1) & id.ports >> 16))
                        break;
                id.ports -= below * (bpf_htons(1) * 0x10001U);
                s = bpf_map_lookup_elem(&flows, &id);
        }
        return s;
}

/* Whether so many bytes are RTCP packets and nothing else. */
static __always_inline bool rtcp_is_plain(struct __sk_buff *skb, __u32 at, __u32 size)
{
        struct rtcp_header h;
        __u32 length;

        for (__u32 i = 0; i < RTCP_PACKETS_MAX && size; i++) {
                if (size < sizeof(h) || bpf_skb_load_bytes(skb, at, &h, sizeof(h)) < 0)
                        return false;
                length = (bpf_ntohs(h.length) + 1U) * 4;
                if (h.flags >> 6 != 2 || h.type < RTCP_TYPE_FIRST || h.type > RTCP_TYPE_LAST ||
                    length > size)
                        return false;
                at += length;
                size -= length;
        }
        return !size;
}

/* The round trip is that from here: our sight of the sender's report to our sight of the
 * receiver's, less what the receiver says it waited. */
static __always_inline void rtcp_block(struct look *l, const struct rtcp_block *b)
{
        struct flow_state *s = rtcp_flow(l, b->ssrc);
        __u32 lost = bpf_ntohl(b->lost);
        __u64 delay, elapsed;
        __u16 behind;

        if (!s || !s->facts.received)
                return;
        behind = (__u16)(s->facts.max_ext_seq - bpf_ntohl(b->highest));
        if (behind > RTCP_NEAR && behind < 0x10000 - RTCP_NEAR)
                return;
        s->facts.remote_fraction = (__u8)(lost >> 24);
        s->facts.remote_lost = (__s32)(lost << 8) >> 8;
        s->facts.remote_jitter = bpf_ntohl(b->jitter);
        s->facts.remote_ns = l->now;
        if (!s->sr_ns || !b->last_sr || bpf_ntohl(b->last_sr) != s->sr_ntp)
                return;
        delay = ((__u64)bpf_ntohl(b->delay) * 1000000000ULL) >> 16;
        elapsed = l->now - s->sr_ns;
        if (elapsed > delay && elapsed - delay < RTCP_RTT_MAX_NS)
                s->facts.rtt_ns = elapsed - delay;
}

/* Reads one datagram of RTCP, `at` bytes into the packet; leaves l->key another.  Always 0. */
BPF_FUNCTION int rtcp_read(struct __sk_buff *skb, struct look *l, __u32 at, __u32 size)
{
        union {
                struct rtcp_sender sender;
                struct rtcp_block block;
        } u;
        struct rtcp_header h;
        struct flow_state *s;
        __u32 end;

        if (!l || bpf_skb_load_bytes(skb, at, &h, sizeof(h)) < 0 ||
            (h.type != RTCP_SR && h.type != RTCP_RR) || !rtcp_is_plain(skb, at, size))
                return 0;
        end = at + (bpf_ntohs(h.length) + 1U) * 4;
        at += sizeof(h);
        if (h.type == RTCP_SR) {
                if (bpf_skb_load_bytes(skb, at, &u.sender, sizeof(u.sender)) < 0)
                        return 0;
                s = rtcp_flow(l, u.sender.ssrc);
                if (s) {
                        s->sr_ns = l->now;
                        s->sr_ntp =
                                bpf_ntohl(u.sender.ntp[0]) << 16 | bpf_ntohl(u.sender.ntp[1]) >> 16;
                }
                at += RTCP_SENDER_BYTES;
        }
        at += sizeof(__be32);
        l->key.direction = !l->key.direction; /* whom it reports on */
        for (__u32 i = 0; i < RTCP_BLOCKS_MAX; i++) {
                if (i >= (h.flags & RTCP_COUNT_MASK) || at + sizeof(u.block) > end ||
                    bpf_skb_load_bytes(skb, at, &u.block, sizeof(u.block)) < 0)
                        break;
                rtcp_block(l, &u.block);
                at += sizeof(u.block);
        }
        return 0;
}
