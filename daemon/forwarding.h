/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a machine that forwards is a router, or has containers. */
#pragma once

#include "link-view.h"

/* Whether packets that come in by a link may leave by another one of hardware that is no way
 * to the Internet itself: by Ethernet or Wi-Fi, or what is made of them (a bond, a VLAN,
 * a macvlan, a bridge with such a port).  A bridge of containers or virtual machines is none, nor
 * is a tunnel, nor a second line. */
int forwarding_leads_on(Netlink *nl, const struct link_view *link, bool *ret);
