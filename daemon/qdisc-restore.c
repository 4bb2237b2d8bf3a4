/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "qdisc-restore.h"
#include "shaper-netlink.h"
#include "text.h"

/* Kinds without classes of their own, which their options describe whole.  Those
 * that take in more than they show (red's table, sfb's salt) fail the proof. */
static const char *const simple_kinds[] = {
        "noqueue", "pfifo_fast", "pfifo",  "bfifo", "pfifo_head_drop",
        "fq",      "fq_codel",   "fq_pie", "cake",  "codel",
        "pie",     "sfq",        "hhf",    "tbf",   "netem",
        "choke",   "red",        "sfb",    "noop",
};

static bool is_simple(const char *kind)
{
        for (size_t i = 0; i < ELEMENTSOF(simple_kinds); i++)
                if (streq(kind, simple_kinds[i]))
                        return true;
        return false;
}

/* A distribution table, used with jitter or slots, is never shown. */
static bool has_hidden_table(const struct tc_object *o)
{
        struct tc_netem_qopt q;
        struct nlattr *tb[TCA_NETEM_MAX + 1];
        const size_t head = (size_t)NLA_ALIGN((int)sizeof(q));

        if (!streq(o->kind, "netem"))
                return false;
        if (o->n_options < head)
                return true;
        memcpy(&q, o->options, sizeof(q));
        if (q.jitter != 0 ||
            nla_parse(tb, TCA_NETEM_MAX, (struct nlattr *)(void *)((char *)o->options + head),
                      (int)(o->n_options - head), NULL) < 0)
                return true;
        return tb[TCA_NETEM_SLOT] ||
               (tb[TCA_NETEM_JITTER64] && nla_get_u64(tb[TCA_NETEM_JITTER64]) != 0);
}

static int busy(char **reason, const char *link, const struct tc_object *o, const char *why)
{
        (void)text_set(reason, "%s %x: on %s %s", o->kind, o->handle >> 16, link, why);
        return -EBUSY;
}

static int append(struct qdisc_record *r, const struct tc_object *o)
{
        struct qdisc_record_item item = {
                .parent = o->parent,
                .handle = o->handle,
                .has_options = o->has_options,
                .nested = o->nested,
                .n_options = o->n_options,
        };
        struct qdisc_record_item *grown;

        if (r->n_items >= QDISC_RECORD_ITEMS_MAX || o->n_options > QDISC_RECORD_OPTIONS_MAX)
                return -E2BIG;
        grown = reallocarray(r->items, r->n_items + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        r->items = grown;
        memcpy(item.kind, o->kind, sizeof(item.kind));
        if (o->n_options > 0) {
                item.options = malloc(o->n_options);
                if (!item.options)
                        return -ENOMEM;
                memcpy(item.options, o->options, o->n_options);
        }
        r->items[r->n_items++] = item;
        return 0;
}

static int append_checked(Netlink *nl, struct qdisc_record *r, const struct tc_object *o,
                          char **reason)
{
        _cleanup_(tc_list_done) struct tc_list filters = {};
        int k;

        if (o->has_stab)
                return busy(reason, r->name, o, "has a size table");
        if (has_hidden_table(o))
                return busy(reason, r->name, o, "may have a distribution table");
        if (o->handle != 0) {
                k = tc_list_filters(nl, r->ifindex, o->handle, &filters);
                if (k < 0)
                        return k;
                if (filters.n > 0)
                        return busy(reason, r->name, o, "has filters");
        }
        return append(r, o);
}

static bool is_hook(const struct tc_object *o)
{
        return o->parent == TC_H_CLSACT;
}

/* The root, then the children that somebody put there.  Those with handle 0 are
 * made by the kernel, as the root is where its handle is 0. */
static int observe_tree(Netlink *nl, const struct tc_list *qdiscs, struct qdisc_record *r,
                        char **reason)
{
        /* that of a link that is down and never was up is not shown */
        static const struct tc_object noop = {.parent = TC_H_ROOT, .kind = "noop"};
        const struct tc_object *root = tc_list_below(qdiscs, r->ifindex, TC_H_ROOT) ?: &noop;
        int k;

        if (!is_simple(root->kind) && !streq(root->kind, "mq"))
                return busy(reason, r->name, root, "may have classes and filters");
        k = append_checked(nl, r, root, reason);
        if (k < 0)
                return k;
        for (size_t i = 0; i < qdiscs->n; i++) {
                const struct tc_object *o = &qdiscs->items[i];

                if (o->ifindex != r->ifindex || o == root || is_hook(o) || o->handle == 0)
                        continue;
                if (root->handle == 0 || TC_H_MAJ(o->parent) != root->handle || !is_simple(o->kind))
                        return busy(reason, r->name, o, "has a place of its own");
                k = append_checked(nl, r, o, reason);
                if (k < 0)
                        return k;
        }
        return 0;
}

static int observe_hook(Netlink *nl, const struct tc_list *qdiscs, struct qdisc_record *r,
                        char **reason)
{
        _cleanup_(tc_list_done) struct tc_list filters = {};
        const struct tc_object *o = tc_list_below(qdiscs, r->ifindex, TC_H_CLSACT);
        int k;

        r->clsact_ours = !o || !streq(o->kind, "clsact");
        r->ingress_instead = o && r->clsact_ours;
        if (!o)
                return 0;
        if (o->has_block)
                return busy(reason, r->name, o, "shares its filters with other links");
        if (!r->ingress_instead)
                return 0;
        k = tc_list_filters(nl, r->ifindex, o->handle, &filters);
        if (k < 0)
                return k;
        return filters.n > 0 ? busy(reason, r->name, o, "has filters") : 0;
}

int qdisc_restore_observe(Netlink *nl, const struct link_view *link, const struct tc_list *qdiscs,
                          struct qdisc_record *ret, char **reason)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = {
                .ifindex = link->ifindex,
                .n_address = link->n_address,
                .txqlen = link->txqlen,
                .gso_max_segs = link->gso_max_segs,
                .gro_max_size = link->gro_max_size,
                .gro_ipv4_max_size = link->gro_ipv4_max_size,
        };
        int k;

        memcpy(r.name, link->name, sizeof(r.name));
        memcpy(r.address, link->address, sizeof(r.address));
        k = observe_tree(nl, qdiscs, &r, reason);
        if (k < 0)
                return k;
        k = observe_hook(nl, qdiscs, &r, reason);
        if (k < 0)
                return k;
        *ret = r;
        r = (struct qdisc_record){};
        return 0;
}

