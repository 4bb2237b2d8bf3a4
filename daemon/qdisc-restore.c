/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
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

/* What is said is corrected by what is shown that often. */
#define TRIES 4

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

static bool item_equal(const struct qdisc_record_item *item, const struct tc_object *o)
{
        return streq(item->kind, o->kind) && item->handle == o->handle &&
               item->parent == o->parent && item->has_options == o->has_options &&
               item->n_options == o->n_options &&
               (o->n_options == 0 || memcmp(item->options, o->options, o->n_options) == 0);
}

static bool all_there(const struct qdisc_record *r, const struct tc_list *qdiscs, unsigned ifindex)
{
        for (size_t i = 0; i < r->n_items; i++) {
                const struct tc_object *o = tc_list_below(qdiscs, ifindex, r->items[i].parent);

                if (!o || !item_equal(&r->items[i], o))
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
        return n == r->n_items && all_there(r, qdiscs, ifindex);
}

bool qdisc_restore_part(const struct qdisc_record *r, const struct tc_list *qdiscs,
                        unsigned ifindex)
{
        for (size_t i = 0; i < qdiscs->n; i++) {
                const struct tc_object *o = &qdiscs->items[i];
                bool found = o->ifindex != ifindex || is_hook(o) || o->handle == 0;

                for (size_t j = 0; j < r->n_items && !found; j++)
                        found = item_equal(&r->items[j], o);
                if (!found)
                        return false;
        }
        return true;
}

static int add_item(Netlink *nl, const struct qdisc_record_item *item, unsigned ifindex)
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
                at = item->say + ((uint8_t *)nla_data(want) - item->options);
                memcpy(&said, at, sizeof(said));
                said += by;
                memcpy(at, &said, sizeof(said));
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

                if (!o || item_equal(&r->items[i], o))
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
                        k = add_item(nl, &r->items[j], trial);
                        if (k < 0)
                                return k;
                }
                k = tc_list_qdiscs(nl, trial, 0, &qdiscs);
                if (k < 0)
                        return k;
                if (all_there(r, &qdiscs, trial))
                        return 1;
                k = adjust_all(r, &qdiscs, trial);
                if (k <= 0)
                        return k;
        }
        return 0;
}

int qdisc_restore_verify(Netlink *nl, struct qdisc_record *r, const struct link_view *link,
                         char **reason)
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

int qdisc_restore(Netlink *nl, const struct qdisc_record *r, const struct tc_list *qdiscs,
                  unsigned ifindex)
{
        const struct tc_object *root = tc_list_below(qdiscs, ifindex, TC_H_ROOT);
        const bool stands = root && item_equal(&r->items[0], root);
        int k;

        if (!stands && root && root->handle != 0 &&
            (r->items[0].handle == 0 || collides(r->items[0].handle))) {
                k = shaper_remove(nl, ifindex);
                if (k < 0)
                        return k;
        }
        /* The root, then the last first: the kernel lists the newest first where two
         * handles fall into one bucket of its table. */
        for (size_t i = 0; i < r->n_items; i++) {
                const struct qdisc_record_item *item = &r->items[i == 0 ? 0 : r->n_items - i];
                const struct tc_object *o = tc_list_below(qdiscs, ifindex, item->parent);

                if (item->handle == 0 || (stands && o && item_equal(item, o)))
                        continue;
                k = add_item(nl, item, ifindex);
                if (k < 0)
                        return k;
        }
        return 0;
}
