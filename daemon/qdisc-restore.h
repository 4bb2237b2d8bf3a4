/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a link to its record and back. */
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

/* One qdisc of a record, and all of them: whether they stand as recorded. */
bool qdisc_restore_item_equal(const struct qdisc_record_item *item, const struct tc_object *o);
bool qdisc_restore_all_there(const struct qdisc_record *r, const struct tc_list *qdiscs,
                             unsigned ifindex);

/* Makes one qdisc of a record. */
int qdisc_restore_add(Netlink *nl, const struct qdisc_record_item *item, unsigned ifindex);

/* Puts the record's root and children in the place of the root there; what of
 * them stands already is left alone. */
int qdisc_restore(Netlink *nl, const struct qdisc_record *r, const struct tc_list *qdiscs,
                  unsigned ifindex);
