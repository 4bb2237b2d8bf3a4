/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One link made equal to a plan.
 *
 * What is to be done follows from the plan and from what the kernel shows, never
 * from what p2sd remembers to have done, so that a change of mode, the mending of
 * what somebody else took away, and the clearing up after a crash are one path. */
#pragma once

#include "classifier.h"
#include "ifb-reaper.h"
#include "link-record.h"
#include "netlink.h"
#include "shaper-plan.h"
#include "xdp-hook.h"

struct link_apply {
        Netlink *nl;
        IfbReaper *reaper;
        unsigned ifindex;
        char name[16];          /* as last seen */
        Classifier *classifier; /* NULL: can only put back */
        struct link_record record;

        /* our IFB; 0: none */
        unsigned ifb;
        char ifb_name[16];

        struct xdp_hook xdp;

        bool leftover;         /* link_apply_take() found something of ours */
        bool mended;           /* the last link_apply_plan() missed what should have stood */
        struct link_plan plan; /* in force; all zero after a crash */
};

void link_apply_done(struct link_apply *l);

/* Finds what stands there: an IFB and a record of ours, else what a record would
 * hold.  l has nl, reaper, ifindex and the record's dir.  Changes nothing.  -ENODEV: neither link
 * nor record; -EBUSY with a reason where the link could not be put back exactly. */
int link_apply_take(struct link_apply *l, char **reason);

/* See link_apply in struct kernel_ops. */
int link_apply_plan(struct link_apply *l, const struct link_plan *plan, char **reason);
