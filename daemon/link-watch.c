/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include "link-watch.h"

#define RECEIVE_BYTES 32768
/* A burst of routing changes fits (the kernel doubles it for its bookkeeping). */
#define SOCKET_BYTES (1024 * 1024)

struct LinkWatch {
        struct nl_sock *sock;
        uint32_t own_port;
        unsigned changed[LINK_WATCH_LINKS_MAX];
        size_t n_changed;
        bool all;
        bool route;
};

int link_watch_new(uint32_t own_port, LinkWatch **ret)
{
        _cleanup_(link_watch_freep) LinkWatch *w = NULL;
        int fd, size = SOCKET_BYTES;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->own_port = own_port;
        w->sock = nl_socket_alloc();
        if (!w->sock)
                return -ENOMEM;
        nl_socket_disable_seq_check(w->sock);
        if (nl_connect(w->sock, NETLINK_ROUTE) < 0)
                return -errno;
        fd = nl_socket_get_fd(w->sock);
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (nl_socket_add_memberships(w->sock, RTNLGRP_LINK, RTNLGRP_TC, RTNLGRP_IPV4_ROUTE,
                                      RTNLGRP_IPV6_ROUTE, 0) < 0 ||
            nl_socket_set_nonblocking(w->sock) < 0)
                return -EIO;
        *ret = TAKE_PTR(w);
        return 0;
}

void link_watch_free(LinkWatch *w)
{
        if (!w)
                return;
        if (w->sock)
                nl_socket_free(w->sock);
        free(w);
}

int link_watch_fd(const LinkWatch *w)
{
        return nl_socket_get_fd(w->sock);
}

static void mark(LinkWatch *w, int ifindex)
{
        if (ifindex <= 0)
                return;
        for (size_t i = 0; i < w->n_changed; i++)
                if (w->changed[i] == (unsigned)ifindex)
                        return;
        if (w->n_changed < LINK_WATCH_LINKS_MAX)
                w->changed[w->n_changed++] = (unsigned)ifindex;
        else
                w->all = true;
}

static void read_message(LinkWatch *w, struct nlmsghdr *nlh)
{
        if (nlh->nlmsg_pid == w->own_port)
                return;
        switch (nlh->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK:
                if (nlmsg_valid_hdr(nlh, sizeof(struct ifinfomsg)))
                        mark(w, ((struct ifinfomsg *)NLMSG_DATA(nlh))->ifi_index);
                return;
        case RTM_NEWQDISC:
        case RTM_DELQDISC:
        case RTM_NEWTCLASS:
        case RTM_DELTCLASS:
        case RTM_NEWTFILTER:
        case RTM_DELTFILTER:
                if (nlmsg_valid_hdr(nlh, sizeof(struct tcmsg)))
                        mark(w, ((struct tcmsg *)NLMSG_DATA(nlh))->tcm_ifindex);
                return;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
                if (nlmsg_valid_hdr(nlh, sizeof(struct rtmsg)) &&
                    ((struct rtmsg *)NLMSG_DATA(nlh))->rtm_dst_len == 0)
                        w->route = true;
                return;
        default:
                return;
        }
}

int link_watch_dispatch(LinkWatch *w, void (*callback)(unsigned ifindex, void *userdata),
                        void *userdata)
{
        _cleanup_free_ void *buffer = NULL;
        unsigned changed[LINK_WATCH_LINKS_MAX];
        bool all, route;
        size_t n;

        buffer = malloc(RECEIVE_BYTES);
        if (!buffer)
                return -ENOMEM;
        for (;;) {
                struct sockaddr_nl from;
                socklen_t from_size = sizeof(from);
                ssize_t size = recvfrom(link_watch_fd(w), buffer, RECEIVE_BYTES, 0,
                                        (struct sockaddr *)&from, &from_size);

                if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                        break;
                if (size < 0 && errno == EINTR)
                        continue;
                if (size < 0 && errno == ENOBUFS) {
                        w->all = w->route = true;
                        continue;
                }
                if (size < 0)
                        return -errno;
                if (from.nl_pid != 0) /* not the kernel */
                        continue;
                for (struct nlmsghdr *h = buffer; nlmsg_ok(h, (int)size);) {
                        int left = (int)size;

                        read_message(w, h);
                        h = nlmsg_next(h, &left);
                        size = left;
                }
        }

        /* The callback may come back to us. */
        all = w->all;
        route = w->route;
        n = w->n_changed;
        memcpy(changed, w->changed, n * sizeof(*changed));
        w->all = w->route = false;
        w->n_changed = 0;

        if (all)
                callback(LINK_WATCH_ALL, userdata);
        for (size_t i = 0; i < n && !all; i++)
                callback(changed[i], userdata);
        if (route)
                callback(0, userdata);
        return 0;
}

struct best {
        unsigned ifindex;
        uint32_t metric;
};

static int on_route(const struct nlmsghdr *nlh, void *userdata)
{
        struct best *best = userdata;
        struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)nlh;
        const struct rtmsg *t = NLMSG_DATA(nlh);
        struct rtnl_route *route;
        struct rtnl_nexthop *hop;

        if (!nlmsg_valid_hdr(h, sizeof(*t)) || t->rtm_dst_len != 0 || t->rtm_src_len != 0 ||
            t->rtm_type != RTN_UNICAST || t->rtm_flags & RTM_F_CLONED)
                return 0;
        if (rtnl_route_parse(h, &route) < 0)
                return 0;
        hop = rtnl_route_nexthop_n(route, 0);
        if (hop && rtnl_route_get_table(route) == RT_TABLE_MAIN &&
            !(rtnl_route_nh_get_flags(hop) & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) &&
            (best->ifindex == 0 || rtnl_route_get_priority(route) < best->metric)) {
                best->ifindex = (unsigned)rtnl_route_nh_get_ifindex(hop);
                best->metric = rtnl_route_get_priority(route);
        }
        rtnl_route_put(route);
        return 0;
}

int link_watch_default(Netlink *nl, unsigned *ret_ifindex)
{
        static const uint8_t families[] = {AF_INET, AF_INET6};
        struct best best = {};

        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                int r = -EAGAIN;

                /* What an interrupted dump has shown did stand: reading it again
                 * only adds to it. */
                for (unsigned n = 0; n < 8 && r == -EAGAIN; n++) {
                        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;

                        r = netlink_route(RTM_GETROUTE, NLM_F_DUMP, families[i], &msg);
                        if (r < 0)
                                return r;
                        r = netlink_call(nl, msg, on_route, &best);
                }
                if (r < 0)
                        return r;
        }
        if (best.ifindex == 0)
                return -ENODEV;
        *ret_ifindex = best.ifindex;
        return 0;
}
