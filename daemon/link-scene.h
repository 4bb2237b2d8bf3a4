/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link at one moment: what the kernel has of it, of ours and of others'. */
#pragma once

#include "link-view.h"
#include "netlink.h"
#include "tc-filter.h"
#include "tc-list.h"

struct link_scene {
        bool present;
        struct link_view link;
        bool ifb_present;
        struct link_view ifb;
        struct tc_list qdiscs; /* of the link and of its IFB */
        bool tree;             /* p2sd's HTB is the link's root */
        bool clsact;
        bool ingress; /* a bare ingress qdisc is where clsact would be */
        struct tc_hook hook[_P2S_DIRECTION_MAX];
};

/* ifb: index of our IFB, 0 = none is known.  A link or an IFB that is gone is no
 * error. */
int link_scene_look(Netlink *nl, unsigned ifindex, unsigned ifb, struct link_scene *ret);
void link_scene_done(struct link_scene *s);

/* Whether anything of p2sd's stands on the link itself. */
bool link_scene_ours(const struct link_scene *s);
/* Whether filters of somebody else's are at the clsact hooks. */
bool link_scene_foreign(const struct link_scene *s);
