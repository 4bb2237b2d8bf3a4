/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "qdisc-proof.h"
#include "qdisc-restore.h"
#include "shaper-netlink.h"
#include "text.h"

/* What is said is corrected by what is shown that often. */
#define TRIES 4

/* Saying sfq's own default limit makes its number of flows smaller by one; saying
 * nothing (0) gives both. */
static bool adjust_sfq(struct qdisc_record_item *item)
{
        struct tc_sfq_qopt q;

        if (item->n_options < sizeof(q))
                return false;
        memcpy(&q, item->say, sizeof(q));
        if (q.limit == 0)
                return false;
        q.limit = 0;
        memcpy(item->say, &q, sizeof(q));
        return true;
}

/* Where an attribute came out other than recorded, says as much more or less.
 * Whether anything was left to try. */
static int adjust(struct qdisc_record_item *item, const struct tc_object *shown)
{
        struct nlattr *want, *got;
        uint32_t said, by;
        bool adjusted = false;
        uint8_t *at;
        int left;

        if (!streq(item->kind, shown->kind) || item->n_options != shown->n_options)
                return false;
        if (!item->say) {
                item->say = malloc(MAX(item->n_options, (size_t)1));
                if (!item->say)
                        return -ENOMEM;
                memcpy(item->say, item->options, item->n_options);
        }
        if (streq(item->kind, "sfq"))
                return adjust_sfq(item);
        left = (int)item->n_options;
        for (want = (struct nlattr *)(void *)item->options; nla_ok(want, left);
             want = nla_next(want, &left)) {
                got = nla_find(shown->options, (int)shown->n_options, nla_type(want));
                if (!got || nla_len(want) != sizeof(uint32_t) || nla_len(got) != sizeof(uint32_t))
                        continue;
                by = nla_get_u32(want) - nla_get_u32(got);
                if (by == 0)
                        continue;
                at = item->say + ((uint8_t *)want - item->options);
                said = nla_get_u32((struct nlattr *)(void *)at) + by;
                memcpy(at + NLA_HDRLEN, &said, sizeof(said));
                adjusted = true;
        }
        return adjusted;
}

static int adjust_all(struct qdisc_record *r, const struct tc_list *qdiscs, unsigned ifindex)
{
        bool adjusted = false;

        for (size_t i = 0; i < r->n_items; i++) {
                const struct tc_object *o = tc_list_below(qdiscs, ifindex, r->items[i].parent);
                int k;

                if (!o || qdisc_restore_item_equal(&r->items[i], o))
                        continue;
                k = adjust(&r->items[i], o);
                if (k < 0)
                        return k;
                adjusted |= k > 0;
        }
        return adjusted;
}

/* 1: all came out as recorded. */
static int try_out(Netlink *nl, struct qdisc_record *r, unsigned trial)
{
        int k;

        for (unsigned i = 0; i < TRIES; i++) {
                _cleanup_(tc_list_done) struct tc_list qdiscs = {};

                if (i > 0) {
                        k = shaper_remove(nl, trial);
                        if (k < 0)
                                return k;
                }
                for (size_t j = 0; j < r->n_items; j++) {
                        k = qdisc_restore_add(nl, &r->items[j], trial);
                        if (k < 0)
                                return k;
                }
                k = tc_list_qdiscs(nl, trial, 0, &qdiscs);
                if (k < 0)
                        return k;
                if (qdisc_restore_all_there(r, &qdiscs, trial))
                        return 1;
                k = adjust_all(r, &qdiscs, trial);
                if (k <= 0)
                        return k;
        }
        return 0;
}

int qdisc_proof(Netlink *nl, struct qdisc_record *r, const struct link_view *link, char **reason)
{
        unsigned trial;
        int k;

        if (r->items[0].handle == 0)
                return 0;
        k = ifb_new_trial(nl, link->mtu, link->num_tx_queues, &trial, NULL);
        if (k < 0) {
                (void)text_set(reason, "cannot try %s out on an IFB: %s", r->items[0].kind,
                               strerror(-k));
                return k;
        }
        k = try_out(nl, r, trial);
        (void)ifb_remove(nl, trial);
        if (k <= 0) {
                (void)text_set(reason, "%s %x: on %s cannot be put back exactly", r->items[0].kind,
                               r->items[0].handle >> 16, r->name);
                return -EBUSY;
        }
        return 0;
}
