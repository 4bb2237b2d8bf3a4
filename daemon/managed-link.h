/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One link that p2sd was told to manage: what is wanted, what is there, what is
 * in force. */
#pragma once

#include <systemd/sd-event.h>

#include "kernel.h"
#include "link-identity.h"
#include "link-shaping.h"
#include "mending.h"
#include "sample-ring.h"
#include "stats.h"

struct Manager;

enum link_state {
        LINK_ABSENT, /* no such interface now */
        LINK_DOWN,
        LINK_ACTIVE,
        LINK_BUSY,   /* somebody's qdisc that cannot be put back */
        LINK_FAILED, /* the kernel refused */
};

/* Whose rates are in force. */
enum link_rates {
        LINK_RATES_NONE,    /* none are known */
        LINK_RATES_LINK,    /* its own, for every network without any */
        LINK_RATES_NETWORK, /* those remembered for the network that it is on */
};

struct managed_link {
        struct Manager *manager;
        struct link_setting chosen;  /* as the user or the configuration says */
        struct link_setting setting; /* in force: with the line of its network */

        struct network_name network; /* that it is on */
        enum link_rates rates;
        struct link_gateway gateway; /* as last known … */
        unsigned gateway_of;         /* … of the link with that index; 0 = none */

        bool follows_tunnel; /* manager-tunnel.c made it, nobody asked for it */

        enum link_state state;
        char *reason; /* why it is not active; NULL otherwise */
        /* what the name stands for now; "" and 0 while absent */
        struct link_facts facts;
        KernelLink *kernel;    /* NULL: nothing of ours is on it */
        struct link_plan plan; /* in force */
        enum kernel_xdp xdp;   /* as last told to the log */
        char *displaced;       /* with `force`: what will not be put back; or NULL */
        unsigned takes;        /* how often a link was taken for it */
        struct mending mending;
        bool gave_up; /* mended too often: left alone until somebody asks for it */

        struct link_shaping shaping;
        sd_event_source *shaping_source; /* armed while something of it is to change */

        SampleRing *history;
        struct sample_counters counters; /* as last read */
};

int managed_link_new(struct Manager *m, const struct link_setting *setting,
                     struct managed_link **ret);
/* Puts the link back first. */
struct managed_link *managed_link_free(struct managed_link *l);

/* Makes the kernel's side what mode and setting ask for; the one path for a
 * user's change and for the kernel's events alike, and idempotent.  An absent or
 * busy link is no error; negative: the kernel refused, and the link is as it was
 * before the call. */
int managed_link_sync(struct managed_link *l, enum mode mode, char **reason);

/* The same for the mode in force, where the world has changed; a failure becomes the
 * link's state.  What somebody else took away or changed is mended, but not for ever. */
void managed_link_resync(struct managed_link *l);

/* A call's packet has passed. */
void managed_link_call_began(struct managed_link *l);

/* Whether a tree of ours is in force on it. */
bool managed_link_is_shaped(const struct managed_link *l);

/* Whether a link that is not taken could be, to be shaped; changes nothing.  -EBUSY
 * with a reason; a link that is absent is none. */
int managed_link_probe(struct Manager *m, const struct link_setting *wanted, char **reason);

/* On which interface, and network, a link is or would be; "" where that is not known. */
void managed_link_whereabouts(struct Manager *m, const struct link_setting *wanted,
                              char ret_interface[static 16], struct network_name *ret);

/* The kernel refused: says so in state and log.  reason may be NULL. */
void managed_link_fail(struct managed_link *l, int error, const char *reason);

/* Settings alone: DSCPs, trust. */
int managed_link_push_settings(struct managed_link *l, enum mode mode);

/* Reads all counters and feeds the call table; a reading younger than 50 ms is
 * good enough.  -ENODEV where nothing of ours is on the link. */
int managed_link_read(struct managed_link *l);

/* "none", "link", "network". */
const char *managed_link_rates_from(const struct managed_link *l);

const char *link_state_to_string(enum link_state state);
/* "none", "measured", "marked", "shaped". */
const char *managed_link_treatment(const struct managed_link *l, enum p2s_direction direction);
/* "native", "generic", "none", "busy", "refused". */
const char *managed_link_xdp(const struct managed_link *l);

DEFINE_CLEANUP(struct managed_link *, managed_link_free)
