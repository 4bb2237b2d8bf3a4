/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link's own IFB, where its incoming packets queue.
 *
 * Named p2s-<ifindex>, with a letter behind where somebody has that name.  Ours
 * is known by its alias, p2s:<ifindex>:<name>, and from the moment of creation
 * (an alias cannot be set then) by its locally administered address. */
#pragma once

#include "link-view.h"
#include "netlink.h"

/* Creates one for `link`, down, with its MTU; name and ifindex are set. */
int ifb_new(Netlink *nl, const struct link_view *link, char ret_name[static 16],
            unsigned *ret_ifindex);
/* A throw-away one to try things on, with as many queues as told; a dummy or a
 * veth where the kernel has no IFB.  ret_is_ifb may be NULL. */
int ifb_new_trial(Netlink *nl, uint32_t mtu, uint32_t queues, unsigned *ret_ifindex,
                  bool *ret_is_ifb);

/* Sets it up; from here on packets may be redirected to it. */
int ifb_up(Netlink *nl, unsigned ifindex);

/* Deletes it; one that is gone is fine. */
int ifb_remove(Netlink *nl, unsigned ifindex);

/* Whether s is the IFB that ifb_new() made for the link with that ifindex. */
bool ifb_is_ours(const struct link_view *s, unsigned link_ifindex);

/* Our IFB of a link by trying its possible names; -ENODEV. */
int ifb_find(Netlink *nl, unsigned link_ifindex, struct link_view *ret);

/* Every IFB of ours here, whatever its link; calls back once for each. */
int ifb_foreach(Netlink *nl,
                int (*callback)(const struct link_view *ifb, unsigned link_ifindex, void *userdata),
                void *userdata);
