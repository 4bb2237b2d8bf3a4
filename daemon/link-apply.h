/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One link as the kernel has it, made equal to a plan. */
#pragma once

#include "classifier.h"
#include "link-state.h"
#include "netlink.h"
#include "qdisc-record.h"
#include "shaper-plan.h"

struct link_apply {
        Netlink *nl;
        const char *record_dir;
        unsigned ifindex;
        char name[16];          /* as last seen */
        Classifier *classifier; /* NULL: can only put back */

        /* what stood before; `recorded`: its file is written */
        struct qdisc_record record;
        bool has_record;
        bool recorded;

        /* our IFB; 0: none */
        unsigned ifb;
        char ifb_name[16];

        bool capped;           /* the link's GSO and GRO sizes may be ours */
        struct link_plan plan; /* in force; all zero after a crash */
};

void link_apply_done(struct link_apply *l);

/* Finds what stands there: an IFB and a record of ours, else what a record would
 * hold.  l has nl, record_dir, ifindex.  Changes nothing.  -ENODEV; -EBUSY with
 * a reason where it could not be put back exactly. */
int link_apply_take(struct link_apply *l, char **reason);

/* See link_apply in struct kernel_ops. */
int link_apply_plan(struct link_apply *l, const struct link_plan *plan, char **reason);