bool qdisc_restore_item_equal(const struct qdisc_record_item *item, const struct tc_object *o)
{
        return streq(item->kind, o->kind) && item->handle == o->handle &&
               item->parent == o->parent && item->has_options == o->has_options &&
               item->n_options == o->n_options &&
               (o->n_options == 0 || memcmp(item->options, o->options, o->n_options) == 0);
}

bool qdisc_restore_all_there(const struct qdisc_record *r, const struct tc_list *qdiscs,
                             unsigned ifindex)
{
        for (size_t i = 0; i < r->n_items; i++) {
                const struct tc_object *o = tc_list_below(qdiscs, ifindex, r->items[i].parent);

                if (!o || !qdisc_restore_item_equal(&r->items[i], o))
                        return false;
        }
        return true;
}

bool qdisc_restore_same(const struct qdisc_record *r, const struct tc_list *qdiscs,
                        unsigned ifindex)
{
        size_t n = 0;

        if (streq(r->items[0].kind, "noop"))
                return !tc_list_below(qdiscs, ifindex, TC_H_ROOT);
        for (size_t i = 0; i < qdiscs->n; i++) {
                const struct tc_object *o = &qdiscs->items[i];

                if (o->ifindex == ifindex && !is_hook(o))
                        n += o->parent == TC_H_ROOT || o->handle != 0;
        }
        return n == r->n_items && qdisc_restore_all_there(r, qdiscs, ifindex);
}

bool qdisc_restore_part(const struct qdisc_record *r, const struct tc_list *qdiscs,
                        unsigned ifindex)
{
        for (size_t i = 0; i < qdiscs->n; i++) {
                const struct tc_object *o = &qdiscs->items[i];
                bool found = o->ifindex != ifindex || is_hook(o) || o->handle == 0;

                for (size_t j = 0; j < r->n_items && !found; j++)
                        found = qdisc_restore_item_equal(&r->items[j], o);
                if (!found)
                        return false;
        }
        return true;
}

int qdisc_restore_add(Netlink *nl, const struct qdisc_record_item *item, unsigned ifindex)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_tc(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, item->parent,
                       item->handle, item->kind, &msg);
        if (r < 0)
                return r;
        if (item->has_options && nla_put(msg, TCA_OPTIONS | (item->nested ? NLA_F_NESTED : 0),
                                         (int)item->n_options, item->say ?: item->options) < 0)
                return -ENOMEM;
        return netlink_call(nl, msg, NULL, NULL);
}

/* The kernel takes a handle that stands on the link for a change of that qdisc,
 * and refuses another kind. */
static bool collides(uint32_t handle)
{
        if (handle == SHAPER_HANDLE)
                return true;
        for (enum p2s_queue q = 0; q < _P2S_QUEUE_MAX; q++)
                if (handle == shaper_leaf_handle(q))
                        return true;
        return false;
}

/* The kernel puts its default there, which since the record was made may have
 * become another (net.core.default_qdisc): then the old one is asked for. */
static int check_default(Netlink *nl, const struct qdisc_record_item *was, unsigned ifindex)
{
        _cleanup_(tc_list_done) struct tc_list qdiscs = {};
        const struct tc_object *root;
        int r;

        r = tc_list_qdiscs(nl, ifindex, 0, &qdiscs);
        if (r < 0)
                return r;
        root = tc_list_below(&qdiscs, ifindex, TC_H_ROOT);
        if (!root || streq(root->kind, was->kind) || !is_simple(was->kind) ||
            streq(was->kind, "noop") || streq(was->kind, "noqueue"))
                return 0;
        return qdisc_restore_add(nl, was, ifindex);
}

int qdisc_restore(Netlink *nl, const struct qdisc_record *r, const struct tc_list *qdiscs,
                  unsigned ifindex)
{
        const struct tc_object *root = tc_list_below(qdiscs, ifindex, TC_H_ROOT);
        const bool stands = root && qdisc_restore_item_equal(&r->items[0], root);
        int k;

        if (!stands && root && root->handle != 0 &&
            (r->items[0].handle == 0 || collides(r->items[0].handle))) {
                k = shaper_remove(nl, ifindex);
                if (k < 0)
                        return k;
                if (r->items[0].handle == 0)
                        return check_default(nl, &r->items[0], ifindex);
        }
        /* The root, then the last first: the kernel lists the newest first where two
         * handles fall into one bucket of its table. */
        for (size_t i = 0; i < r->n_items; i++) {
                const struct qdisc_record_item *item = &r->items[i == 0 ? 0 : r->n_items - i];
                const struct tc_object *o = tc_list_below(qdiscs, ifindex, item->parent);

                if (item->handle == 0 || (stands && o && qdisc_restore_item_equal(item, o)))
                        continue;
                k = qdisc_restore_add(nl, item, ifindex);
                if (k < 0)
                        return k;
        }
        return 0;
}
