/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "shaper-encode.h"
#include "shaper-netlink.h"

/* "P2" */
#define RATE2QUANTUM_MARK 0x5032

static const uint16_t queue_minor[_P2S_QUEUE_MAX] = {
        [P2S_QUEUE_GENERAL] = SHAPER_MINOR_GENERAL,
        [P2S_QUEUE_ACK] = SHAPER_MINOR_ACK,
        [P2S_QUEUE_VIDEO] = SHAPER_MINOR_VIDEO,
        [P2S_QUEUE_VOICE] = SHAPER_MINOR_VOICE,
};

/* General last: until its class stands HTB sends unclassified packets straight
 * on, so that nothing waits in a leaf that is about to be exchanged. */
static const enum p2s_queue build_order[] = {
        P2S_QUEUE_VOICE,
        P2S_QUEUE_VIDEO,
        P2S_QUEUE_ACK,
        P2S_QUEUE_GENERAL,
};

uint32_t shaper_class_id(enum p2s_queue queue)
{
        return SHAPER_HANDLE | queue_minor[queue];
}

uint32_t shaper_leaf_handle(enum p2s_queue queue)
{
        return (uint32_t)queue_minor[queue] << 16;
}

bool shaper_stands(const struct tc_list *qdiscs, unsigned ifindex)
{
        const struct tc_object *o = tc_list_below(qdiscs, ifindex, TC_H_ROOT);
        struct nlattr *tb[TCA_HTB_MAX + 1];
        struct tc_htb_glob g = {};

        if (!o || o->handle != SHAPER_HANDLE || !streq(o->kind, "htb") ||
            tc_object_parse(o, tb, TCA_HTB_MAX) < 0 || !tb[TCA_HTB_INIT])
                return false;
        (void)nla_memcpy(&g, tb[TCA_HTB_INIT], sizeof(g));
        return g.rate2quantum == RATE2QUANTUM_MARK && g.defcls == SHAPER_MINOR_GENERAL;
}

static int add_root(Netlink *nl, unsigned ifindex, const struct shaper_sizes *sizes)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        const struct tc_htb_glob g = {
                .version = 3, /* TC_HTB_PROTOVER */
                .rate2quantum = RATE2QUANTUM_MARK,
                .defcls = SHAPER_MINOR_GENERAL,
        };
        struct nlattr *options;
        int r;

        r = netlink_tc(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT,
                       SHAPER_HANDLE, "htb", &msg);
        if (r < 0)
                return r;
        options = nla_nest_start(msg, TCA_OPTIONS);
        if (!options || nla_put(msg, TCA_HTB_INIT, sizeof(g), &g) < 0)
                return -ENOMEM;
        (void)nla_nest_end(msg, options);
        r = shaper_sizes_put(msg, sizes);
        return r < 0 ? r : netlink_call(nl, msg, NULL, NULL);
}

/* In place: without options, which HTB does not change, the size table alone is
 * exchanged, or goes. */
static int set_sizes(Netlink *nl, unsigned ifindex, const struct shaper_sizes *sizes,
                     const struct tc_object *root)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        if (shaper_sizes_equal(root, sizes))
                return 0;
        r = netlink_tc(RTM_NEWQDISC, 0, ifindex, TC_H_ROOT, SHAPER_HANDLE, "htb", &msg);
        if (r >= 0)
                r = shaper_sizes_put(msg, sizes);
        return r < 0 ? r : netlink_call(nl, msg, NULL, NULL);
}

static int set_class(Netlink *nl, unsigned ifindex, uint32_t parent, const struct shaper_class *c,
                     const struct tc_list *classes)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        const uint32_t id = SHAPER_HANDLE | c->minor;
        const struct tc_object *o = tc_list_handle(classes, ifindex, id);
        int r;

        if (o && shaper_class_equal(o, c))
                return 0;
        r = netlink_tc(RTM_NEWTCLASS, o ? 0 : NLM_F_CREATE | NLM_F_EXCL, ifindex, parent, id, "htb",
                       &msg);
        if (r < 0)
                return r;
        r = shaper_class_put(msg, c);
        if (r < 0)
                return r;
        return netlink_call(nl, msg, NULL, NULL);
}

static int set_leaf(Netlink *nl, unsigned ifindex, enum p2s_queue queue,
                    const struct shaper_leaf *leaf, const struct tc_list *qdiscs)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        const uint32_t class = shaper_class_id(queue), handle = shaper_leaf_handle(queue);
        const struct tc_object *o = tc_list_below(qdiscs, ifindex, class);
        enum shaper_leaf_difference d = SHAPER_LEAF_OTHER;
        int r, flags = NLM_F_CREATE | NLM_F_REPLACE;

        if (o && o->handle == handle) {
                d = shaper_leaf_compare(o, leaf);
                if (d == SHAPER_LEAF_EQUAL)
                        return 0;
                if (d == SHAPER_LEAF_CHANGE)
                        flags = 0;
                else {
                        /* The kernel does not exchange a kind under one handle. */
                        _cleanup_(nlmsg_freep) struct nl_msg *del = NULL;

                        r = netlink_tc(RTM_DELQDISC, 0, ifindex, class, handle, NULL, &del);
                        if (r < 0)
                                return r;
                        r = netlink_call(nl, del, NULL, NULL);
                        if (r < 0)
                                return r;
                }
        }
        r = netlink_tc(RTM_NEWQDISC, flags, ifindex, class, handle, shaper_leaf_kind(leaf), &msg);
        if (r < 0)
                return r;
        r = shaper_leaf_put(msg, leaf, d != SHAPER_LEAF_CHANGE);
        if (r < 0)
                return r;
        return netlink_call(nl, msg, NULL, NULL);
}

int shaper_set(Netlink *nl, unsigned ifindex, const struct shaper_tree *tree,
               const struct tc_list *qdiscs)
{
        _cleanup_(tc_list_done) struct tc_list classes = {};
        const struct tc_list none = {};
        const bool stands = shaper_stands(qdiscs, ifindex);
        int r;

        if (stands) {
                r = set_sizes(nl, ifindex, &tree->sizes, tc_list_below(qdiscs, ifindex, TC_H_ROOT));
                if (r >= 0)
                        r = tc_list_classes(nl, ifindex, &classes);
        } else {
                r = add_root(nl, ifindex, &tree->sizes);
                qdiscs = &none;
        }
        if (r < 0)
                return r;

        r = set_class(nl, ifindex, SHAPER_HANDLE, &tree->root, &classes);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(build_order); i++) {
                const enum p2s_queue q = build_order[i];

                r = set_class(nl, ifindex, SHAPER_HANDLE | SHAPER_MINOR_ROOT, &tree->class[q],
                              &classes);
                if (r < 0)
                        return r;
                r = set_leaf(nl, ifindex, q, &tree->leaf[q], qdiscs);
                if (r < 0)
                        return r;
        }
        return 0;
}

int shaper_remove(Netlink *nl, unsigned ifindex)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_tc(RTM_DELQDISC, 0, ifindex, TC_H_ROOT, 0, NULL, &msg);
        if (r < 0)
                return r;
        return netlink_call(nl, msg, NULL, NULL);
}
