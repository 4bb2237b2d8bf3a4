/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as struct p2s_flow_key has them. */
#pragma once

#include <arpa/inet.h>

#include "util.h"

/* "192.0.2.1" for a v4-mapped address, else IPv6.  Returns ret. */
char *address_format(const uint8_t a[static 16], char ret[static INET6_ADDRSTRLEN]);
