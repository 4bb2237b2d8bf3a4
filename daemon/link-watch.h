/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of links, qdiscs, filters, default routes and gateways as the kernel announces
 * them. */
#pragma once

#include <limits.h>

#include "default-route.h"
#include "kernel.h"

typedef struct LinkWatch LinkWatch;

/* Changes of that many links in one go are told apart; more count as all. */
#define LINK_WATCH_LINKS_MAX 64

/* Announcements caused by own_port, our own changes, are left out. */
int link_watch_new(uint32_t own_port, LinkWatch **ret);
void link_watch_free(LinkWatch *w);
int link_watch_fd(const LinkWatch *w);

/* Reads all that waits and calls back once for each link concerned, and with 0
 * for the default route.  Where the kernel had to drop announcements (ENOBUFS)
 * every link may be concerned: LINK_WATCH_ALL. */
#define LINK_WATCH_ALL UINT_MAX
int link_watch_dispatch(LinkWatch *w, void (*callback)(unsigned ifindex, void *userdata),
                        void *userdata);

/* From now on the route's link counts as changed once its gateway turns out to have another
 * hardware address than this (n = 0: any).  One route a link; no other neighbour is told
 * of. */
int link_watch_gateway(LinkWatch *w, const struct default_route *route,
                       const uint8_t address[static HARDWARE_ADDRESS_MAX], size_t n);

/* Whether routes to single hosts count as the default route, too: one may lead to a tunnel's
 * far end. */
void link_watch_hosts(LinkWatch *w, bool count);

DEFINE_CLEANUP(LinkWatch *, link_watch_free)
