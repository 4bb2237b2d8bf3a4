/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of a packet, read plainly: one byte after the other from a flat copy, with
 * none of what makes bpf/ fast or agreeable to the verifier.  Written from the RFCs, to
 * be compared with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reference {
        unsigned l3, l4, bytes, segments, payload;
        unsigned version, proto, dscp, source, dest;
        bool just_ack;
};

/* A frame as it stands in memory; gso_size 0: it is no super-packet. */
struct reference_frame {
        const uint8_t *data;
        size_t size;
        bool ethernet;
        unsigned gso_size, gso_segs;
};

void reference_parse(const struct reference_frame *f, struct reference *ret);

enum reference_kind {
        REFERENCE_OTHER,
        REFERENCE_RTP,
        REFERENCE_STUN,
        REFERENCE_COMPANION,
        REFERENCE_RTCP,
};

struct reference_rtp {
        uint32_t timestamp, ssrc;
        unsigned sequence, type, size;
        bool marker, padded;
};

/* Of a UDP payload. */
enum reference_kind reference_look(const uint8_t *payload, size_t size, struct reference_rtp *ret);
