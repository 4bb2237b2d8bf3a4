/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/neighbour.h>
#include <sys/socket.h>

#include "default-route.h"

struct routes {
        struct default_route *of;
        size_t n;
};

static bool is_worse(const struct default_route *a, const struct default_route *b)
{
        return a->host != b->host ? a->host : a->metric > b->metric;
}

/* In its place by metric; of equal ones the first stays first. */
static void insert(struct routes *routes, const struct default_route *route)
{
        size_t i = routes->n;

        while (i > 0 && is_worse(&routes->of[i - 1], route))
                i--;
        if (i == DEFAULT_ROUTES_MAX)
                return;
        if (routes->n < DEFAULT_ROUTES_MAX)
                routes->n++;
        memmove(routes->of + i + 1, routes->of + i, (routes->n - i - 1) * sizeof *routes->of);
        routes->of[i] = *route;
}

static bool same(const struct default_route *a, const struct default_route *b)
{
        return a->ifindex == b->ifindex && a->metric == b->metric && a->family == b->family &&
               a->host == b->host && a->via == b->via && a->n_gateway == b->n_gateway &&
               memcmp(a->gateway, b->gateway, a->n_gateway) == 0;
}

static bool is_known(const struct routes *routes, const struct default_route *route)
{
        for (size_t i = 0; i < routes->n; i++)
                if (same(&routes->of[i], route))
                        return true;
        return false;
}

/* What libnl-route 3.7 reads of a route it does not check: it goes round for ever at a hop of
 * length 0, and copies -2 bytes of an empty RTA_VIA. */
struct hop {
        unsigned ifindex; /* 0: none */
        unsigned flags;   /* RTNH_F_… */
        const struct nlattr *gateway, *via;
};

static uint32_t number(const struct nlattr *a, uint32_t otherwise)
{
        return a && nla_len(a) >= (int)sizeof(uint32_t) ? nla_get_u32(a) : otherwise;
}

/* The first of several. */
static void read_hops(const struct nlattr *hops, struct hop *ret)
{
        const struct rtnexthop *first = nla_data(hops);
        struct nlattr *tb[RTA_MAX + 1];

        if ((size_t)nla_len(hops) < sizeof(*first) || first->rtnh_len < sizeof(*first) ||
            first->rtnh_len > nla_len(hops) ||
            nla_parse(tb, RTA_MAX, (struct nlattr *)(uintptr_t)RTNH_DATA(first),
                      (int)(first->rtnh_len - sizeof(*first)), NULL) < 0)
                return;
        *ret = (struct hop){(unsigned)first->rtnh_ifindex, first->rtnh_flags, tb[RTA_GATEWAY],
                            tb[RTA_VIA]};
}

/* The way to it: its address alone, of that family. */
static void read_gateway(const struct hop *hop, uint8_t family, struct default_route *d)
{
        const struct rtvia *via = hop->via ? nla_data(hop->via) : NULL;
        const void *address = NULL;
        int n = 0;

        if (hop->gateway) {
                address = nla_data(hop->gateway);
                n = nla_len(hop->gateway);
        } else if (via && nla_len(hop->via) >= (int)sizeof(*via)) {
                address = via->rtvia_addr;
                n = nla_len(hop->via) - (int)sizeof(*via);
                family = (uint8_t)via->rtvia_family;
        }
        if (!address || n > (int)sizeof(d->gateway))
                return;
        d->n_gateway = (uint8_t)n;
        d->via = family;
        memcpy(d->gateway, address, (size_t)n);
}

