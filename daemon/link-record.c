/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "link-record.h"
#include "qdisc-proof.h"
#include "qdisc-restore.h"
#include "text.h"

void link_record_done(struct link_record *r)
{
        qdisc_record_done(&r->was);
}

/* Whether a record is of this very link and not of one that had its index before. */
static bool is_of(const struct qdisc_record *was, const struct link_view *v)
{
        return streq(was->name, v->name) || (was->n_address > 0 && was->n_address == v->n_address &&
                                             memcmp(was->address, v->address, was->n_address) == 0);
}

/* What can be put back is the kernel's default. */
static int settle_for_default(struct qdisc_record *ret, Netlink *nl, const struct link_scene *s,
                              char **reason)
{
        struct tc_object root = {
                .ifindex = s->link.ifindex,
                .parent = TC_H_ROOT,
                .kind = "noqueue",
        };
        const struct tc_list plain = {.items = &root, .n = 1};

        return qdisc_restore_observe(nl, &s->link, &plain, ret, reason);
}

/* Records what stands there, or as much of it as can be put back; touch_root: it is
 * about to go, or may be. */
static int observe(const struct link_record *rec, Netlink *nl, const struct link_scene *s,
                   bool touch_root, struct qdisc_record *ret, char **reason)
{
        _cleanup_(qdisc_record_done) struct qdisc_record was = {};
        _cleanup_free_ char *ignored = NULL;
        int r;

        r = qdisc_restore_observe(nl, &s->link, &s->qdiscs, &was, reason);
        if (r >= 0)
                r = qdisc_proof(nl, &was, &s->link, reason);
        if (r == -EBUSY && (rec->take == KERNEL_TAKE_BY_FORCE || !touch_root)) {
                if (!touch_root) {
                        free(*reason);
                        *reason = NULL;
                }
                qdisc_record_done(&was);
                was = (struct qdisc_record){};
                r = settle_for_default(&was, nl, s, &ignored);
                if (r >= 0) {
                        was.clsact_ours = !s->clsact;
                        was.ingress_instead = s->ingress;
                }
        }
        if (r < 0)
                return r;
        *ret = was;
        was = (struct qdisc_record){};
        return 0;
}

/* Ours stands and its record is lost: the kernel's default is the best guess for
 * the root, and a clsact that holds nothing but ours was probably ours. */
static int guess(struct qdisc_record *ret, Netlink *nl, const struct link_scene *s, char **reason)
{
        int r = settle_for_default(ret, nl, s, reason);

        if (r < 0)
                return r;
        ret->root_taken = s->tree;
        ret->clsact_ours = s->clsact && !link_scene_foreign(s);
        ret->ingress_instead = false;
        return 0;
}

int link_record_take(struct link_record *rec, Netlink *nl, unsigned ifindex,
                     const struct link_scene *s, char **reason)
{
        _cleanup_(qdisc_record_done) struct qdisc_record was = {};
        int r;

        r = qdisc_record_load(rec->dir, ifindex, &rec->was);
        if (r >= 0 && (!s->present || is_of(&rec->was, &s->link))) {
                rec->present = rec->written = true;
                return 1;
        }
        if (r >= 0)
                qdisc_record_done(&rec->was);
        if (!s->present)
                return -ENODEV;

        if (link_scene_ours(s))
                r = guess(&was, nl, s, reason);
        else
                r = observe(rec, nl, s, rec->take != KERNEL_TAKE_BUT_ROOT, &was, reason);
        if (r < 0)
                return r;
        rec->was = was;
        was = (struct qdisc_record){};
        rec->present = true;
        return 0;
}

