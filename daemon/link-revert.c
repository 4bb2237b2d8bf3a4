/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "link-apply.h"
#include "link-revert.h"
#include "shaper-netlink.h"
#include "text.h"

/* Interfaces, by ifindex. */
struct candidates {
        unsigned *ifindex;
        size_t n;
};

struct ifbs {
        struct candidates *links; /* that one stands for */
        struct candidates own;
};

static void candidates_done(struct candidates *c)
{
        free(c->ifindex);
}

static int add(struct candidates *c, unsigned ifindex)
{
        unsigned *grown;

        for (size_t i = 0; i < c->n; i++)
                if (c->ifindex[i] == ifindex)
                        return 0;
        grown = reallocarray(c->ifindex, c->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        c->ifindex = grown;
        c->ifindex[c->n++] = ifindex;
        return 0;
}

static bool is_among(unsigned ifindex, const unsigned *all, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (all[i] == ifindex)
                        return true;
        return false;
}

static int on_ifb(const struct link_view *ifb, unsigned link_ifindex, void *userdata)
{
        struct ifbs *ifbs = userdata;
        int r;

        /* one to try things on, left by a crash, is nobody's */
        r = link_ifindex == 0 ? 0 : add(ifbs->links, link_ifindex);
        return r < 0 ? r : add(&ifbs->own, ifb->ifindex);
}

static int remove_trial(const struct link_view *ifb, unsigned link_ifindex, void *userdata)
{
        return link_ifindex == 0 ? ifb_remove(userdata, ifb->ifindex) : 0;
}

/* Links with a record, an IFB of ours, our tree, or a hook where filters of ours
 * may be. */
static int find(Netlink *nl, const char *dir, struct candidates *c)
{
        struct ifbs ifbs = {.links = c};
        _cleanup_(tc_list_done) struct tc_list qdiscs = {};
        _cleanup_free_ unsigned *records = NULL;
        size_t n = 0;
        int r;

        r = qdisc_record_list(dir, &records, &n);
        if (r < 0 && r != -ENOENT)
                return r;
        for (size_t i = 0; i < n; i++) {
                r = add(c, records[i]);
                if (r < 0)
                        return r;
        }
        r = ifb_foreach(nl, on_ifb, &ifbs);
        if (r >= 0)
                r = tc_list_qdiscs(nl, 0, 0, &qdiscs);
        for (size_t i = 0; i < qdiscs.n && r >= 0; i++) {
                const struct tc_object *o = &qdiscs.items[i];

                /* the tree on an IFB goes with its link, and only with it */
                if (is_among(o->ifindex, ifbs.own.ifindex, ifbs.own.n))
                        continue;
                if (streq(o->kind, "clsact") ||
                    (o->parent == TC_H_ROOT && shaper_stands(&qdiscs, o->ifindex)))
                        r = add(c, o->ifindex);
        }
        candidates_done(&ifbs.own);
        return r;
}

static int revert_one(Netlink *nl, IfbReaper *reaper, const char *dir, unsigned ifindex,
                      unsigned *links, char **reason)
{
        _cleanup_(link_apply_done) struct link_apply l = {
                .nl = nl,
                .reaper = reaper,
                .ifindex = ifindex,
                .record.dir = dir,
        };
        static const struct link_plan nothing;
        int r;

        r = link_apply_take(&l, reason);
        if (r == -ENODEV || r == -EBUSY) {
                /* not ours, and a record that says nothing */
                (void)qdisc_record_remove(dir, ifindex);
                return 0;
        }
        if (r < 0)
                return r;
        if (!l.leftover)
                return 0;
        r = link_apply_plan(&l, &nothing, reason);
        if (r < 0)
                return r;
        (void)qdisc_record_remove(dir, ifindex);
        (*links)++;
        return 0;
}

int link_revert(Netlink *nl, IfbReaper *reaper, const char *dir, const unsigned *taken, size_t n,
                unsigned *ret_links, char **reason)
{
        _cleanup_(candidates_done) struct candidates c = {};
        _cleanup_free_ char *first = NULL;
        unsigned links = 0;
        int r, result = 0;

        r = find(nl, dir, &c);
        if (r < 0)
                return r;
        for (size_t i = 0; i < c.n; i++) {
                _cleanup_free_ char *why = NULL;

                if (is_among(c.ifindex[i], taken, n))
                        continue;
                r = revert_one(nl, reaper, dir, c.ifindex[i], &links, &why);
                if (r < 0 && result == 0) {
                        result = r;
                        first = TAKE_PTR(why);
                }
        }
        r = ifb_foreach(nl, remove_trial, nl);
        if (result == 0)
                result = r;
        if (result < 0) {
                if (first)
                        (void)text_set(reason, "%s", first);
                return result;
        }
        *ret_links = links;
        return 0;
}
