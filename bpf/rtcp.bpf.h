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

#include "flow-table.bpf.h"

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

/* The entry of the flow of this SSRC in the direction that the key says, of its 5-tuple or of
 * the one below it where RTCP has ports of its own (RFC 3550 section 11); below 0 where there
 * is none. */
BPF_FUNCTION int rtcp_find(struct look *l, __u32 ssrc)
{
        struct p2s_flow_id id;
        int r;

        if (!l)
                return -1;
        l->key.ssrc = ssrc;
        id = flow_id_of(flow_secret, &l->key, l->version == 4);
        r = flow_entry(&id);
        if (r >= 0 || !(id.ports & bpf_htons(1) & id.ports >> 16))
                return r;
        id.ports -= bpf_htons(1) * 0x10001U;
        return flow_entry(&id);
}

static __always_inline struct flow_state *rtcp_flow(struct look *l, __be32 ssrc)
{
        int entry = rtcp_find(l, bpf_ntohl(ssrc));

        return entry < 0 ? NULL : flow_at((__u32)entry);
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

/* The block at this place.  The round trip is that from here: our sight of the sender's report
 * to our sight of the receiver's, less what the receiver says it waited.  Always 0. */
BPF_FUNCTION int rtcp_block(struct __sk_buff *skb, struct look *l, __u32 at)
{
        struct rtcp_block b;
        struct flow_state *s;
        __u64 delay, elapsed;
        __u16 behind;
        __u32 lost;

        if (!l || bpf_skb_load_bytes(skb, at, &b, sizeof(b)) < 0)
                return 0;
        s = rtcp_flow(l, b.ssrc);
        if (!s || !s->facts.received)
                return 0;
        behind = (__u16)(s->facts.max_ext_seq - bpf_ntohl(b.highest));
        if (behind > RTCP_NEAR && behind < 0x10000 - RTCP_NEAR)
                return 0;
        lost = bpf_ntohl(b.lost);
        s->facts.remote_fraction = (__u8)(lost >> 24);
        s->facts.remote_lost = (__s32)(lost << 8) >> 8;
        s->facts.remote_jitter = bpf_ntohl(b.jitter);
        s->facts.remote_known = 1;
        if (!s->sr_ns || !b.last_sr || bpf_ntohl(b.last_sr) != s->sr_ntp)
                return 0;
        delay = ((__u64)bpf_ntohl(b.delay) * 1000000000ULL) >> 16;
        elapsed = l->now - s->sr_ns;
        if (elapsed > delay && elapsed - delay < RTCP_RTT_MAX_NS)
                s->facts.rtt_ns = elapsed - delay;
        return 0;
}

/* Notes when a sender's report passed.  Always 0. */
BPF_FUNCTION int rtcp_sender(struct __sk_buff *skb, struct look *l, __u32 at)
{
        struct rtcp_sender sender;
        struct flow_state *s;

        if (!l || bpf_skb_load_bytes(skb, at, &sender, sizeof(sender)) < 0)
                return 0;
        s = rtcp_flow(l, sender.ssrc);
        if (!s)
                return 0;
        s->sr_ns = l->now;
        s->sr_ntp = bpf_ntohl(sender.ntp[0]) << 16 | bpf_ntohl(sender.ntp[1]) >> 16;
        return 0;
}

/* Reads one datagram of RTCP; leaves l->key another.  Always 0. */
BPF_FUNCTION int rtcp_read(struct __sk_buff *skb, struct look *l)
{
        struct rtcp_header h;
        __u32 at, end;

        if (!l || bpf_skb_load_bytes(skb, l->at, &h, sizeof(h)) < 0 ||
            (h.type != RTCP_SR && h.type != RTCP_RR) || !rtcp_is_plain(skb, l->at, l->payload))
                return 0;
        end = l->at + (bpf_ntohs(h.length) + 1U) * 4;
        at = l->at + (__u32)sizeof(h);
        if (h.type == RTCP_SR) {
                (void)rtcp_sender(skb, l, at);
                at += RTCP_SENDER_BYTES;
        }
        at += sizeof(__be32);
        l->key.direction = !l->key.direction; /* whom it reports on */
        for (__u32 i = 0; i < RTCP_BLOCKS_MAX; i++) {
                if (i >= (h.flags & RTCP_COUNT_MASK) || at + sizeof(struct rtcp_block) > end)
                        break;
                (void)rtcp_block(skb, l, at);
                at += sizeof(struct rtcp_block);
        }
        return 0;
}
