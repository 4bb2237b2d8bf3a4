/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a link to its record and back: what can be put back exactly, the proof of
 * it, and the putting back. */
#pragma once

#include "link-view.h"
#include "qdisc-record.h"
#include "tc-list.h"

/* Records a link on which nothing of p2sd's stands.  -EBUSY with a reason where
 * it could not be put back exactly. */
int qdisc_restore_observe(Netlink *nl, const struct link_view *link, const struct tc_list *qdiscs,
                          struct qdisc_record *ret, char **reason);

/* Whether the root qdisc and its children there are those of the record. */
bool qdisc_restore_same(const struct qdisc_record *r, const struct tc_list *qdiscs,
                        unsigned ifindex);

/* Whether what stands there is a part of the record, or the kernel's own default:
 * what a taking away or a putting back leaves that was cut short. */
bool qdisc_restore_part(const struct qdisc_record *r, const struct tc_list *qdiscs,
                        unsigned ifindex);

/* Proves that the record's qdiscs come out byte for byte when made anew, by
 * making them on a throw-away IFB, and finds out what to say for that; nothing to
 * do for the kernel's own default.  -EBUSY with a reason. */
int qdisc_restore_verify(Netlink *nl, struct qdisc_record *r, const struct link_view *link,
                         char **reason);

/* Puts the record's root and children in the place of the root there; what of
 * them stands already is left alone. */
int qdisc_restore(Netlink *nl, const struct qdisc_record *r, const struct tc_list *qdiscs,
                  unsigned ifindex);
