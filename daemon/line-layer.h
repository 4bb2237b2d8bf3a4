/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a packet is on the line, where that is more than the kernel counts: headers
 * that a modem adds, and cells.  Pure.
 *
 * The overheads are those that tc-cake(8) lists, on top of the IP packet; the kernel
 * counts an Ethernet header, without its checksum, as part of a packet. */
#pragma once

#include "link-options.h"

enum line_framing {
        LINE_PLAIN,
        LINE_ATM, /* cells of 53 bytes carry 48 (ITU-T I.361) */
        LINE_PTM, /* 64 bytes become 65 (IEEE 802.3 clause 61.3) */
};

/* All zero: as the kernel counts.  Bytes. */
struct line_layer {
        int32_t overhead; /* on top of what the kernel counts; may be negative */
        uint32_t mpu;     /* a packet counts as no less */
        enum line_framing framing;
};

/* ethernet: frames begin with an Ethernet header. */
struct line_layer line_layer_of(const struct link_options *options, bool ethernet);

/* Size on the line of a packet that the kernel counts as `bytes`. */
uint32_t line_layer_bytes(const struct line_layer *l, uint32_t bytes);

static inline bool line_layer_is_plain(const struct line_layer *l)
{
        return l->overhead == 0 && l->mpu == 0 && l->framing == LINE_PLAIN;
}

static inline bool line_layer_equal(const struct line_layer *a, const struct line_layer *b)
{
        return a->overhead == b->overhead && a->mpu == b->mpu && a->framing == b->framing;
}

/* The kernel's table of sizes (TCA_STAB_DATA): the i-th entry is what it has for a packet
 * whose size and overhead add up to i.  What reaches beyond the table, a super-packet of
 * several frames, is looked up in parts, each as the last entry, and so is near what its
 * frames are. */
#define LINE_TABLE_MAX 16384u
uint32_t line_layer_table_size(const struct line_layer *l, uint32_t frame);
void line_layer_table(const struct line_layer *l, uint32_t frame, uint16_t *table);
