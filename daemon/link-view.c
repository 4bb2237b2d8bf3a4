/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_arp.h>
#include <linux/if.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "link-view.h"

/* Newer kernels number on beyond what these headers know. */
#define ATTRIBUTES_MAX MAX(IFLA_MAX, LINK_ATTR_GRO_IPV4_MAX_SIZE)

static uint32_t get_u32(struct nlattr *const *tb, int type)
{
        return tb[type] && nla_len(tb[type]) >= (int)sizeof(uint32_t) ? nla_get_u32(tb[type]) : 0;
}

/* Whether the family's configuration of the link says so; at: of `forwarding` in it. */
static bool forwards(struct nlattr *families, int family, int configuration, size_t at)
{
        struct nlattr *f = nla_find(nla_data(families), nla_len(families), family), *c;
        uint32_t value;

        c = f ? nla_find(nla_data(f), nla_len(f), configuration) : NULL;
        if (!c || (size_t)nla_len(c) < (at + 1) * sizeof(value))
                return false;
        memcpy(&value, (const char *)nla_data(c) + at * sizeof(value), sizeof(value));
        return value != 0;
}

static bool has_xdp(struct nlattr *xdp)
{
        const struct nlattr *a = nla_find(nla_data(xdp), nla_len(xdp), IFLA_XDP_ATTACHED);

        return a && nla_get_u8(a) != XDP_ATTACHED_NONE;
}

int link_view_read(const struct nlmsghdr *nlh, struct link_view *s)
{
        struct nlattr *tb[ATTRIBUTES_MAX + 1], *info[IFLA_INFO_MAX + 1];
        const struct ifinfomsg *i;

        if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)nlh, sizeof(*i), tb, ATTRIBUTES_MAX, NULL) <
                    0 ||
            !tb[IFLA_IFNAME] || nla_len(tb[IFLA_IFNAME]) < 2 ||
            *(const char *)nla_data(tb[IFLA_IFNAME]) == '\0') /* a record without a name is none */
                return -EBADMSG;
        i = NLMSG_DATA(nlh);

        *s = (struct link_view){
                .ifindex = (unsigned)i->ifi_index,
                .type = i->ifi_type,
                .up = i->ifi_flags & IFF_UP,
                .running = i->ifi_flags & IFF_RUNNING,
                .master = get_u32(tb, IFLA_MASTER),
                .lower = tb[IFLA_LINK_NETNSID] ? 0 : get_u32(tb, IFLA_LINK),
                .mtu = get_u32(tb, IFLA_MTU),
                .num_tx_queues = get_u32(tb, IFLA_NUM_TX_QUEUES),
                .txqlen = get_u32(tb, IFLA_TXQLEN),
                .gso_max_segs = get_u32(tb, IFLA_GSO_MAX_SEGS),
                .gro_max_size = get_u32(tb, IFLA_GRO_MAX_SIZE),
                .gro_ipv4_max_size = get_u32(tb, LINK_ATTR_GRO_IPV4_MAX_SIZE),
        };
        (void)nla_strlcpy(s->name, tb[IFLA_IFNAME], sizeof(s->name));
        if (tb[IFLA_IFALIAS])
                (void)nla_strlcpy(s->alias, tb[IFLA_IFALIAS], sizeof(s->alias));
        if (tb[IFLA_ADDRESS])
                s->n_address =
                        (uint8_t)nla_memcpy(s->address, tb[IFLA_ADDRESS], sizeof(s->address));
        if (tb[IFLA_AF_SPEC])
                s->forwards =
                        forwards(tb[IFLA_AF_SPEC], AF_INET, IFLA_INET_CONF,
                                 IPV4_DEVCONF_FORWARDING - 1) ||
                        forwards(tb[IFLA_AF_SPEC], AF_INET6, IFLA_INET6_CONF, DEVCONF_FORWARDING);
        if (tb[IFLA_XDP])
                s->xdp = has_xdp(tb[IFLA_XDP]);
        if (tb[IFLA_LINKINFO] &&
            nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) >= 0 &&
            info[IFLA_INFO_KIND])
                (void)nla_strlcpy(s->kind, info[IFLA_INFO_KIND], sizeof(s->kind));
        return 0;
}

static int on_link(const struct nlmsghdr *nlh, void *userdata)
{
        return link_view_read(nlh, userdata);
}

int link_view_get(Netlink *nl, unsigned ifindex, const char *name, struct link_view *ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct link_view s = {};
        int r;

        r = netlink_link(RTM_GETLINK, 0, ifindex, &msg);
        if (r < 0)
                return r;
        if (ifindex == 0 && nla_put_string(msg, IFLA_IFNAME, name) < 0)
                return -ENOMEM;
        r = netlink_call(nl, msg, on_link, &s);
        if (r < 0)
                return r;
        if (s.ifindex == 0)
                return -ENODEV;
        *ret = s;
        return 0;
}

void link_view_facts(const struct link_view *s, struct link_facts *ret)
{
        *ret = (struct link_facts){
                .ifindex = s->ifindex,
                .mtu = s->mtu,
                .up = s->up,
                /* the loopback's frames have an Ethernet header, all zeros */
                .ethernet = s->type == ARPHRD_ETHER || s->type == ARPHRD_LOOPBACK,
                .forwards = s->forwards,
                .num_tx_queues = s->num_tx_queues,
        };
        memcpy(ret->name, s->name, sizeof(ret->name));
}

int link_view_set(Netlink *nl, unsigned ifindex, const struct link_change *c)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        if (!c->set)
                return 0;
        r = netlink_link(RTM_SETLINK, 0, ifindex, &msg);
        if (r < 0)
                return r;
        if (c->set & LINK_CHANGE_UP) {
                struct ifinfomsg *i = nlmsg_data(nlmsg_hdr(msg));

                i->ifi_flags = i->ifi_change = IFF_UP;
        }
        if (c->set & LINK_CHANGE_MTU)
                NLA_PUT_U32(msg, IFLA_MTU, c->mtu);
        if (c->set & LINK_CHANGE_TXQLEN)
                NLA_PUT_U32(msg, IFLA_TXQLEN, c->txqlen);
        if (c->set & LINK_CHANGE_GSO_MAX_SEGS)
                NLA_PUT_U32(msg, IFLA_GSO_MAX_SEGS, c->gso_max_segs);
        /* Setting gro_max_size sets gro_ipv4_max_size too where it fits into 64
         * KiB; the kernel reads the latter's own attribute after it. */
        if (c->set & LINK_CHANGE_GRO_MAX_SIZE)
                NLA_PUT_U32(msg, IFLA_GRO_MAX_SIZE, c->gro_max_size);
        if (c->set & LINK_CHANGE_GRO_IPV4_MAX_SIZE)
                NLA_PUT_U32(msg, LINK_ATTR_GRO_IPV4_MAX_SIZE, c->gro_ipv4_max_size);
        return netlink_call(nl, msg, NULL, NULL);

nla_put_failure:
        return -ENOMEM;
}
