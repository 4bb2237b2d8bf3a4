/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a record's qdiscs can be made again. */
#pragma once

#include "link-view.h"
#include "netlink.h"
#include "qdisc-record.h"

/* Proves that they come out byte for byte when made anew, by making them on a
 * throw-away IFB, and finds out what to say for that; nothing to do for the
 * kernel's own default.  -EBUSY with a reason. */
int qdisc_proof(Netlink *nl, struct qdisc_record *r, const struct link_view *link, char **reason);
