/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of one link over time: read after a crash, kept up to date before
 * each change, forgotten once all is as it was. */
#pragma once

#include "link-scene.h"
#include "qdisc-record.h"
#include "shaper-plan.h"

struct link_record {
        const char *dir;
        enum kernel_take take;
        struct qdisc_record was;
        bool present; /* `was` is filled in */
        bool written; /* … and its file stands */
};

void link_record_done(struct link_record *r);

/* What a crash left in the directory, else what the scene would have recorded.
 * 1: a file was there.  -ENODEV: neither file nor link; -EBUSY with a reason;
 * by force 0 and the reason. */
int link_record_take(struct link_record *r, Netlink *nl, unsigned ifindex,
                     const struct link_scene *s, char **reason);

/* Before the link is made equal to the plan: takes in what is about to be
 * replaced and writes the file. */
int link_record_keep(struct link_record *r, Netlink *nl, const struct link_plan *plan,
                     const struct link_scene *s, char **reason);

/* After it: what the plan leaves alone is the user's again. */
int link_record_release(struct link_record *r, const struct link_plan *plan);

/* All is as it was. */
int link_record_forget(struct link_record *r);
