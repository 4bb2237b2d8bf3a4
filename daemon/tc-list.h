/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands on links: qdiscs, classes and filters as the kernel dumps them,
 * with their options byte for byte.
 *
 * Always by dump: until 6.8 a plain RTM_GETQDISC is answered to the RTNLGRP_TC
 * multicast group too, so that looking would wake everybody who watches. */
#pragma once

#include <linux/pkt_sched.h>

#include "netlink.h"
#include "util.h"

struct tc_object {
        unsigned ifindex;
        uint32_t handle;
        uint32_t parent;
        uint32_t info; /* of a filter: priority << 16 | protocol */
        char kind[16];
        void *options; /* payload of TCA_OPTIONS, or NULL */
        size_t n_options;
        bool nested;             /* TCA_OPTIONS carries NLA_F_NESTED, which newer kinds ask for */
        bool has_options;        /* an empty TCA_OPTIONS is not an absent one */
        bool has_stab;           /* a size table, which is not dumped whole, … */
        struct tc_sizespec stab; /* but this */
        bool has_block;          /* shares its filters with other links */
        uint64_t drops;
        uint32_t backlog_bytes;
        uint32_t backlog_packets;
};

struct tc_list {
        struct tc_object *items;
        size_t n;
};

/* Qdiscs of ifindex and of also (0 = none); ifindex 0: of all links here. */
int tc_list_qdiscs(Netlink *nl, unsigned ifindex, unsigned also, struct tc_list *ret);
int tc_list_classes(Netlink *nl, unsigned ifindex, struct tc_list *ret);
/* Filters below `parent`: a qdisc's handle or a clsact hook. */
int tc_list_filters(Netlink *nl, unsigned ifindex, uint32_t parent, struct tc_list *ret);

void tc_list_done(struct tc_list *l);

/* The qdisc below a parent (TC_H_ROOT, TC_H_CLSACT, a class), or NULL. */
const struct tc_object *tc_list_below(const struct tc_list *l, unsigned ifindex, uint32_t parent);
const struct tc_object *tc_list_handle(const struct tc_list *l, unsigned ifindex, uint32_t handle);

/* Splits nested options; tb has max + 1 entries.  Kernel data is trusted to be
 * well formed no more than the parser needs: -EBADMSG. */
int tc_object_parse(const struct tc_object *o, struct nlattr **tb, int max);
