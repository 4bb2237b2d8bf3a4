/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses are this machine's, asked of the kernel when first needed. */
#pragma once

#include "util.h"

struct ifaddrs;

/* { 0 } knows nothing yet. */
typedef struct LocalAddresses {
        struct ifaddrs *list;
} LocalAddresses;

/* Whether an interface has this address (as in struct p2s_flow_key); false where
 * the kernel does not say. */
bool local_addresses_have(LocalAddresses *a, const uint8_t address[static 16]);

/* Asks again the next time. */
void local_addresses_forget(LocalAddresses *a);
