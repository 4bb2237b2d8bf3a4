/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which network a link is on, as a pure function of what is seen of it.
 *
 * NetworkManager's connection tells a Wi-Fi from another, whatever access point or
 * router serves it; a wired connection is the same profile wherever the cable goes, so
 * there the gateway's hardware address counts too.  Without NetworkManager it counts
 * alone. */
#pragma once

#include "kernel.h"
#include "link-networks.h"

/* A connection of NetworkManager's that is active on an interface. */
struct nm_connection {
        char uuid[37]; /* "" = none */
        char name[NETWORK_LABEL_MAX + 1];
        bool wired; /* says nothing of where it is plugged in */
};

/* gateway: NULL where there is none.  *ret is "" where the network is not known (yet). */
void link_identity(const struct link_gateway *gateway, const struct nm_connection *connection,
                   struct network_name *ret);
