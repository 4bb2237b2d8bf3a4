/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP, RTCP and their neighbours on one port told apart by their first bytes. */
#pragma once

#include "parse.bpf.h"

/* RFC 3550 section 5.1, and as much as any look at a payload needs. */
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
        __u16 sequence;
        __u8 payload_type;
        __u8 marker;
};

/* RTP clock by static payload type, Hz (RFC 3551 section 6); 0 = unassigned.
 * 9 is G.722, which says 8000 by an old mistake that the RFC keeps. */
static const __u32 rtp_static_clock[128] = {
        [0] = 8000,   [3] = 8000,   [4] = 8000,   [5] = 8000,   [6] = 16000,  [7] = 8000,
        [8] = 8000,   [9] = 8000,   [10] = 44100, [11] = 44100, [12] = 8000,  [13] = 8000,
        [14] = 90000, [15] = 8000,  [16] = 11025, [17] = 22050, [18] = 8000,  [25] = 90000,
        [26] = 90000, [28] = 90000, [31] = 90000, [32] = 90000, [33] = 90000, [34] = 90000,
};

/* Whether it has the form of RTP.  RTCP has payload types 192 to 223 in the whole
 * second byte, which are 64 to 95 without the marker bit (RFC 5761 section 4). */
static __always_inline bool rtp_read(const struct rtp_header *h, struct rtp *ret)
{
        __u8 type = h->marker_type & 0x7f;

        if (h->flags >> 6 != 2 || (type >= 64 && type <= 95))
                return false;
        ret->timestamp = bpf_ntohl(h->timestamp);
        ret->ssrc = bpf_ntohl(h->ssrc);
        ret->sequence = bpf_ntohs(h->sequence);
        ret->payload_type = type;
        ret->marker = h->marker_type >> 7;
        return true;
}
