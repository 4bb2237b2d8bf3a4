/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

#include "tc-filter.h"

/* "P2": our program's handle.  Below tc's own first choice (49152), so that a
 * filter added later without a priority does not land in our place. */
#define PROGRAM_HANDLE   0x5032u
#define PROGRAM_PRIORITY 49000
static uint32_t hook_parent(enum p2s_direction direction)
{
        return TC_H_MAKE(TC_H_CLSACT,
                         direction == P2S_OUTGOING ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

static const char *program_name(enum p2s_direction direction)
{
        return direction == P2S_OUTGOING ? "p2s_egress" : "p2s_ingress";
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

static bool is_our_program(const struct tc_object *o, enum p2s_direction direction,
                           uint32_t *ret_id)
{
        const char *name = program_name(direction);
        struct nlattr *tb[TCA_BPF_MAX + 1];
        char have[64];

        if (o->handle != PROGRAM_HANDLE || !streq(o->kind, "bpf") ||
            tc_object_parse(o, tb, TCA_BPF_MAX) < 0 || !tb[TCA_BPF_NAME] || !tb[TCA_BPF_ID])
                return false;
        (void)nla_strlcpy(have, tb[TCA_BPF_NAME], sizeof(have));
        if (strncmp(have, name, strlen(name)) != 0)
                return false;
        *ret_id = nla_get_u32(tb[TCA_BPF_ID]);
        return true;
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
                .free_program = PROGRAM_PRIORITY,
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

                if (!hook.program_priority && is_our_program(o, direction, &hook.program_id))
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
                        hook.foreign += o->handle != 0 && o->handle != PROGRAM_HANDLE;
                else if (priority == hook.redirect_priority) {
                        if ((o->handle & 0xfff) == 0 || o->handle == hook.redirect_handle)
                                continue;
                        hook.redirect_shared = true;
                        hook.foreign++;
                } else
                        hook.foreign++;
        }
        for (unsigned i = TC_PRIORITY_TRIES; i > 0; i--) {
                if (!priority_taken(&filters, PROGRAM_PRIORITY + i - 1))
                        hook.free_program = (uint16_t)(PROGRAM_PRIORITY + i - 1);
                if (!priority_taken(&filters, TC_REDIRECT_PRIORITY - i + 1))
                        hook.free_redirect = (uint16_t)(TC_REDIRECT_PRIORITY - i + 1);
        }
        *ret = hook;
        return 0;
}

static struct bpf_tc_hook bpf_hook(unsigned ifindex, enum p2s_direction direction)
{
        return (struct bpf_tc_hook){
                .sz = sizeof(struct bpf_tc_hook),
                .ifindex = (int)ifindex,
                .attach_point = direction == P2S_OUTGOING ? BPF_TC_EGRESS : BPF_TC_INGRESS,
        };
}

static int program_id(int fd, uint32_t *ret)
{
        struct bpf_prog_info info = {};
        uint32_t size = sizeof(info);
        int r;

        r = bpf_obj_get_info_by_fd(fd, &info, &size);
        if (r < 0)
                return r;
        *ret = info.id;
        return 0;
}

int tc_hook_set_program(unsigned ifindex, enum p2s_direction direction, struct tc_hook *hook,
                        int program_fd)
{
        const struct bpf_tc_hook where = bpf_hook(ifindex, direction);
        struct bpf_tc_opts opts = {
                .sz = sizeof(opts),
                .prog_fd = program_fd,
                .handle = PROGRAM_HANDLE,
                .priority = hook->program_priority ?: hook->free_program,
                .flags = hook->program_priority ? BPF_TC_F_REPLACE : 0,
        };
        uint32_t id;
        int r;

        r = program_id(program_fd, &id);
        if (r < 0)
                return r;
        if (hook->program_priority && hook->program_id == id)
                return 0;
        if (opts.priority == 0)
                return -EBUSY;
        r = netlink_account();
        if (r < 0)
                return r;
        r = bpf_tc_attach(&where, &opts);
        if (r < 0)
                return r;
        hook->program_priority = (uint16_t)opts.priority;
        hook->program_id = id;
        return 0;
}

int tc_hook_remove_program(unsigned ifindex, enum p2s_direction direction, struct tc_hook *hook)
{
        const struct bpf_tc_hook where = bpf_hook(ifindex, direction);
        struct bpf_tc_opts opts = {
                .sz = sizeof(opts),
                .handle = PROGRAM_HANDLE,
                .priority = hook->program_priority,
        };
        int r;

        if (!hook->program_priority)
                return 0;
        r = netlink_account();
        if (r < 0)
                return r;
        r = bpf_tc_detach(&where, &opts);
        if (r < 0 && r != -ENOENT)
                return r;
        hook->program_priority = 0;
        return 0;
}
