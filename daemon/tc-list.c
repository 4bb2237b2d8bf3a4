/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/gen_stats.h>

#include "tc-list.h"

/* Qdiscs come and go while a dump runs; that many tries is patience enough. */
#define DUMP_TRIES 8

struct collect {
        struct tc_list list;
        unsigned ifindex;
        unsigned also;
};

void tc_list_done(struct tc_list *l)
{
        for (size_t i = 0; i < l->n; i++)
                free(l->items[i].options);
        free(l->items);
        *l = (struct tc_list){};
}

static void read_stats(const struct nlattr *stats2, struct tc_object *o)
{
        struct nlattr *tb[TCA_STATS_MAX + 1];
        struct gnet_stats_queue q = {};

        if (nla_parse_nested(tb, TCA_STATS_MAX, (struct nlattr *)(uintptr_t)stats2, NULL) < 0 ||
            !tb[TCA_STATS_QUEUE])
                return;
        (void)nla_memcpy(&q, tb[TCA_STATS_QUEUE], sizeof(q));
        o->drops = q.drops;
        o->backlog_bytes = q.backlog;
        o->backlog_packets = q.qlen;
}

static void read_stab(const struct nlattr *stab, struct tc_object *o)
{
        struct nlattr *tb[TCA_STAB_MAX + 1];

        if (nla_parse_nested(tb, TCA_STAB_MAX, (struct nlattr *)(uintptr_t)stab, NULL) >= 0 &&
            tb[TCA_STAB_BASE])
                (void)nla_memcpy(&o->stab, tb[TCA_STAB_BASE], sizeof(o->stab));
}

static int on_object(const struct nlmsghdr *nlh, void *userdata)
{
        struct collect *c = userdata;
        struct nlattr *tb[TCA_MAX + 1];
        struct tc_object *o, *grown;
        const struct tcmsg *t;

        if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)nlh, sizeof(*t), tb, TCA_MAX, NULL) < 0)
                return -EBADMSG;
        t = NLMSG_DATA(nlh);
        if (t->tcm_ifindex <= 0)
                return 0;
        if (c->ifindex != 0 &&
            ((unsigned)t->tcm_ifindex != c->ifindex && (unsigned)t->tcm_ifindex != c->also))
                return 0;

        grown = reallocarray(c->list.items, c->list.n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        c->list.items = grown;
        o = &grown[c->list.n];
        *o = (struct tc_object){
                .ifindex = (unsigned)t->tcm_ifindex,
                .handle = t->tcm_handle,
                .parent = t->tcm_parent,
                .info = t->tcm_info,
                .nested = tb[TCA_OPTIONS] && tb[TCA_OPTIONS]->nla_type & NLA_F_NESTED,
                .has_options = tb[TCA_OPTIONS],
                .has_stab = tb[TCA_STAB],
                .has_block = tb[TCA_INGRESS_BLOCK] || tb[TCA_EGRESS_BLOCK],
        };
        c->list.n++;
        if (tb[TCA_KIND])
                (void)nla_strlcpy(o->kind, tb[TCA_KIND], sizeof(o->kind));
        if (tb[TCA_STAB])
                read_stab(tb[TCA_STAB], o);
        if (tb[TCA_STATS2])
                read_stats(tb[TCA_STATS2], o);
        if (tb[TCA_OPTIONS] && nla_len(tb[TCA_OPTIONS]) > 0) {
                o->n_options = (size_t)nla_len(tb[TCA_OPTIONS]);
                o->options = malloc(o->n_options);
                if (!o->options)
                        return -ENOMEM;
                memcpy(o->options, nla_data(tb[TCA_OPTIONS]), o->n_options);
        }
        return 0;
}

static int collect(Netlink *nl, uint16_t type, unsigned ifindex, unsigned also, uint32_t parent,
                   struct tc_list *ret)
{
        int r = -EAGAIN;

        for (unsigned i = 0; i < DUMP_TRIES && r == -EAGAIN; i++) {
                _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
                _cleanup_(tc_list_done) struct tc_list list = {};
                struct collect c = {.ifindex = ifindex, .also = also};

                /* A qdisc dump's ifindex is no filter: it would be ignored. */
                r = netlink_tc(type, NLM_F_DUMP, type == RTM_GETQDISC ? 0 : ifindex, parent, 0,
                               NULL, &msg);
                if (r < 0)
                        return r;
                r = netlink_call(nl, msg, on_object, &c);
                list = c.list;
                if (r < 0)
                        continue;
                *ret = list;
                list = (struct tc_list){};
        }
        return r;
}

int tc_list_qdiscs(Netlink *nl, unsigned ifindex, unsigned also, struct tc_list *ret)
{
        return collect(nl, RTM_GETQDISC, ifindex, also, 0, ret);
}

int tc_list_classes(Netlink *nl, unsigned ifindex, struct tc_list *ret)
{
        return collect(nl, RTM_GETTCLASS, ifindex, 0, 0, ret);
}

int tc_list_filters(Netlink *nl, unsigned ifindex, uint32_t parent, struct tc_list *ret)
{
        return collect(nl, RTM_GETTFILTER, ifindex, 0, parent, ret);
}

const struct tc_object *tc_list_below(const struct tc_list *l, unsigned ifindex, uint32_t parent)
{
        for (size_t i = 0; i < l->n; i++)
                if (l->items[i].ifindex == ifindex && l->items[i].parent == parent)
                        return &l->items[i];
        return NULL;
}

const struct tc_object *tc_list_handle(const struct tc_list *l, unsigned ifindex, uint32_t handle)
{
        for (size_t i = 0; i < l->n; i++)
                if (l->items[i].ifindex == ifindex && l->items[i].handle == handle)
                        return &l->items[i];
        return NULL;
}

int tc_object_parse(const struct tc_object *o, struct nlattr **tb, int max)
{
        if (nla_parse(tb, max, o->options, (int)o->n_options, NULL) < 0)
                return -EBADMSG;
        return 0;
}
