/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "link-apply.h"
#include "link-revert.h"
#include "shaper-netlink.h"
#include "text.h"

struct candidates {
        unsigned *ifindex;
        size_t n;
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

static int on_ifb(const struct link_view *ifb, unsigned link_ifindex, void *userdata)
{
        /* one to try things on, left by a crash, is nobody's */
        return link_ifindex == 0 ? 0 : add(userdata, link_ifindex);
}

static int remove_trial(const struct link_view *ifb, unsigned link_ifindex, void *userdata)
{
        return link_ifindex == 0 ? ifb_remove(userdata, ifb->ifindex) : 0;
}

/* Links with a record, an IFB of ours, our tree, or a hook where filters of ours
 * may be. */
static int find(Netlink *nl, const char *dir, struct candidates *c)
{
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
        r = ifb_foreach(nl, on_ifb, c);
        if (r < 0)
                return r;
        r = tc_list_qdiscs(nl, 0, 0, &qdiscs);
        if (r < 0)
                return r;
        for (size_t i = 0; i < qdiscs.n; i++) {
                const struct tc_object *o = &qdiscs.items[i];

                if (!streq(o->kind, "clsact") &&
                    !(o->parent == TC_H_ROOT && shaper_stands(&qdiscs, o->ifindex)))
                        continue;
                r = add(c, o->ifindex);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int revert_one(Netlink *nl, const char *dir, unsigned ifindex, unsigned *links,
                      char **reason)
{
        _cleanup_(link_apply_done) struct link_apply l = {
                .nl = nl,
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

int link_revert(Netlink *nl, const char *dir, unsigned *ret_links, char **reason)
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

                /* an IFB of ours is no link of ours */
                r = revert_one(nl, dir, c.ifindex[i], &links, &why);
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
