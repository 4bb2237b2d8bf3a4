/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link as rtnetlink shows it, and the few properties of it that p2sd sets. */
#pragma once

#include "kernel.h"
#include "netlink.h"

/* since 6.3; absent from older headers */
#define LINK_ATTR_GRO_IPV4_MAX_SIZE 64

struct link_view {
        unsigned ifindex;
        char name[16];
        char kind[16];  /* "ifb", "veth", … or "" */
        char alias[64]; /* truncated */
        uint8_t address[32];
        uint8_t n_address;
        uint16_t type; /* ARPHRD_* */
        bool up;
        bool running;    /* it has carrier, too */
        unsigned master; /* whose port it is; 0 = nobody's */
        unsigned lower;  /* that it is on top of, in this namespace; 0 = none */
        uint32_t mtu;
        uint32_t num_tx_queues;
        uint32_t txqlen;
        uint32_t gso_max_segs;
        uint32_t gro_max_size;      /* bytes; 0: older than 5.19, cannot be set */
        uint32_t gro_ipv4_max_size; /* bytes; 0: older than 6.3 */
        bool forwards;              /* IPv4 or IPv6 */
        bool xdp;                   /* a program is attached, in whatever mode */
};

/* By ifindex, or by name where ifindex is 0.  -ENODEV. */
int link_view_get(Netlink *nl, unsigned ifindex, const char *name, struct link_view *ret);

/* From an RTM_NEWLINK message. */
int link_view_read(const struct nlmsghdr *nlh, struct link_view *s);

void link_view_facts(const struct link_view *s, struct link_facts *ret);

/* What link_view_set() changes; a field whose bit is not in `set` stays. */
struct link_change {
        enum {
                LINK_CHANGE_GSO_MAX_SEGS = 1 << 0,
                LINK_CHANGE_GRO_MAX_SIZE = 1 << 1,
                LINK_CHANGE_GRO_IPV4_MAX_SIZE = 1 << 2,
                LINK_CHANGE_TXQLEN = 1 << 3,
                LINK_CHANGE_MTU = 1 << 4,
                LINK_CHANGE_UP = 1 << 5,
        } set;
        uint32_t gso_max_segs;
        uint32_t gro_max_size;
        uint32_t gro_ipv4_max_size;
        uint32_t txqlen;
        uint32_t mtu;
};

/* One message; none where nothing is set. */
int link_view_set(Netlink *nl, unsigned ifindex, const struct link_change *change);