static int on_route(const struct nlmsghdr *nlh, void *userdata)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)nlh;
        const struct rtmsg *t = NLMSG_DATA(nlh);
        struct nlattr *tb[RTA_MAX + 1];
        struct routes *routes = userdata;
        struct default_route d = {};
        struct hop hop;

        if (nlmsg_parse(h, sizeof(*t), tb, RTA_MAX, NULL) < 0)
                return 0;
        d.host = t->rtm_dst_len == (t->rtm_family == AF_INET ? 32 : 128);
        if ((t->rtm_dst_len != 0 && !d.host) || t->rtm_src_len != 0 || t->rtm_type != RTN_UNICAST ||
            t->rtm_flags & RTM_F_CLONED || number(tb[RTA_TABLE], t->rtm_table) != RT_TABLE_MAIN)
                return 0;
        hop = (struct hop){number(tb[RTA_OIF], 0), t->rtm_flags, tb[RTA_GATEWAY], tb[RTA_VIA]};
        if (tb[RTA_MULTIPATH])
                read_hops(tb[RTA_MULTIPATH], &hop);
        if (hop.ifindex == 0 || hop.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
                return 0;
        d.ifindex = hop.ifindex;
        d.metric = number(tb[RTA_PRIORITY], 0);
        d.family = t->rtm_family;
        read_gateway(&hop, t->rtm_family, &d);
        if (d.host && d.n_gateway == 0)
                return 0;
        if (!is_known(routes, &d))
                insert(routes, &d);
        return 0;
}

int default_routes_get(Netlink *nl, struct default_route ret[static DEFAULT_ROUTES_MAX],
                       size_t *ret_n)
{
        static const uint8_t families[] = {AF_INET, AF_INET6};
        struct routes routes = {.of = ret};

        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                int r = -EAGAIN;

                /* What an interrupted dump has shown did stand: reading it again
                 * only adds to it. */
                for (unsigned n = 0; n < 8 && r == -EAGAIN; n++) {
                        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;

                        r = netlink_route(RTM_GETROUTE, NLM_F_DUMP, families[i], &msg);
                        if (r < 0)
                                return r;
                        r = netlink_call(nl, msg, on_route, &routes);
                }
                if (r < 0)
                        return r;
        }
        *ret_n = routes.n;
        return 0;
}

struct neighbour {
        uint8_t *address;
        size_t n;
        bool no_use; /* asking is: it is being found out, or cannot be here */
};

static int on_neighbour(const struct nlmsghdr *nlh, void *userdata)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)nlh;
        struct neighbour *neighbour = userdata;
        struct nlattr *tb[NDA_MAX + 1];
        const struct ndmsg *n = NLMSG_DATA(nlh);

        if (nlmsg_parse(h, sizeof(*n), tb, NDA_MAX, NULL) < 0)
                return 0;
        neighbour->no_use = n->ndm_state & (NUD_INCOMPLETE | NUD_NOARP);
        if (n->ndm_state & ~(NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP) && tb[NDA_LLADDR] &&
            nla_len(tb[NDA_LLADDR]) <= HARDWARE_ADDRESS_MAX)
                neighbour->n = (size_t)nla_memcpy(neighbour->address, tb[NDA_LLADDR],
                                                  HARDWARE_ADDRESS_MAX);
        return 0;
}

static int neighbour_message(const struct default_route *route, uint16_t type, int flags,
                             uint8_t ntf, struct nl_msg **ret)
{
        int r = netlink_neighbour(type, flags, route->ifindex, route->via, ntf, ret);

        if (r >= 0 && nla_put(*ret, NDA_DST, route->n_gateway, route->gateway) < 0) {
                nlmsg_free(TAKE_PTR(*ret));
                return -ENOMEM;
        }
        return r;
}

int default_route_resolve(Netlink *nl, const struct default_route *route,
                          uint8_t ret[static HARDWARE_ADDRESS_MAX], size_t *ret_n)
{
        _cleanup_(nlmsg_freep) struct nl_msg *get = NULL, *use = NULL;
        struct neighbour neighbour = {.address = ret};
        int r;

        *ret_n = 0;
        if (route->n_gateway == 0)
                return 0;
        r = neighbour_message(route, RTM_GETNEIGH, 0, 0, &get);
        if (r < 0)
                return r;
        r = netlink_call(nl, get, on_neighbour, &neighbour);
        if (r < 0 && r != -ENOENT)
                return r;
        if (neighbour.n > 0 || neighbour.no_use) {
                *ret_n = neighbour.n;
                return 0;
        }
        /* as if a packet were to be sent there */
        r = neighbour_message(route, RTM_NEWNEIGH, NLM_F_CREATE, NTF_USE, &use);
        if (r < 0)
                return r;
        /* -EPERM, a link that is down …: it stays unknown */
        (void)netlink_ask(nl, use);
        return 0;
}
