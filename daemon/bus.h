/* SPDX-License-Identifier: GPL-2.0-or-later */
/* org.p2s.Manager on the bus.
 *
 * bus-manager.c holds the vtable; bus-mode, bus-rules, bus-links, bus-calls …
 * the handlers of one topic each.  A handler goes: parse, validate, return early
 * if nothing changes, authorise, act; saving and announcing is manager's. */
#pragma once

#include <systemd/sd-bus.h>

#include "bus-errors.h"
#include "manager.h"

#define P2S_BUS_NAME  "org.p2s.Manager"
#define P2S_PATH      "/org/p2s/Manager"
#define P2S_INTERFACE "org.p2s.Manager"

/* Puts the object on the bus. */
int bus_manager_add(Manager *m, sd_bus *bus);
/* Puts org.freedesktop.LogControl1 there. */
int bus_log_control_add(sd_bus *bus);

/* Gives a failed act its D-Bus error: frees `reason`, which may be NULL. */
int bus_error_of(sd_bus_error *error, int r, char *reason);

#define BUS_METHOD(name) int name(sd_bus_message *m, void *userdata, sd_bus_error *error)
#define BUS_PROPERTY(name)                                                                         \
        int name(sd_bus *bus, const char *path, const char *interface, const char *property,       \
                 sd_bus_message *reply, void *userdata, sd_bus_error *error)

BUS_METHOD(bus_method_set_mode);
BUS_METHOD(bus_method_hold_mode);
BUS_METHOD(bus_method_release_hold);
BUS_PROPERTY(bus_property_mode);
BUS_PROPERTY(bus_property_effective_mode);
BUS_PROPERTY(bus_property_holds);

BUS_METHOD(bus_method_add_ports);
BUS_METHOD(bus_method_remove_ports);
BUS_METHOD(bus_method_set_ports);
BUS_METHOD(bus_method_set_dscps);
BUS_PROPERTY(bus_property_ports);
BUS_PROPERTY(bus_property_dscps);

BUS_METHOD(bus_method_set_link);
BUS_METHOD(bus_method_unset_link);
BUS_PROPERTY(bus_property_links);

BUS_METHOD(bus_method_forget_network);
BUS_PROPERTY(bus_property_networks);

BUS_METHOD(bus_method_get_stats);
BUS_METHOD(bus_method_get_calls);
BUS_METHOD(bus_method_get_history);
BUS_METHOD(bus_method_subscribe);
BUS_METHOD(bus_method_unsubscribe);
BUS_METHOD(bus_method_reset_stats);

BUS_METHOD(bus_method_reload);
BUS_METHOD(bus_method_diagnose);
BUS_PROPERTY(bus_property_version);
BUS_PROPERTY(bus_property_capabilities);