/* The root is somebody's: what p2sd puts back one day is what stands now. */
static int renew_root(struct link_record *rec, Netlink *nl, const struct link_scene *s,
                      bool root_only, bool touch_root, bool *write, char **reason)
{
        _cleanup_(qdisc_record_done) struct qdisc_record now = {};
        const bool same =
                rec->present && qdisc_restore_same(&rec->was, &s->qdiscs, s->link.ifindex);
        int r;

        /* what is the same was proved, or given up, when it was first seen */
        r = same ? qdisc_restore_observe(nl, &s->link, &s->qdiscs, &now, reason)
                 : observe(rec, nl, s, touch_root, &now, reason);
        if (r < 0)
                return r;
        if (same) {
                /* how it is put back was found out when it was first seen */
                struct qdisc_record_item *items = now.items;

                now.items = rec->was.items;
                rec->was.items = items;
        }
        if (root_only) {
                now.sizes_taken = rec->was.sizes_taken;
                now.clsact_ours = rec->was.clsact_ours;
                now.ingress_instead = rec->was.ingress_instead;
                now.txqlen = rec->was.txqlen;
                now.gso_max_segs = rec->was.gso_max_segs;
                now.gro_max_size = rec->was.gro_max_size;
                now.gro_ipv4_max_size = rec->was.gro_ipv4_max_size;
        }
        *write |= !same;
        qdisc_record_done(&rec->was);
        rec->was = now;
        now = (struct qdisc_record){};
        rec->present = true;
        return 0;
}

static void renew_sizes(struct qdisc_record *was, const struct link_view *v, bool *write)
{
        *write |= was->gso_max_segs != v->gso_max_segs || was->gro_max_size != v->gro_max_size ||
                  was->gro_ipv4_max_size != v->gro_ipv4_max_size;
        was->gso_max_segs = v->gso_max_segs;
        was->gro_max_size = v->gro_max_size;
        was->gro_ipv4_max_size = v->gro_ipv4_max_size;
}

int link_record_keep(struct link_record *rec, Netlink *nl, const struct link_plan *plan,
                     const struct link_scene *s, char **reason)
{
        const bool sizes = plan->gso_max_segs > 0 || plan->gro_max_size > 0;
        const bool fresh = !rec->written && !link_scene_ours(s);
        /* A root of the kernel's own where ours or theirs should be is not what
         * the user had: an earlier change was cut short, or ours was deleted. */
        const bool cut_short = rec->written && rec->was.root_taken &&
                               qdisc_restore_part(&rec->was, &s->qdiscs, s->link.ifindex);
        bool write = !rec->written;
        int r;

        if (!s->tree && !cut_short && (fresh || plan->outgoing.present)) {
                r = renew_root(rec, nl, s, !fresh, plan->outgoing.present, &write, reason);
                if (r < 0)
                        return r;
        }
        if (sizes && !rec->was.sizes_taken)
                renew_sizes(&rec->was, &s->link, &write);
        write |= (plan->outgoing.present && !rec->was.root_taken) ||
                 (sizes && !rec->was.sizes_taken);
        rec->was.root_taken |= plan->outgoing.present;
        rec->was.sizes_taken |= sizes;
        /* Somebody took their clsact away: the next one is ours. */
        if (!s->clsact && !rec->was.clsact_ours)
                rec->was.clsact_ours = write = true;
        if (!write)
                return 0;
        r = qdisc_record_save(rec->dir, &rec->was);
        if (r < 0) {
                (void)text_set(reason, "cannot keep the record of %s in %s: %s", s->link.name,
                               rec->dir, strerror(-r));
                return r;
        }
        rec->written = true;
        return 0;
}

int link_record_release(struct link_record *rec, const struct link_plan *plan)
{
        const bool sizes = plan->gso_max_segs > 0 || plan->gro_max_size > 0;

        if (rec->was.root_taken == plan->outgoing.present && rec->was.sizes_taken == sizes)
                return 0;
        rec->was.root_taken = plan->outgoing.present;
        rec->was.sizes_taken = sizes;
        return qdisc_record_save(rec->dir, &rec->was);
}

int link_record_forget(struct link_record *rec)
{
        int r;

        if (!rec->written)
                return 0;
        r = qdisc_record_remove(rec->dir, rec->was.ifindex);
        if (r < 0 && r != -ENOENT)
                return r;
        rec->written = rec->was.root_taken = rec->was.sizes_taken = false;
        return 0;
}
