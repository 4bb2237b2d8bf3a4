/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include "link-watch.h"

#define RECEIVE_BYTES 32768
/* A burst of routing changes fits (the kernel doubles it for its bookkeeping). */
#define SOCKET_BYTES (1024 * 1024)

struct gateway {
        struct default_route route;
        uint8_t address[HARDWARE_ADDRESS_MAX]; /* as last known */
        size_t n_address;
};

struct LinkWatch {
        struct nl_sock *sock;
        uint32_t own_port;
        unsigned changed[LINK_WATCH_LINKS_MAX];
        size_t n_changed;
        struct gateway gateways[LINK_WATCH_LINKS_MAX];
        size_t n_gateways;
        bool hosts;
        bool all;
        bool route;
        /* here, so that a lack of memory leaves no announcement unread */
        _Alignas(struct nlmsghdr) char buffer[RECEIVE_BYTES];
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
                                      RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
                                      RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF, 0) < 0 ||
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

int link_watch_gateway(LinkWatch *w, const struct default_route *route,
                       const uint8_t address[static HARDWARE_ADDRESS_MAX], size_t n)
{
        struct gateway g = {.route = *route, .n_address = n};
        size_t i = 0;

        if (w->n_gateways == 0 && nl_socket_add_membership(w->sock, RTNLGRP_NEIGH) < 0)
                return -EIO;
        memcpy(g.address, address, n);
        while (i < w->n_gateways && w->gateways[i].route.ifindex != route->ifindex)
                i++;
        if (i == ELEMENTSOF(w->gateways))
                return -E2BIG;
        w->gateways[i] = g;
        w->n_gateways = MAX(w->n_gateways, i + 1);
        return 0;
}

void link_watch_hosts(LinkWatch *w, bool count)
{
        w->hosts = count;
}

/* A gateway has another hardware address than was known. */
static void read_neighbour(LinkWatch *w, struct nlmsghdr *nlh)
{
        const struct ndmsg *n = NLMSG_DATA(nlh);
        struct nlattr *tb[NDA_MAX + 1];

        if (nlmsg_parse(nlh, sizeof(*n), tb, NDA_MAX, NULL) < 0 || !tb[NDA_DST] ||
            !tb[NDA_LLADDR] || n->ndm_state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP))
                return;
        for (size_t i = 0; i < w->n_gateways; i++) {
                const struct gateway *g = &w->gateways[i];

                if ((int)g->route.ifindex != n->ndm_ifindex ||
                    nla_len(tb[NDA_DST]) != g->route.n_gateway ||
                    memcmp(nla_data(tb[NDA_DST]), g->route.gateway, g->route.n_gateway) != 0)
                        continue;
                if (nla_len(tb[NDA_LLADDR]) != (int)g->n_address ||
                    memcmp(nla_data(tb[NDA_LLADDR]), g->address, g->n_address) != 0)
                        mark(w, n->ndm_ifindex);
        }
}

/* A link began or ended to forward. */
static void read_configuration(LinkWatch *w, struct nlmsghdr *nlh)
{
        const struct nlattr *link;

        if (!nlmsg_valid_hdr(nlh, sizeof(struct netconfmsg)) ||
            !nlmsg_find_attr(nlh, sizeof(struct netconfmsg), NETCONFA_FORWARDING))
                return;
        link = nlmsg_find_attr(nlh, sizeof(struct netconfmsg), NETCONFA_IFINDEX);
        if (link)
                mark(w, nla_get_s32(link));
}

/* Two halves are how some VPNs take all.  Addresses of our own are hosts in table local. */
static bool is_of_interest(const LinkWatch *w, const struct rtmsg *t)
{
        return t->rtm_dst_len <= 1 || (w->hosts && t->rtm_table != RT_TABLE_LOCAL &&
                                       t->rtm_dst_len == (t->rtm_family == AF_INET ? 32 : 128));
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
        case RTM_NEWNEIGH:
                read_neighbour(w, nlh);
                return;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
                if (nlmsg_valid_hdr(nlh, sizeof(struct rtmsg)) &&
                    is_of_interest(w, NLMSG_DATA(nlh)))
                        w->route = true;
                return;
        case RTM_NEWRULE:
        case RTM_DELRULE:
                w->route = true;
                return;
        case RTM_NEWNETCONF:
                read_configuration(w, nlh);
                return;
        default:
                return;
        }
}

int link_watch_dispatch(LinkWatch *w, void (*callback)(unsigned ifindex, void *userdata),
                        void *userdata)
{
        unsigned changed[LINK_WATCH_LINKS_MAX];
        bool all, route;
        size_t n;

        for (;;) {
                struct sockaddr_nl from = {};
                socklen_t from_size = sizeof(from);
                ssize_t size = recvfrom(link_watch_fd(w), w->buffer, RECEIVE_BYTES, 0,
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
                for (struct nlmsghdr *h = (void *)w->buffer; nlmsg_ok(h, (int)size);) {
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
