/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owns everything: event loop, bus, kernel, links, rules, holds.
 *
 * The bus files call the functions below once a request is valid and allowed;
 * kernel events and timers end in manager_sync().  Each change is: put in force,
 * then saved, then announced. */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "app-ports.h"
#include "authority.h"
#include "bus-monitor.h"
#include "call-table.h"
#include "config.h"
#include "history.h"
#include "holds.h"
#include "kernel.h"
#include "managed-link.h"
#include "network-manager.h"
#include "settings-store.h"

struct manager_options {
        const char *config_file; /* NULL: the usual places */
        const struct kernel_ops *ops;
};

struct Changes;

typedef struct Manager {
        sd_event *event;
        sd_bus *bus;
        struct Changes *changes; /* NULL until everything has started */
        Authority *authority;
        Monitor *monitor;
        History *history;

        const struct kernel_ops *ops;
        Kernel *kernel;
        sd_event_source *kernel_source;
        sd_event_source *sync_source; /* armed while a kernel event waits */
        struct kernel_capabilities capabilities;

        const char *config_file;
        struct config config;     /* the admin's defaults */
        struct settings settings; /* what the user chose over the bus */

        /* in force: the user's choice, else the admin's default */
        enum mode mode;
        struct holds holds;
        PortSet ports;
        DscpMap dscps;
        struct managed_link *links[LINK_SETTINGS_MAX + 2]; /* with auto, and a tunnel */
        size_t n_links;
        struct default_link route;     /* as last followed; no tunnel: none is */
        uint32_t tags[_P2S_QUEUE_MAX]; /* see p2s_settings.tag; random */

        CallTable *calls;
        AppPorts *apps;
        NetworkManager *network_manager; /* NULL until everything has started */
        bool networks_touched;           /* their order is to be saved */
        struct stats stats;
} Manager;

int manager_new(const struct manager_options *options, Manager **ret);
/* Puts every link back. */
Manager *manager_free(Manager *m);
/* Brings every link in line with what is chosen, and puts back what an earlier
 * run left on others.  The bus must be there. */
int manager_start(Manager *m);

/* What is in force: the strongest of the holds, or the mode itself. */
enum mode manager_effective_mode(const Manager *m);

/* Each puts a change in force on every link, saves and announces it.  On failure
 * nothing has changed and *reason, to be freed, may say what failed. */
int manager_set_mode(Manager *m, enum mode mode, char **reason);
/* Owns the hold if it succeeds. */
int manager_hold(Manager *m, struct hold *hold, char **reason);
int manager_release(Manager *m, uint32_t cookie);
/* Takes the contents of *ports if it succeeds. */
int manager_set_ports(Manager *m, PortSet *ports);
int manager_set_dscps(Manager *m, const DscpMap *dscps);
int manager_set_link(Manager *m, const struct link_setting *wanted, char **reason);
int manager_unset_link(Manager *m, const char *name, char **reason);
/* No longer remembers that network's line; the interface and network exist. */
int manager_forget_network(Manager *m, const char *interface, const char *id, char **reason);
int manager_reload(Manager *m, char **reason);

/* NULL: p2sd does not manage it. */
struct managed_link *manager_find_link(const Manager *m, const char *name);
/* The interface of this index among those that are managed, or "". */
const char *manager_link_of(const Manager *m, unsigned ifindex);

/* -- shared by the manager's files -- */

/* Looks at the world again in a moment, as if the kernel had told of a change. */
void manager_sync_soon(Manager *m);

/* Has a managed link where the tunnel is that general traffic goes through, if any.  1: another
 * one than before. */
int manager_follow_tunnel(Manager *m);
/* The managed link by which a tunnel's packets leave, and the tunnel on a link; NULL. */
struct managed_link *manager_carrier_of(const Manager *m, const struct managed_link *tunnel);
struct managed_link *manager_tunnel_on(const Manager *m, const struct managed_link *carrier);
/* Lets go of a link and frees it. */
void manager_remove_link(Manager *m, size_t i);

/* Puts a mode in force on every link, or leaves all as they were. */
int manager_put_in_force(Manager *m, enum mode from, enum mode to, char **reason);
/* Makes the managed links those of the list; where it is empty p2sd follows the
 * default route by itself.  A link that fails is left in that state where
 * `strict` is false. */
int manager_reconcile(Manager *m, const LinkSettings *wanted, bool strict, char **reason);
/* What runs while the effective mode is not off; nothing before manager_start(). */
int manager_set_running(Manager *m, bool running);
/* The user's rules, and the hints of app-ports.h. */
int manager_push_ports(Manager *m);
int manager_push_settings(Manager *m);
void manager_save(Manager *m);
/* Logs that another mode is in force than before, and why: "chosen", "held",
 * "released" or "configuration"; hold may be NULL. */
void manager_log_mode(const Manager *m, enum mode before, const char *cause,
                      const struct hold *hold);

/* Emits PropertiesChanged for what has changed since the last time: to be called at
 * the end of whatever may have changed something. */
void manager_announce(Manager *m);

DEFINE_CLEANUP(Manager *, manager_free)
