/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DSCP values: their names, and which class each is trusted to name. */
#pragma once

#include "names.h"

#define DSCP_MAX 64

/* enum p2s_class by DSCP; P2S_CLASS_NONE = not trusted. */
typedef struct DscpMap {
        uint8_t class[DSCP_MAX];
} DscpMap;

/* EF, VA, CS5 → voice; AF41, AF42, AF43, CS4 → video (RFC 4594, RFC 8837). */
void dscp_map_default(DscpMap *ret);

/* Un-trusts every value that names this class. */
void dscp_map_clear_class(DscpMap *map, enum p2s_class class);

bool dscp_map_equal(const DscpMap *a, const DscpMap *b);

/* "46", "0x2e" or an IANA name in any case ("EF", "AF41", "CS5", "VA", "LE").
 * 0 … 63, or -EINVAL. */
int dscp_from_string(const char *s);

/* The IANA name, static; NULL where the value has none. */
const char *dscp_name(unsigned value);
