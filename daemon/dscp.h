/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DSCP values: their names, and which class each is trusted to name. */
#pragma once

#include "names.h"

#define DSCP_MAX 64

/* A table of 64 is enum p2s_class by DSCP; P2S_CLASS_NONE = not trusted. */

/* EF, VA, CS5 → voice; AF41, AF42, AF43, CS4 → video (RFC 4594, RFC 8837). */
void dscp_default(uint8_t ret[static DSCP_MAX]);

/* Un-trusts every value that names this class. */
void dscp_clear_class(uint8_t table[static DSCP_MAX], enum p2s_class class);

/* "46", "0x2e" or an IANA name in any case ("EF", "AF41", "CS5", "VA", "LE").
 * 0 … 63, or -EINVAL. */
int dscp_from_string(const char *s);
