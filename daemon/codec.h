/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP payload types: which codec, which clock (RFC 3551). */
#pragma once

#include "util.h"

struct codec {
        const char *name;  /* the media subtype's, "PCMU", "opus" */
        uint32_t clock_hz; /* of the RTP timestamp */
        bool audio;
        bool has_impairment; /* ie and bpl are known */
        double ie;           /* ITU-T G.113: equipment impairment factor */
        double bpl;          /* … and packet-loss robustness factor */
};

/* The codec of a payload type, or NULL where it cannot be told.  Static types
 * are those of RFC 3551 tables 4 and 5.  Dynamic ones (35 … 63 and 96 … 127)
 * are told in SDP alone, which p2sd never sees: with an inferred clock of
 * 48 kHz it is Opus in practice (RFC 7587 fixes that clock), else NULL. */
const struct codec *codec_find(uint8_t payload_type, uint32_t clock_hz);

/* RTP clock of a static payload type, Hz; 0 = not known. */
uint32_t codec_static_clock(uint8_t payload_type);
