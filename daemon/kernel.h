/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seam: every operation of p2sd's on the kernel goes through this struct.
 *
 * kernel-linux.c is the real one, kernel-fake.c a scripted one that anybody can
 * run without privilege.  No operation logs; each returns 0 or a negative errno,
 * leaves its outputs untouched on failure, and where it takes a `char **reason`
 * sets it on failure to a sentence fragment that names the object ("htb
 * 8001: on eth0"), to be freed by the caller. */
#pragma once

#include "p2s-abi.h"
#include "shaper-plan.h"
#include "util.h"

/* What this kernel can do, probed on a throw-away IFB. */
struct kernel_capabilities {
        bool bpf;
        bool clsact;
        bool ifb;
        bool htb;
        bool fq_codel;
};

/* Offloads that let packets pass without us, or several as one. */
enum link_offload {
        LINK_OFFLOAD_HW_TC,
        LINK_OFFLOAD_L2_FORWARD,
        LINK_OFFLOAD_UDP_GRO_FORWARDING,
        LINK_OFFLOAD_GRO_LIST,
        _LINK_OFFLOAD_MAX,
};

/* As ethtool(8) names them. */
extern const char *const link_offload_names[_LINK_OFFLOAD_MAX];

/* What else acts on a link. */
struct link_surroundings {
        char qdisc[16];      /* kind of the root qdisc, "" for none */
        bool qdisc_ours;     /* it is a tree of p2sd's */
        bool qdisc_set;      /* somebody else put it there, not the kernel */
        bool networkd_qdisc; /* systemd-networkd is told to set one here */
        char rival_ifb[16];  /* another tool's interface for incoming packets, "" for none */
        uint64_t speed_bps;  /* the interface's own; 0 = not known */
        bool offload[_LINK_OFFLOAD_MAX];
        bool wifi_power_save; /* its radio sleeps between beacons */
};

/* Where packets to the Internet go. */
struct default_link {
        char name[16];   /* the interface by which they leave */
        char tunnel[16]; /* what they enter before that, to leave as another's; or "" */
};

/* The router that an interface's default route leads to. */
struct link_gateway {
        char address[46];     /* as text */
        uint8_t hardware[32]; /* its hardware address; n = 0: not known, or not yet */
        size_t n_hardware;
};

/* What p2sd's queues of one link did so far. */
struct kernel_queue_stats {
        uint64_t drops;
        uint64_t backlog_bytes;
        uint64_t backlog_packets;
};

/* One flow as read from the table. */
struct kernel_flow {
        struct p2s_flow_key key;
        struct p2s_flow flow;
};

/* One user's port rules, laid out for the data path: enum p2s_class by port
 * (host byte order), and P2S_PORT_MEDIA. */
struct kernel_ports {
        uint8_t class[65536];
};

typedef struct Kernel Kernel;
typedef struct KernelLink KernelLink;

/* What became of link_plan.xdp. */
enum kernel_xdp {
        KERNEL_XDP_NONE,    /* nobody asked for it */
        KERNEL_XDP_NATIVE,  /* in the driver */
        KERNEL_XDP_GENERIC, /* right after it */
        KERNEL_XDP_BUSY,    /* somebody else's program is there, and stays */
        KERNEL_XDP_REFUSED, /* by the kernel or the driver, or it would cost an offload */
};

/* What a link is taken for. */
enum kernel_take {
        KERNEL_TAKE_ALL,
        KERNEL_TAKE_BUT_ROOT, /* its own root qdisc stays, whatever it is */
        KERNEL_TAKE_BY_FORCE, /* … goes, even where it cannot be put back */
};

enum kernel_event {
        /* A link appeared, vanished, or changed (state, MTU, name), or somebody touched
         * its qdiscs or filters.  ifindex 0 = the default route changed. */
        KERNEL_LINK_CHANGED,
        /* A call's packet passed where p2s_settings.announce asked to be told. */
        KERNEL_CALL_BEGAN,
};

typedef void (*kernel_event_t)(enum kernel_event event, unsigned ifindex, void *userdata);

struct kernel_ops {
        /* Nothing of it is real: what p2sd learns beside it (sockets, processes) is
         * about another machine, so to speak. */
        bool made_up;

        /* Opens the seam.  runtime_dir holds the records of what stood on each
         * link before p2sd, for a restart after a crash. */
        int (*open)(const char *runtime_dir, Kernel **ret);
        void (*close)(Kernel *k);

        int (*probe)(Kernel *k, struct kernel_capabilities *ret);

        /* A pollable descriptor for events, and its reader. */
        int (*event_fd)(Kernel *k);
        int (*dispatch)(Kernel *k, kernel_event_t callback, void *userdata);

        /* -ENODEV: no such interface. */
        int (*link_facts)(Kernel *k, const char *name, struct link_facts *ret);
        /* The interface with the default route of the lowest metric, or the one below it
         * where that is a tunnel; -ENODEV.  -EILSEQ: its name is not text. */
        int (*default_link)(Kernel *k, struct default_link *ret);

        /* The gateway of the interface's best default route; asks for its hardware address
         * where that is not known, which is an event once it is, as is every change
         * of it.  -ENODEV: no such route, or it leads to no gateway. */
        int (*link_gateway)(Kernel *k, unsigned ifindex, struct link_gateway *ret);

        /* What else acts on an interface, to tell a person why calls may fare badly.
         * Looks alone.  -ENODEV. */
        int (*link_surroundings)(Kernel *k, const char *name, struct link_surroundings *ret);

        /* Takes a link: records what stands there (or reads the record that a
         * crash left) and makes sure that it can be put back exactly.  Changes
         * nothing.  -EBUSY with a reason when it can't; by force it is taken even so,
         * the kernel's default is what will be put back, and *reason says what will
         * be lost.  Where the root was to stay, link_apply() may fail so later. */
        int (*link_take)(Kernel *k, const struct link_facts *facts, enum kernel_take take,
                         KernelLink **ret, char **reason);
        /* Makes the link equal to the plan; idempotent; all or nothing.  Things
         * that are right already are not touched.  An all-zero plan puts back
         * what was there. */
        int (*link_apply)(KernelLink *l, const struct link_plan *plan, char **reason);
        /* How many changes were made so far, whatever for: where it is another number
         * after link_apply() of the plan in force, somebody else had changed something. */
        uint64_t (*changes)(Kernel *k);
        /* Whether the last link_apply() found that something of the plan before was gone. */
        bool (*link_mended)(KernelLink *l);
        /* Whether something is gone that the kernel tells nobody of; cheap. */
        bool (*link_torn)(KernelLink *l);
        /* Frees the object; the link must have been put back (or have vanished). */
        void (*link_free)(KernelLink *l);
        /* Name of its IFB while one stands, else NULL. */
        const char *(*link_ifb)(KernelLink *l);

        /* Where the program stands that marks what comes in. */
        enum kernel_xdp (*link_xdp)(KernelLink *l);

        /* Settings of the link's programs, in force for the next packet.  Before
         * the first link_apply with `classify` they are kept for it. */
        int (*link_settings)(KernelLink *l, const struct p2s_settings *settings);
        /* Totals since the programs were first attached; survive off and on. */
        int (*link_totals)(KernelLink *l, struct p2s_totals *ret);
        /* By direction and queue; zeroes where no tree of ours stands. */
        int (*link_queues)(KernelLink *l,
                           struct kernel_queue_stats ret[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX]);
        /* All flows, in one batch where the kernel can; to be freed. */
        int (*link_flows)(KernelLink *l, struct kernel_flow **ret, size_t *ret_n);
        /* Forgets a flow. */
        int (*link_forget)(KernelLink *l, const struct p2s_flow_key *key);

        /* The port rules of all links, in force for the next packet. */
        int (*set_ports)(Kernel *k, const struct kernel_ports *ports);

        /* Removes everything of p2sd's from every link of this namespace, from
         * whatever state a crash left, by the records in runtime_dir.  Links that
         * are taken are in use and left alone.  Reports how many it touched. */
        int (*revert)(Kernel *k, unsigned *ret_links, char **reason);
};

extern const struct kernel_ops kernel_linux;
extern const struct kernel_ops kernel_fake;
