/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if.h>

#include "ifb.h"

/* "p2s-", "p2s-…a" … "p2s-…z" */
#define NAMES_MAX 27

/* 02: locally administered; then "p2s" and what fits of the link's ifindex. */
#define ADDRESS(link_ifindex)                                                                      \
        {                                                                                          \
                0x02, 'p', '2', 's', (uint8_t)((link_ifindex) >> 8), (uint8_t)(link_ifindex)       \
        }

static int create(Netlink *nl, const char *kind, const char *name, const uint8_t address[static 6],
                  uint32_t mtu, uint32_t queues)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *info;
        int r;

        r = netlink_link(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, &msg);
        if (r < 0)
                return r;
        NLA_PUT_STRING(msg, IFLA_IFNAME, name);
        NLA_PUT(msg, IFLA_ADDRESS, 6, address);
        NLA_PUT_U32(msg, IFLA_MTU, mtu);
        if (queues > 1) {
                NLA_PUT_U32(msg, IFLA_NUM_TX_QUEUES, queues);
                NLA_PUT_U32(msg, IFLA_NUM_RX_QUEUES, queues);
        }
        info = nla_nest_start(msg, IFLA_LINKINFO);
        if (!info)
                goto nla_put_failure;
        NLA_PUT_STRING(msg, IFLA_INFO_KIND, kind);
        (void)nla_nest_end(msg, info);
        return netlink_call(nl, msg, NULL, NULL);

nla_put_failure:
        return -ENOMEM;
}

/* Gives it its alias, and no IPv6 address: one would send router solicitations
 * into the void. */
static int describe(Netlink *nl, unsigned ifindex, const char *alias, bool quiet)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *spec, *inet6;
        int r;

        r = netlink_link(RTM_SETLINK, 0, ifindex, &msg);
        if (r < 0)
                return r;
        NLA_PUT(msg, IFLA_IFALIAS, (int)strlen(alias), alias);
        if (quiet) {
                spec = nla_nest_start(msg, IFLA_AF_SPEC);
                inet6 = spec ? nla_nest_start(msg, AF_INET6) : NULL;
                if (!inet6)
                        goto nla_put_failure;
                NLA_PUT_U8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
                (void)nla_nest_end(msg, inet6);
                (void)nla_nest_end(msg, spec);
        }
        return netlink_call(nl, msg, NULL, NULL);

nla_put_failure:
        return -ENOMEM;
}

/* One whose number is not known. */
static int remove_named(Netlink *nl, const char *name)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_link(RTM_DELLINK, 0, 0, &msg);
        if (r < 0)
                return r;
        NLA_PUT_STRING(msg, IFLA_IFNAME, name);
        return netlink_call(nl, msg, NULL, NULL);

nla_put_failure:
        return -ENOMEM;
}

static int create_named(Netlink *nl, const char *kind, const char *stem,
                        const uint8_t address[static 6], uint32_t mtu, uint32_t queues,
                        struct link_view *ret)
{
        char name[16];
        int r = -EEXIST;

        for (unsigned i = 0; i < NAMES_MAX && r == -EEXIST; i++) {
                const char letter[2] = {i > 0 ? (char)('a' + i - 1) : '\0', '\0'};

                (void)snprintf(name, sizeof(name), "%.14s%s", stem, letter);
                r = create(nl, kind, name, address, mtu, queues);
        }
        if (r < 0)
                return r;
        r = link_view_get(nl, 0, name, ret);
        if (r < 0)
                (void)remove_named(nl, name);
        return r;
}

int ifb_new(Netlink *nl, const struct link_view *link, char ret_name[static 16],
            unsigned *ret_ifindex)
{
        const uint8_t address[6] = ADDRESS(link->ifindex);
        char stem[16], alias[64];
        struct link_view s;
        int r;

        (void)snprintf(stem, sizeof(stem), "p2s-%u", link->ifindex);
        (void)snprintf(alias, sizeof(alias), "p2s:%u:%s", link->ifindex, link->name);
        r = create_named(nl, "ifb", stem, address, link->mtu, 1, &s);
        if (r < 0)
                return r;
        r = describe(nl, s.ifindex, alias, true);
        if (r == -EAFNOSUPPORT) /* a kernel without IPv6 */
                r = describe(nl, s.ifindex, alias, false);
        if (r < 0) {
                (void)ifb_remove(nl, s.ifindex);
                return r;
        }
        memcpy(ret_name, s.name, sizeof(s.name));
        *ret_ifindex = s.ifindex;
        return 0;
}

