/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_cls.h>
#include <linux/tc_act/tc_mirred.h>

#include "tc-filter.h"

/* A u32 filter has no name; its node number, 12 bits, is our mark. */
#define REDIRECT_NODE 0x532u

/* Where a filter's first action, a mirred, sends packets to; 0: not such. */
static unsigned mirred_target(struct nlattr *actions)
{
        struct nlattr *list[2], *action[TCA_ACT_MAX + 1], *mirred[TCA_MIRRED_MAX + 1];
        struct tc_mirred m = {};

        if (!actions || nla_parse_nested(list, 1, actions, NULL) < 0 || !list[1] ||
            nla_parse_nested(action, TCA_ACT_MAX, list[1], NULL) < 0 || !action[TCA_ACT_KIND] ||
            nla_strcmp(action[TCA_ACT_KIND], "mirred") != 0 || !action[TCA_ACT_OPTIONS] ||
            nla_parse_nested(mirred, TCA_MIRRED_MAX, action[TCA_ACT_OPTIONS], NULL) < 0 ||
            !mirred[TCA_MIRRED_PARMS])
                return 0;
        (void)nla_memcpy(&m, mirred[TCA_MIRRED_PARMS], sizeof(m));
        return m.ifindex;
}

/* Its IFB may be gone, and with it the target that the kernel shows. */
bool tc_redirect_is_ours(const struct tc_object *o, unsigned *ret_to)
{
        const unsigned priority = o->info >> 16;
        struct nlattr *tb[TCA_U32_MAX + 1];

        if (!streq(o->kind, "u32") || (o->handle & 0xfff) != REDIRECT_NODE ||
            priority <= TC_REDIRECT_PRIORITY - TC_PRIORITY_TRIES ||
            tc_object_parse(o, tb, TCA_U32_MAX) < 0 || !tb[TCA_U32_ACT])
                return false;
        *ret_to = mirred_target(tb[TCA_U32_ACT]);
        return true;
}

static int put_redirect(struct nl_msg *msg, unsigned to)
{
        const struct {
                struct tc_u32_sel sel;
                struct tc_u32_key key;
        } any = {.sel = {.flags = TC_U32_TERMINAL, .nkeys = 1}};
        const struct tc_mirred mirred = {
                .action = TC_ACT_STOLEN,
                .eaction = TCA_EGRESS_REDIR,
                .ifindex = to,
        };
        struct nlattr *options, *actions, *first, *of_mirred;

        options = nla_nest_start(msg, TCA_OPTIONS);
        if (!options)
                goto nla_put_failure;
        NLA_PUT(msg, TCA_U32_SEL, sizeof(any), &any);
        actions = nla_nest_start(msg, TCA_U32_ACT);
        first = actions ? nla_nest_start(msg, 1) : NULL;
        if (!first)
                goto nla_put_failure;
        NLA_PUT_STRING(msg, TCA_ACT_KIND, "mirred");
        of_mirred = nla_nest_start(msg, TCA_ACT_OPTIONS);
        if (!of_mirred)
                goto nla_put_failure;
        NLA_PUT(msg, TCA_MIRRED_PARMS, sizeof(mirred), &mirred);
        (void)nla_nest_end(msg, of_mirred);
        (void)nla_nest_end(msg, first);
        (void)nla_nest_end(msg, actions);
        (void)nla_nest_end(msg, options);
        return 0;

nla_put_failure:
        return -ENOMEM;
}

int tc_hook_set_redirect(Netlink *nl, unsigned ifindex, struct tc_hook *hook, unsigned to)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        if (hook->redirect_priority && hook->redirect_to == to)
                return 0;
        r = tc_hook_remove_redirect(nl, ifindex, hook);
        if (r < 0)
                return r;
        if (hook->free_redirect == 0)
                return -EBUSY;
        r = tc_filter_message(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, ifindex, P2S_INCOMING,
                              "u32", hook->free_redirect, REDIRECT_NODE, &msg);
        if (r < 0)
                return r;
        r = put_redirect(msg, to);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        if (r < 0)
                return r;
        hook->redirect_priority = hook->free_redirect;
        hook->redirect_to = to;
        return 0;
}

int tc_hook_remove_redirect(Netlink *nl, unsigned ifindex, struct tc_hook *hook)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        if (!hook->redirect_priority)
                return 0;
        /* Where others have u32 filters at this hook, deleting the last one of a
         * priority leaves the priority and its hash table: delete it as a whole. */
        r = tc_filter_message(RTM_DELTFILTER, 0, ifindex, P2S_INCOMING, "u32",
                              hook->redirect_priority,
                              hook->redirect_shared ? hook->redirect_handle : 0, &msg);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        if (r < 0 && r != -ENOENT)
                return r;
        hook->free_redirect = hook->redirect_priority;
        hook->redirect_priority = 0;
        return 0;
}
