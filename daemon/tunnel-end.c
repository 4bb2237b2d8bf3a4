/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_tunnel.h>
#include <linux/wireguard.h>
#include <netinet/in.h>

#include "genl.h"
#include "tunnel-end.h"

#define DATA_MAX 64 /* attributes of a kind of link */

/* Which attributes of a kind say where to; 0 = there is none. */
struct kind {
        const char *name;
        int to, to6, ifindex, mark;
};

static const struct kind kinds[] = {
        {"ipip", IFLA_IPTUN_REMOTE, 0, IFLA_IPTUN_LINK, IFLA_IPTUN_FWMARK},
        {"sit", IFLA_IPTUN_REMOTE, 0, IFLA_IPTUN_LINK, IFLA_IPTUN_FWMARK},
        {"ip6tnl", IFLA_IPTUN_REMOTE, 0, IFLA_IPTUN_LINK, IFLA_IPTUN_FWMARK},
        {"gre", IFLA_GRE_REMOTE, 0, IFLA_GRE_LINK, IFLA_GRE_FWMARK},
        {"gretap", IFLA_GRE_REMOTE, 0, IFLA_GRE_LINK, IFLA_GRE_FWMARK},
        {"ip6gre", IFLA_GRE_REMOTE, 0, IFLA_GRE_LINK, IFLA_GRE_FWMARK},
        {"ip6gretap", IFLA_GRE_REMOTE, 0, IFLA_GRE_LINK, IFLA_GRE_FWMARK},
        {"vti", IFLA_VTI_REMOTE, 0, IFLA_VTI_LINK, IFLA_VTI_FWMARK},
        {"vti6", IFLA_VTI_REMOTE, 0, IFLA_VTI_LINK, IFLA_VTI_FWMARK},
        {"vxlan", IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, IFLA_VXLAN_LINK, 0},
        {"geneve", IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6, 0, 0},
};

/* No address, or that of nobody, is false. */
static bool take_address(struct tunnel_end *e, const void *address, int n)
{
        static const uint8_t nobody[sizeof e->to];

        if ((n != 4 && n != 16) || memcmp(address, nobody, (size_t)n) == 0)
                return false;
        e->family = n == 4 ? AF_INET : AF_INET6;
        e->n_to = (uint8_t)n;
        memcpy(e->to, address, (size_t)n);
        return true;
}

static uint32_t number_of(struct nlattr *const *tb, int type)
{
        return type != 0 && tb[type] && nla_len(tb[type]) >= (int)sizeof(uint32_t)
                       ? nla_get_u32(tb[type])
                       : 0;
}

struct search {
        const struct kind *kind;
        struct tunnel_end end;
};

static int on_link(const struct nlmsghdr *nlh, void *userdata)
{
        struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1], *data[DATA_MAX + 1];
        struct search *s = userdata;
        const struct kind *k = s->kind;

        if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX,
                        NULL) < 0 ||
            !tb[IFLA_LINKINFO] ||
            nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) < 0 ||
            !info[IFLA_INFO_DATA] ||
            nla_parse_nested(data, DATA_MAX, info[IFLA_INFO_DATA], NULL) < 0)
                return 0;
        if (!data[k->to] || !take_address(&s->end, nla_data(data[k->to]), nla_len(data[k->to])))
                if (k->to6 && data[k->to6])
                        (void)take_address(&s->end, nla_data(data[k->to6]), nla_len(data[k->to6]));
        s->end.ifindex = number_of(data, k->ifindex);
        s->end.mark = number_of(data, k->mark);
        return 0;
}

/* Bits of the shortest prefix that a peer may send from; 129 = none. */
static unsigned widest(struct nlattr *allowed)
{
        unsigned bits = 129;
        struct nlattr *a;
        int left;

        if (allowed)
                nla_for_each_nested(a, allowed, left)
                {
                        const struct nlattr *mask =
                                nla_find(nla_data(a), nla_len(a), WGALLOWEDIP_A_CIDR_MASK);

                        if (mask && nla_len(mask) >= 1)
                                bits = MIN(bits, (unsigned)nla_get_u8(mask));
                }
        return bits;
}

static bool take_endpoint(struct tunnel_end *e, const struct nlattr *endpoint)
{
        struct sockaddr_in6 in6;
        struct sockaddr_in in;
        sa_family_t family;

        if (!endpoint || nla_len(endpoint) < (int)sizeof in)
                return false;
        memcpy(&family, nla_data(endpoint), sizeof family);
        if (family == AF_INET) {
                memcpy(&in, nla_data(endpoint), sizeof in);
                return take_address(e, &in.sin_addr, sizeof in.sin_addr);
        }
        if (family != AF_INET6 || nla_len(endpoint) < (int)sizeof in6)
                return false;
        memcpy(&in6, nla_data(endpoint), sizeof in6);
        return take_address(e, &in6.sin6_addr, sizeof in6.sin6_addr);
}

static void read_peers(struct nlattr *peers, struct tunnel_end *e)
{
        unsigned best = 129;
        struct nlattr *p;
        int left;

        nla_for_each_nested(p, peers, left)
        {
                struct nlattr *tb[WGPEER_A_MAX + 1];
                unsigned bits;

                if (nla_parse_nested(tb, WGPEER_A_MAX, p, NULL) < 0)
                        continue;
                bits = widest(tb[WGPEER_A_ALLOWEDIPS]);
                if (bits < best && take_endpoint(e, tb[WGPEER_A_ENDPOINT]))
                        best = bits;
        }
}

static int ask_wireguard(int fd, unsigned ifindex, void *buf, struct tunnel_end *e)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *tb[WGDEVICE_A_MAX + 1];
        uint16_t family;
        int r;

        r = genl_find_family(fd, WG_GENL_NAME, buf, &family);
        if (r >= 0)
                r = genl_request(family, WG_CMD_GET_DEVICE, NLM_F_DUMP, &msg);
        if (r < 0)
                return r;
        if (nla_put_u32(msg, WGDEVICE_A_IFINDEX, ifindex) < 0)
                return -ENOMEM;
        r = genl_ask(fd, msg, buf, tb, WGDEVICE_A_MAX);
        if (r < 0)
                return r;
        e->mark = number_of(tb, WGDEVICE_A_FWMARK);
        if (tb[WGDEVICE_A_PEERS])
                read_peers(tb[WGDEVICE_A_PEERS], e);
        return 0;
}

static int get_wireguard(unsigned ifindex, struct tunnel_end *e)
{
        _cleanup_close_ int fd = genl_open();
        _cleanup_free_ void *buf = NULL;
        int r;

        if (fd < 0)
                return fd;
        buf = malloc(GENL_ANSWER_BYTES);
        if (!buf)
                return -ENOMEM;
        r = ask_wireguard(fd, ifindex, buf, e);
        /* the private key came, too */
        explicit_bzero(buf, GENL_ANSWER_BYTES);
        return r;
}

int tunnel_end_get(Netlink *nl, unsigned ifindex, const char *kind, struct tunnel_end *ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct search s = {};
        int r = -ENODATA;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (streq(kinds[i].name, kind))
                        s.kind = &kinds[i];
        if (s.kind) {
                r = netlink_link(RTM_GETLINK, 0, ifindex, &msg);
                if (r >= 0)
                        r = netlink_call(nl, msg, on_link, &s);
        } else if (streq(kind, "wireguard"))
                r = get_wireguard(ifindex, &s.end);
        if (r < 0)
                return r;
        if (s.end.n_to == 0 && s.end.ifindex == 0)
                return -ENODATA;
        *ret = s.end;
        return 0;
}