int ifb_new_trial(Netlink *nl, uint32_t mtu, uint32_t queues, unsigned *ret_ifindex,
                  bool *ret_is_ifb)
{
        static const char *const kinds[] = {"ifb", "dummy", "veth"};
        const uint8_t address[6] = ADDRESS(0);
        struct link_view s;
        size_t i = 0;
        int r;

        do
                r = create_named(nl, kinds[i], "p2s-0", address, mtu, queues, &s);
        while (r < 0 && r != -EPERM && ++i < ELEMENTSOF(kinds));
        if (r < 0)
                return r;
        *ret_ifindex = s.ifindex;
        if (ret_is_ifb)
                *ret_is_ifb = i == 0;
        return 0;
}

int ifb_up(Netlink *nl, unsigned ifindex)
{
        return link_view_set(nl, ifindex, &(struct link_change){.set = LINK_CHANGE_UP});
}

int ifb_remove(Netlink *nl, unsigned ifindex)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_link(RTM_DELLINK, 0, ifindex, &msg);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        return r == -ENODEV ? 0 : r;
}

bool ifb_is_ours(const struct link_view *s, unsigned link_ifindex)
{
        const uint8_t address[6] = ADDRESS(link_ifindex);
        char prefix[32];

        if (!streq(s->kind, "ifb"))
                return false;
        (void)snprintf(prefix, sizeof(prefix), "p2s:%u:", link_ifindex);
        if (s->alias[0])
                return strncmp(s->alias, prefix, strlen(prefix)) == 0;
        return strncmp(s->name, "p2s-", 4) == 0 && s->n_address == sizeof(address) &&
               memcmp(s->address, address, sizeof(address)) == 0;
}

struct find {
        unsigned link_ifindex;
        struct link_view *all;
        size_t n;
};

static int on_ifb(const struct nlmsghdr *nlh, void *userdata)
{
        struct find *f = userdata;
        struct link_view s, *grown;

        if (link_view_read(nlh, &s) < 0 || !streq(s.kind, "ifb"))
                return 0;
        grown = reallocarray(f->all, f->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        f->all = grown;
        f->all[f->n++] = s;
        return 0;
}

/* All IFBs here.  The kernel (4.5 and later) leaves other kinds out. */
static int list_ifbs(Netlink *nl, struct link_view **ret, size_t *ret_n)
{
        int r = -EAGAIN;

        for (unsigned i = 0; i < 8 && r == -EAGAIN; i++) {
                _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
                struct find f = {};
                struct nlattr *info;

                r = netlink_link(RTM_GETLINK, NLM_F_DUMP, 0, &msg);
                if (r < 0)
                        return r;
                info = nla_nest_start(msg, IFLA_LINKINFO);
                if (!info || nla_put_string(msg, IFLA_INFO_KIND, "ifb") < 0)
                        return -ENOMEM;
                (void)nla_nest_end(msg, info);
                r = netlink_call(nl, msg, on_ifb, &f);
                if (r < 0) {
                        free(f.all);
                        continue;
                }
                *ret = f.all;
                *ret_n = f.n;
        }
        return r;
}

int ifb_find(Netlink *nl, unsigned link_ifindex, struct link_view *ret)
{
        _cleanup_free_ struct link_view *all = NULL;
        size_t n;
        int r;

        r = list_ifbs(nl, &all, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                if (ifb_is_ours(&all[i], link_ifindex)) {
                        *ret = all[i];
                        return 0;
                }
        return -ENODEV;
}

int ifb_foreach(Netlink *nl,
                int (*callback)(const struct link_view *ifb, unsigned link_ifindex, void *userdata),
                void *userdata)
{
        _cleanup_free_ struct link_view *all = NULL;
        unsigned link_ifindex;
        size_t n;
        int r;

        r = list_ifbs(nl, &all, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                if (sscanf(all[i].alias, "p2s:%u:", &link_ifindex) != 1 &&
                    sscanf(all[i].name, "p2s-%u", &link_ifindex) != 1)
                        continue;
                if (!ifb_is_ours(&all[i], link_ifindex))
                        continue;
                r = callback(&all[i], link_ifindex, userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}
