/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP and what shares a port with it, told apart by their first bytes (RFC 7983,
 * RFC 9443 for QUIC, RFC 5761 for RTCP). */
#pragma once

#include "parse.bpf.h"

#define STUN_COOKIE          0x2112a442 /* RFC 8489 section 5 */
#define TURN_CHANNEL_HEADER  4          /* RFC 8656 section 12.4: number, length */
#define RTP_COMFORT_NOISE    13         /* RFC 3389 */
#define RTP_TYPE_DYNAMIC     35         /* from here on to 63, and from 96 on */
#define RTP_TYPE_MAX         127
#define TELEPHONE_EVENT_SIZE 4 /* of the payload, RFC 4733 section 2.3 */

enum payload_kind {
        PAYLOAD_OTHER,
        PAYLOAD_RTP,
        PAYLOAD_STUN,
        PAYLOAD_COMPANION, /* DTLS: goes with a call, begins none */
        PAYLOAD_RTCP,      /* so does this */
};

/* RFC 3550 section 5.1.  Any of the others is read through it as well. */
struct rtp_header {
        __u8 flags;       /* version 2 bits, padding, extension, 4 bits of CSRC count */
        __u8 marker_type; /* marker, 7 bits of payload type */
        __be16 sequence;
        __be32 timestamp;
        __be32 ssrc;
};

/* One RTP packet, in host byte order. */
struct rtp {
        __u32 timestamp;
        __u32 ssrc;
        __u16 size; /* of header and payload */
        __u8 padded;
        __u8 reserved;
        __u16 sequence;
        __u8 payload_type;
        __u8 marker;
};

/* RTP clock by static payload type, Hz (RFC 3551 section 6); 0 = none is assigned.
 * 9 is G.722, which says 8000 by an old mistake that the RFC keeps. */
static const __u32 rtp_static_clock[RTP_TYPE_MAX + 1] = {
        [0] = 8000,   [3] = 8000,   [4] = 8000,   [5] = 8000,   [6] = 16000,
        [7] = 8000,   [8] = 8000,   [9] = 8000,   [10] = 44100, [11] = 44100,
        [12] = 8000,  [13] = 8000,  [14] = 90000, [15] = 8000,  [16] = 11025,
        [17] = 22050, [18] = 8000,  [19] = 8000,  [25] = 90000, [26] = 90000,
        [28] = 90000, [31] = 90000, [32] = 90000, [33] = 90000, [34] = 90000,
};

static __always_inline bool rtp_type_is_dynamic(__u8 type)
{
        return type >= RTP_TYPE_DYNAMIC;
}

/* Types below that carry pictures; 14 is MPEG audio, with the clock of video. */
static __always_inline bool rtp_type_is_video(__u8 type)
{
        return type >= 25 && type < RTP_TYPE_DYNAMIC;
}

/* Whether it has the form of RTP.  The types 64 to 95 are those of RTCP without its
 * highest bit (RFC 5761 section 4). */
static __always_inline enum payload_kind rtp_read(const struct rtp_header *h, __u32 size,
                                                  struct rtp *ret)
{
        __u8 type = h->marker_type & 0x7f;
        __u32 header = sizeof(*h) + (h->flags & 0xf) * 4 + (h->flags & 0x10 ? 4 : 0);

        if (type >= 64 && type <= 95)
                return PAYLOAD_RTCP;
        if (header > size || (!rtp_type_is_dynamic(type) && !rtp_static_clock[type]))
                return PAYLOAD_OTHER;
        ret->timestamp = bpf_ntohl(h->timestamp);
        ret->ssrc = bpf_ntohl(h->ssrc);
        ret->size = (__u16)size;
        ret->padded = h->flags >> 5 & 1;
        ret->reserved = 0;
        ret->sequence = bpf_ntohs(h->sequence);
        ret->payload_type = type;
        ret->marker = h->marker_type >> 7;
        return PAYLOAD_RTP;
}

/* RTP in TURN channel data: the length it states must be what there is, but for
 * padding to 4 bytes.  QUIC's short header begins alike (RFC 9443 section 3). */
static __always_inline enum payload_kind rtp_read_channel(const struct frame *f, __u32 offset,
                                                          __u32 size, struct rtp_header *h,
                                                          struct rtp *ret)
{
        __u32 length = bpf_ntohs(h->sequence); /* the same two bytes */

        if (size < sizeof(*h) + TURN_CHANNEL_HEADER || length < sizeof(*h) ||
            length > size - TURN_CHANNEL_HEADER || length + 3 < size - TURN_CHANNEL_HEADER)
                return PAYLOAD_OTHER;
        if (parse_load(f, offset + TURN_CHANNEL_HEADER, h, sizeof(*h)) < 0 || h->flags >> 6 != 2)
                return PAYLOAD_OTHER;
        return rtp_read(h, length, ret) == PAYLOAD_RTP ? PAYLOAD_RTP : PAYLOAD_COMPANION;
}

/* Says what a UDP payload is; fills *ret where it is RTP. */
static __always_inline enum payload_kind rtp_look(const struct frame *f, __u32 offset, __u32 size,
                                                  struct rtp *ret)
{
        struct rtp_header h;

        if (size < sizeof(h) || parse_load(f, offset, &h, sizeof(h)) < 0)
                return PAYLOAD_OTHER;
        if (h.flags >> 6 == 2)
                return rtp_read(&h, size, ret);
        if (h.flags >= 64 && h.flags < 80)
                return rtp_read_channel(f, offset, size, &h, ret);
        if (h.flags < 4)
                return h.timestamp == bpf_htonl(STUN_COOKIE) ? PAYLOAD_STUN : PAYLOAD_OTHER;
        /* DTLS: content type, then 254.255 (1.0) or 254.253 (1.2, and 1.3 as it says) */
        if (h.flags >= 20 && h.flags < 64 && h.marker_type == 254)
                return PAYLOAD_COMPANION;
        return PAYLOAD_OTHER;
}
