/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
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

static void read_route(struct rtnl_route *route, uint8_t family, bool host, struct routes *routes)
{
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);
        struct default_route d = {};
        struct nl_addr *via;

        if (!hop || rtnl_route_get_table(route) != RT_TABLE_MAIN ||
            rtnl_route_nh_get_flags(hop) & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
                return;
        d.ifindex = (unsigned)rtnl_route_nh_get_ifindex(hop);
        d.metric = rtnl_route_get_priority(route);
        d.family = family;
        d.host = host;
        via = rtnl_route_nh_get_gateway(hop) ?: rtnl_route_nh_get_via(hop);
        if (via && nl_addr_get_len(via) <= sizeof d.gateway) {
                d.n_gateway = (uint8_t)nl_addr_get_len(via);
                d.via = (uint8_t)nl_addr_get_family(via);
                memcpy(d.gateway, nl_addr_get_binary_addr(via), d.n_gateway);
        }
        if (host && d.n_gateway == 0)
                return;
        if (!is_known(routes, &d))
                insert(routes, &d);
}

/* Whether each hop of several has its length: at one of 0 libnl 3.7 goes round for ever. */
static bool has_whole_hops(struct nlmsghdr *h)
{
        struct nlattr *tb[RTA_MAX + 1];
        const struct rtnexthop *hop;
        size_t left;

        if (nlmsg_parse(h, sizeof(struct rtmsg), tb, RTA_MAX, NULL) < 0)
                return false;
        if (!tb[RTA_MULTIPATH])
                return true;
        hop = nla_data(tb[RTA_MULTIPATH]);
        left = (size_t)nla_len(tb[RTA_MULTIPATH]);
        while (left >= sizeof(*hop)) {
                const size_t size = RTNH_ALIGN(hop->rtnh_len);

                if (hop->rtnh_len < sizeof(*hop) || size > left)
                        return false;
                left -= size;
                hop = (const void *)((const char *)hop + size);
        }
        return true;
}

static int on_route(const struct nlmsghdr *nlh, void *userdata)
{
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)nlh;
        const struct rtmsg *t = NLMSG_DATA(nlh);
        struct rtnl_route *route;
        bool host;

        if (!nlmsg_valid_hdr(h, sizeof(*t)))
                return 0;
        host = t->rtm_dst_len == (t->rtm_family == AF_INET ? 32 : 128);
        if ((t->rtm_dst_len != 0 && !host) || t->rtm_src_len != 0 || t->rtm_type != RTN_UNICAST ||
            t->rtm_flags & RTM_F_CLONED)
                return 0;
        if (!has_whole_hops(h) || rtnl_route_parse(h, &route) < 0)
                return 0;
        read_route(route, t->rtm_family, host, userdata);
        rtnl_route_put(route);
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
