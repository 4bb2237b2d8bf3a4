/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line-layer.h"

#define ETHERNET_HEADER 14

static const struct {
        int32_t overhead; /* on top of the IP packet */
        uint32_t mpu;
        enum line_framing framing;
} presets[] = {
        /* preamble, header, checksum, gap (IEEE 802.3); the least frame with them */
        [LINK_LAYER_ETHERNET] = {38, 84, LINE_PLAIN},
        /* header and checksum; the rate that is sold counts these */
        [LINK_LAYER_DOCSIS] = {18, 64, LINE_PLAIN},
        /* Ethernet with checksum, and PTM's own four bytes; with PPPoE eight more */
        [LINK_LAYER_VDSL] = {22, 0, LINE_PTM},
        [LINK_LAYER_PPPOE_VDSL] = {30, 0, LINE_PTM},
        /* more than any encapsulation in use adds */
        [LINK_LAYER_ATM] = {48, 0, LINE_ATM},
};

struct line_layer line_layer_of(const struct link_options *options, bool ethernet)
{
        const int word = options->of[LINK_LAYER];
        struct line_layer l = {0};
        int overhead;

        if (word != LINK_LAYER_NONE)
                l = (struct line_layer){presets[word].overhead, presets[word].mpu,
                                        presets[word].framing};
        if (link_option_number(options, LINK_OVERHEAD, &overhead))
                l.overhead = overhead;
        else if (word == LINK_LAYER_NONE)
                return l;
        if (ethernet)
                l.overhead -= ETHERNET_HEADER;
        return l;
}

uint32_t line_layer_bytes(const struct line_layer *l, uint32_t bytes)
{
        uint32_t n = (uint32_t)MAX((int64_t)bytes + l->overhead, (int64_t)MAX(l->mpu, 1u));

        if (l->framing == LINE_ATM)
                return (n + 47) / 48 * 53;
        return l->framing == LINE_PTM ? n + (n + 63) / 64 : n;
}

uint32_t line_layer_table_size(const struct line_layer *l, uint32_t frame)
{
        /* 0 … the largest frame, and the entry that is for parts */
        return MIN(frame + (uint32_t)MAX(l->overhead, 0) + 2, LINE_TABLE_MAX);
}

static uint16_t entry(uint64_t bytes)
{
        return (uint16_t)MIN(bytes, (uint64_t)UINT16_MAX);
}

void line_layer_table(const struct line_layer *l, uint32_t frame, uint16_t *table)
{
        const uint32_t n = line_layer_table_size(l, frame);

        for (uint32_t i = 0; i < n; i++) {
                int64_t bytes = (int64_t)i - l->overhead;

                /* what is left of a super-packet may be nothing */
                table[i] = bytes <= 0 ? 0 : entry(line_layer_bytes(l, (uint32_t)bytes));
        }
        table[n - 1] =
                entry(((uint64_t)line_layer_bytes(l, frame) * n + frame / 2) / MAX(frame, 1u));
}
