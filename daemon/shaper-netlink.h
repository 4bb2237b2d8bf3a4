/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the HTB tree on one interface equal to a struct shaper_tree.
 *
 * Messages are put together attribute by attribute: libnl-route 3.7 rounds HTB's
 * bursts to whole µs (200 bytes at 1 Gbit/s become 125) and knows no
 * memory_limit of fq_codel. */
#pragma once

#include "shaper-plan.h"
#include "tc-list.h"

/* Whether the root qdisc there is a tree of p2sd's.  It is known by a number
 * that nothing else uses: HTB's rate-to-quantum divisor, which has no effect
 * because each class states its quantum. */
bool shaper_stands(const struct tc_list *qdiscs, unsigned ifindex);

/* Makes it stand.  What is equal already is not touched; what differs is changed
 * in place, so that classes, leaves and the packets in them stay.  The caller
 * has recorded what it replaces.  Not all or nothing: that is the caller's. */
int shaper_set(Netlink *nl, unsigned ifindex, const struct shaper_tree *tree,
               const struct tc_list *qdiscs);

/* Deletes the root qdisc there, whose place the kernel's default takes. */
int shaper_remove(Netlink *nl, unsigned ifindex);

/* Handle of the leaf qdisc and id of the class of a queue. */
uint32_t shaper_leaf_handle(enum p2s_queue queue);
uint32_t shaper_class_id(enum p2s_queue queue);
