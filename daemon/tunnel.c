/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "default-route.h"
#include "link-view.h"
#include "tunnel-end.h"
#include "tunnel.h"

/* Kinds of links whose packets leave by another link.  PPP is not among them: PPPoE's is
 * the line itself. */
static bool is_tunnel(const char *kind)
{
        static const char *const kinds[] = {
                "wireguard", "tun", "ipip", "sit",  "gre",   "gretap", "ip6gretap", "ip6gre",
                "ip6tnl",    "vti", "vti6", "xfrm", "vxlan", "geneve", "ovpn",      "amneziawg"};

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (streq(kind, kinds[i]))
                        return true;
        return false;
}

static int on_found(const struct nlmsghdr *nlh, void *userdata)
{
        struct nlattr *tb[RTA_MAX + 1];
        unsigned *ifindex = userdata;

        if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)nlh, sizeof(struct rtmsg), tb, RTA_MAX,
                        NULL) >= 0 &&
            tb[RTA_OIF])
                *ifindex = nla_get_u32(tb[RTA_OIF]);
        return 0;
}

/* What a packet to there would leave by; sends nothing.  0 = nowhere. */
static unsigned look_up(Netlink *nl, const struct tunnel_end *end)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        unsigned ifindex = 0;

        if (netlink_route(RTM_GETROUTE, 0, end->family, &msg) < 0 ||
            nla_put(msg, RTA_DST, end->n_to, end->to) < 0 ||
            (end->mark != 0 && nla_put_u32(msg, RTA_MARK, end->mark) < 0))
                return 0;
        if (netlink_call(nl, msg, on_found, &ifindex) < 0)
                return 0;
        return ifindex;
}

static bool is_carrier(Netlink *nl, unsigned ifindex, struct link_view *ret)
{
        return link_view_get(nl, ifindex, NULL, ret) >= 0 && !is_tunnel(ret->kind);
}

/* Where the far end is known, the route to it; else the best that is no tunnel's. */
static int find_carrier(Netlink *nl, const struct link_view *tunnel,
                        const struct default_route *routes, size_t n, struct link_view *ret)
{
        struct tunnel_end end;

        if (tunnel_end_get(nl, tunnel->ifindex, tunnel->kind, &end) >= 0 &&
            is_carrier(nl, end.ifindex ?: look_up(nl, &end), ret))
                return 0;
        for (size_t i = 0; i < n; i++)
                if (is_carrier(nl, routes[i].ifindex, ret))
                        return 0;
        return -ENODEV;
}

int tunnel_default(Netlink *nl, struct default_link *ret)
{
        struct default_route routes[DEFAULT_ROUTES_MAX];
        /* RFC 5737, RFC 3849: nobody's, so that no route is to them alone */
        static const struct tunnel_end somewhere[] = {
                {.family = AF_INET, .n_to = 4, .to = {198, 51, 100, 1}},
                {.family = AF_INET6, .n_to = 16, .to = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
        };
        unsigned entered = look_up(nl, &somewhere[0]) ?: look_up(nl, &somewhere[1]);
        struct default_link found = {};
        struct link_view view, tunnel;
        size_t n;
        int r;

        r = default_routes_get(nl, routes, &n);
        if (r < 0)
                return r;
        if (entered > 0 && link_view_get(nl, entered, NULL, &tunnel) >= 0 && is_tunnel(tunnel.kind))
                memcpy(found.tunnel, tunnel.name, sizeof found.tunnel);
        if (found.tunnel[0])
                r = find_carrier(nl, &tunnel, routes, n, &view);
        else
                r = n > 0 && !routes[0].host ? link_view_get(nl, routes[0].ifindex, NULL, &view)
                                             : -ENODEV;
        if (r == -ENODEV && found.tunnel[0]) { /* nothing shows below it */
                memcpy(found.name, found.tunnel, sizeof found.name);
                found.tunnel[0] = '\0';
        } else if (r < 0)
                return r;
        else
                memcpy(found.name, view.name, sizeof found.name);
        *ret = found;
        return 0;
}
