/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <linux/if_ether.h>

#include "tc-filter.h"

static uint32_t hook_parent(enum p2s_direction direction)
{
        return TC_H_MAKE(TC_H_CLSACT,
                         direction == P2S_OUTGOING ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

static int change_hook_qdisc(Netlink *nl, uint16_t type, int flags, unsigned ifindex,
                             const char *kind)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_tc(type, flags, ifindex, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), kind, &msg);
        if (r < 0)
                return r;
        return netlink_call(nl, msg, NULL, NULL);
}

int tc_clsact_add(Netlink *nl, unsigned ifindex)
{
        return change_hook_qdisc(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, "clsact");
}

int tc_ingress_add(Netlink *nl, unsigned ifindex)
{
        return change_hook_qdisc(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, "ingress");
}

int tc_clsact_remove(Netlink *nl, unsigned ifindex)
{
        return change_hook_qdisc(nl, RTM_DELQDISC, 0, ifindex, NULL);
}

int tc_filter_message(uint16_t type, int flags, unsigned ifindex, enum p2s_direction direction,
                      const char *kind, uint16_t priority, uint32_t handle, struct nl_msg **ret)
{
        struct nl_msg *msg;
        struct tcmsg *t;
        int r;

        r = netlink_tc(type, flags, ifindex, hook_parent(direction), handle, kind, &msg);
        if (r < 0)
                return r;
        t = nlmsg_data(nlmsg_hdr(msg));
        t->tcm_info = TC_H_MAKE((uint32_t)priority << 16, htons(ETH_P_ALL));
        *ret = msg;
        return 0;
}

static bool priority_taken(const struct tc_list *filters, unsigned priority)
{
        for (size_t i = 0; i < filters->n; i++)
                if (filters->items[i].info >> 16 == priority)
                        return true;
        return false;
}

void tc_hook_init(struct tc_hook *hook)
{
        *hook = (struct tc_hook){
                .free_program = TC_PROGRAM_PRIORITY,
                .free_redirect = TC_REDIRECT_PRIORITY,
        };
}

int tc_hook_get(Netlink *nl, unsigned ifindex, enum p2s_direction direction, struct tc_hook *ret)
{
        _cleanup_(tc_list_done) struct tc_list filters = {};
        struct tc_hook hook = {};
        int r;

        r = tc_list_filters(nl, ifindex, hook_parent(direction), &filters);
        if (r < 0)
                return r;
        for (size_t i = 0; i < filters.n; i++) {
                const struct tc_object *o = &filters.items[i];
                const uint16_t priority = (uint16_t)(o->info >> 16);

                if (!hook.program_priority && tc_program_is_ours(o, direction, &hook.program_id))
                        hook.program_priority = priority;
                else if (!hook.redirect_priority && direction == P2S_INCOMING &&
                         tc_redirect_is_ours(o, &hook.redirect_to)) {
                        hook.redirect_priority = priority;
                        hook.redirect_handle = o->handle;
                }
        }
        /* A priority is listed itself, with its hash table if it is a u32's. */
        for (size_t i = 0; i < filters.n; i++) {
                const struct tc_object *o = &filters.items[i];
                const unsigned priority = o->info >> 16;

                if (priority == hook.program_priority)
                        hook.foreign += o->handle != 0 && o->handle != TC_PROGRAM_HANDLE;
                else if (priority == hook.redirect_priority) {
                        if ((o->handle & 0xfff) == 0 || o->handle == hook.redirect_handle)
                                continue;
                        hook.redirect_shared = true;
                        hook.foreign++;
                } else
                        hook.foreign++;
        }
        for (unsigned i = TC_PRIORITY_TRIES; i > 0; i--) {
                if (!priority_taken(&filters, TC_PROGRAM_PRIORITY + i - 1))
                        hook.free_program = (uint16_t)(TC_PROGRAM_PRIORITY + i - 1);
                if (!priority_taken(&filters, TC_REDIRECT_PRIORITY - i + 1))
                        hook.free_redirect = (uint16_t)(TC_REDIRECT_PRIORITY - i + 1);
        }
        *ret = hook;
        return 0;
}
