/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The far end of a tunnel: where its own packets go. */
#pragma once

#include "netlink.h"

struct tunnel_end {
        uint8_t family; /* AF_INET, AF_INET6 */
        uint8_t n_to;   /* bytes of to */
        uint8_t to[16];
        uint32_t mark;    /* that its packets carry, for policy rules; 0 = none */
        unsigned ifindex; /* that it is bound to; 0 = the routes say */
};

/* Of IPIP, SIT, GRE, VTI, VXLAN and Geneve as the link tells; of WireGuard the end of the peer
 * that most addresses are behind.  -ENODATA: there is none, or more than one, or only the
 * program that made it knows (tun). */
int tunnel_end_get(Netlink *nl, unsigned ifindex, const char *kind, struct tunnel_end *ret);
