/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What p2sd wants to stand on a link: a pure function of facts, rates, mode.
 *
 * The effect side (shaper-netlink) makes the kernel equal to a link_plan and
 * decides nothing itself. */
#pragma once

#include "line-layer.h"
#include "p2s-abi.h"
#include "util.h"

/* HTB 1: → 1:1 → the four leaves.  Major 1 is what skb->priority carries. */
#define SHAPER_HANDLE        0x10000u
#define SHAPER_MINOR_ROOT    0x1u
#define SHAPER_MINOR_VOICE   0x10u
#define SHAPER_MINOR_VIDEO   0x15u
#define SHAPER_MINOR_ACK     0x18u
#define SHAPER_MINOR_GENERAL 0x20u

/* TC_PRIO_INTERACTIVE: the first band of pfifo_fast, without HTB. */
#define SHAPER_PRIORITY_MARKED 6u

enum shaper_aqm {
        SHAPER_AQM_FQ_CODEL,
        SHAPER_AQM_BFIFO,
};

/* fq_codel or, where the kernel has none, bfifo (limit_bytes alone). */
struct shaper_leaf {
        enum shaper_aqm aqm;
        uint32_t limit_bytes;   /* bfifo: 50 ms at the class's rate */
        uint32_t limit_packets; /* fq_codel … */
        uint32_t flows;
        uint32_t target_usec;
        uint32_t interval_usec;
        uint32_t quantum;      /* bytes */
        uint32_t memory_limit; /* bytes */
        bool ecn;
};

/* One HTB class.  Rates in bit/s; bursts and quantum in bytes. */
struct shaper_class {
        uint16_t minor;
        uint64_t rate_bps;
        uint64_t ceil_bps;
        uint32_t burst;
        uint32_t cburst;
        uint32_t quantum;
        uint32_t prio; /* 0 is served first */
};

/* How packets are counted in a tree: by a table that the root qdisc holds.  frame: bytes
 * of the largest; 0 = there is no table, the kernel's own count holds. */
struct shaper_sizes {
        struct line_layer layer;
        uint32_t frame;
};

/* One direction's tree.  Leaves are indexed by enum p2s_queue. */
struct shaper_tree {
        bool present;
        struct shaper_sizes sizes;
        struct shaper_class root;
        struct shaper_class class[_P2S_QUEUE_MAX];
        struct shaper_leaf leaf[_P2S_QUEUE_MAX];
};

/* A plan differs by rates and bursts alone from the one for the same wish with the
 * other value of `loose`, but for the sizes of packets: going from one to the other
 * is changing classes in place. */
struct link_plan {
        /* clsact and both filters stand on the link */
        bool classify;
        /* and XDP's program, where the kernel lets it; in the driver, if that can */
        bool xdp;
        bool xdp_native;
        /* on the link itself */
        struct shaper_tree outgoing;
        /* on the link's IFB; the IFB and the redirect to it stand iff present */
        struct shaper_tree incoming;
        /* caps while shaping; 0 = as it was before p2sd */
        uint32_t gso_max_segs;
        uint32_t gro_max_size; /* bytes */
};

/* What the plan needs to know of a link. */
struct link_facts {
        unsigned ifindex;
        char name[16];
        uint32_t mtu;
        bool up;
        bool ethernet; /* frames begin with an Ethernet header */
        bool forwards; /* packets that come in by it may leave by another */
        bool leads_on; /* … and that may be one of hardware, with somebody behind it */
        unsigned num_tx_queues;
};

/* What the user wants and knows of it. */
struct shaper_wish {
        bool classify;                         /* mode is not "off" */
        enum link_xdp xdp;                     /* whether what comes in is marked, too */
        bool shape;                            /* mode is "shape" */
        bool have_fq_codel;                    /* the kernel has it */
        bool loose;                            /* general traffic has the whole line */
        struct line_layer layer;               /* of the narrow hop */
        uint64_t rate_bps[_P2S_DIRECTION_MAX]; /* 0 = not known: not shaped */
};

/* Above that rate one queue for all that a link sends may be what is narrow: HTB has one lock,
 * where the queues of mq, which it takes the place of, have one each.  Measured with
 * tests/kernel/bench-queues (docs/evidence.md). */
#define SHAPER_ONE_QUEUE_BPS UINT64_C(1000000000)

static inline bool shaper_narrows(unsigned num_tx_queues, uint64_t rate_bps)
{
        return num_tx_queues > 1 && rate_bps > SHAPER_ONE_QUEUE_BPS;
}

/* Fills *ret.  Pure: no I/O, no clock. */
void shaper_plan(const struct link_facts *facts, const struct shaper_wish *wish,
                 struct link_plan *ret);

/* Whether the same stands on a link by both. */
bool link_plan_equal(const struct link_plan *a, const struct link_plan *b);
