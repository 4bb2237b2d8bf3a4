/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/bpf.h>
#include <linux/pkt_cls.h>

#include "tc-filter.h"

/* The filter's name, ours to give: libbpf's bpf_tc_attach() would give it the program's,
 * which is empty where libbpf, short of memory, took the kernel for one without names. */
static const char *program_name(enum p2s_direction direction)
{
        return direction == P2S_OUTGOING ? "p2s_egress" : "p2s_ingress";
}

bool tc_program_is_ours(const struct tc_object *o, enum p2s_direction direction, uint32_t *ret_id)
{
        const char *name = program_name(direction);
        struct nlattr *tb[TCA_BPF_MAX + 1];
        char have[64];

        if (o->handle != TC_PROGRAM_HANDLE || !streq(o->kind, "bpf") ||
            tc_object_parse(o, tb, TCA_BPF_MAX) < 0 || !tb[TCA_BPF_NAME] || !tb[TCA_BPF_ID])
                return false;
        (void)nla_strlcpy(have, tb[TCA_BPF_NAME], sizeof(have));
        if (strncmp(have, name, strlen(name)) != 0)
                return false;
        *ret_id = nla_get_u32(tb[TCA_BPF_ID]);
        return true;
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

static int put_program(struct nl_msg *msg, enum p2s_direction direction, int fd, uint32_t id)
{
        struct nlattr *options;
        char name[32];

        /* as libbpf and tc write it */
        (void)snprintf(name, sizeof(name), "%s:[%u]", program_name(direction), id);
        options = nla_nest_start(msg, TCA_OPTIONS);
        if (!options)
                goto nla_put_failure;
        NLA_PUT_U32(msg, TCA_BPF_FD, (uint32_t)fd);
        NLA_PUT_STRING(msg, TCA_BPF_NAME, name);
        NLA_PUT_U32(msg, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
        (void)nla_nest_end(msg, options);
        return 0;

nla_put_failure:
        return -ENOMEM;
}

int tc_hook_set_program(Netlink *nl, unsigned ifindex, enum p2s_direction direction,
                        struct tc_hook *hook, int program_fd)
{
        const uint16_t priority = hook->program_priority ?: hook->free_program;
        const int flags = NLM_F_CREATE | (hook->program_priority ? NLM_F_REPLACE : NLM_F_EXCL);
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        uint32_t id;
        int r;

        r = program_id(program_fd, &id);
        if (r < 0)
                return r;
        if (hook->program_priority && hook->program_id == id)
                return 0;
        if (priority == 0)
                return -EBUSY;
        r = tc_filter_message(RTM_NEWTFILTER, flags, ifindex, direction, "bpf", priority,
                              TC_PROGRAM_HANDLE, &msg);
        if (r < 0)
                return r;
        r = put_program(msg, direction, program_fd, id);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        if (r < 0)
                return r;
        hook->program_priority = priority;
        hook->program_id = id;
        return 0;
}

int tc_hook_remove_program(Netlink *nl, unsigned ifindex, enum p2s_direction direction,
                           struct tc_hook *hook)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        if (!hook->program_priority)
                return 0;
        r = tc_filter_message(RTM_DELTFILTER, 0, ifindex, direction, "bpf", hook->program_priority,
                              TC_PROGRAM_HANDLE, &msg);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        if (r < 0 && r != -ENOENT)
                return r;
        hook->program_priority = 0;
        return 0;
}
