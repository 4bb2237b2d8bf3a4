/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Default routes of the main table, and the routers they lead to.
 *
 * Where a tunnel has taken the default route, what is left of it is the route to the
 * tunnel's far end: a single host, by way of a gateway.  Such come last. */
#pragma once

#include "netlink.h"

#define DEFAULT_ROUTES_MAX   32
#define HARDWARE_ADDRESS_MAX 32 /* bytes: MAX_ADDR_LEN */

struct default_route {
        unsigned ifindex;
        uint32_t metric;
        uint8_t family;    /* AF_INET, AF_INET6 */
        bool host;         /* to a single host */
        uint8_t n_gateway; /* bytes of gateway; 0: it leads to the link itself */
        uint8_t via;       /* the gateway's family */
        uint8_t gateway[16];
};

/* All of both families whose link has carrier, the best first: the lowest metric, IPv4's
 * where they are equal.  What is beyond DEFAULT_ROUTES_MAX is left out. */
int default_routes_get(Netlink *nl, struct default_route ret[static DEFAULT_ROUTES_MAX],
                       size_t *ret_n);

/* The hardware address of a route's gateway.  0 and no bytes: it is not known yet, and
 * the kernel was asked to find it out, which a notification of neighbours tells of. */
int default_route_resolve(Netlink *nl, const struct default_route *route,
                          uint8_t ret[static HARDWARE_ADDRESS_MAX], size_t *ret_n);
