/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of links, qdiscs, filters and default routes as the kernel announces
 * them, and which link has the default route. */
#pragma once

#include <limits.h>

#include "kernel.h"
#include "netlink.h"

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

/* Index of the interface with the default route, IPv4 or IPv6, of the lowest
 * metric; IPv4's where they are equal.  -ENODEV. */
int link_watch_default(Netlink *nl, unsigned *ret_ifindex);

DEFINE_CLEANUP(LinkWatch *, link_watch_free)
