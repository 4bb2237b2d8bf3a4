/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where general traffic goes: by which link, and through which tunnel on top of it. */
#pragma once

#include "kernel.h"
#include "netlink.h"

/* Follows the routes, policy rules and all: what packets to the Internet enter, and, where
 * that is a tunnel, by which link the tunnel's own packets leave: the route to its far end
 * where the kernel knows that, else the other default route, else the route to a single host
 * that such a tunnel needs.  -ENODEV:
 * there is no default route. */
int tunnel_default(Netlink *nl, struct default_link *ret);
