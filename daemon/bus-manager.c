/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vtable: what data/dbus/org.p2s.Manager.xml says, member by member.  Every
 * method is open to unprivileged callers; authority decides. */
#include "bus.h"

#define METHOD(member, in, in_names, out, out_names, handler)                                      \
        SD_BUS_METHOD_WITH_NAMES(member, in, in_names, out, out_names, handler,                    \
                                 SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),

        SD_BUS_PROPERTY("Mode", "s", bus_property_mode, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("EffectiveMode", "s", bus_property_effective_mode, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Holds", "aa{sv}", bus_property_holds, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("SetMode", "s", SD_BUS_PARAM(mode), "", , bus_method_set_mode),
        METHOD("HoldMode", "sss", SD_BUS_PARAM(mode) SD_BUS_PARAM(application) SD_BUS_PARAM(reason),
               "u", SD_BUS_PARAM(cookie), bus_method_hold_mode),
        METHOD("ReleaseHold", "u", SD_BUS_PARAM(cookie), "", , bus_method_release_hold),

        SD_BUS_PROPERTY("Ports", "a(qqss)", bus_property_ports, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("AddPorts", "qqss",
               SD_BUS_PARAM(first) SD_BUS_PARAM(last) SD_BUS_PARAM(class) SD_BUS_PARAM(label), "", ,
               bus_method_add_ports),
        METHOD("RemovePorts", "qq", SD_BUS_PARAM(first) SD_BUS_PARAM(last), "", ,
               bus_method_remove_ports),
        METHOD("SetPorts", "a(qqss)", SD_BUS_PARAM(ports), "", , bus_method_set_ports),
        SD_BUS_PROPERTY("Dscps", "a(ys)", bus_property_dscps, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("SetDscps", "a(ys)", SD_BUS_PARAM(dscps), "", , bus_method_set_dscps),

        SD_BUS_PROPERTY("Links", "aa{sv}", bus_property_links, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("SetLink", "stta{sv}",
               SD_BUS_PARAM(name) SD_BUS_PARAM(uplink_bps) SD_BUS_PARAM(downlink_bps)
                       SD_BUS_PARAM(options),
               "", , bus_method_set_link),
        METHOD("UnsetLink", "s", SD_BUS_PARAM(name), "", , bus_method_unset_link),
        SD_BUS_PROPERTY("Networks", "aa{sv}", bus_property_networks, 0,
                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("ForgetNetwork", "ss", SD_BUS_PARAM(interface) SD_BUS_PARAM(network), "", ,
               bus_method_forget_network),

        METHOD("GetStats", "", , "a{sv}", SD_BUS_PARAM(stats), bus_method_get_stats),
        METHOD("GetCalls", "", , "aa{sv}", SD_BUS_PARAM(calls), bus_method_get_calls),
        SD_BUS_SIGNAL_WITH_NAMES("CallAdded", "u", SD_BUS_PARAM(id), 0),
        SD_BUS_SIGNAL_WITH_NAMES("CallRemoved", "u", SD_BUS_PARAM(id), 0),
        SD_BUS_SIGNAL_WITH_NAMES("Sample", "sttsua(tttttt)a(tttttt)",
                                 SD_BUS_PARAM(link) SD_BUS_PARAM(time_usec) SD_BUS_PARAM(
                                         interval_usec) SD_BUS_PARAM(mode) SD_BUS_PARAM(calls)
                                         SD_BUS_PARAM(outgoing) SD_BUS_PARAM(incoming),
                                 0),
        METHOD("GetHistory", "st", SD_BUS_PARAM(link) SD_BUS_PARAM(since_usec),
               "a(sttsua(tttttt)a(tttttt))", SD_BUS_PARAM(samples), bus_method_get_history),
        METHOD("Subscribe", "t", SD_BUS_PARAM(interval_usec), "t", SD_BUS_PARAM(granted_usec),
               bus_method_subscribe),
        SD_BUS_METHOD("Unsubscribe", "", "", bus_method_unsubscribe, SD_BUS_VTABLE_UNPRIVILEGED),

        SD_BUS_METHOD("ResetStats", "", "", bus_method_reset_stats, SD_BUS_VTABLE_UNPRIVILEGED),
        METHOD("Diagnose", "", , "aa{sv}", SD_BUS_PARAM(findings), bus_method_diagnose),
        SD_BUS_METHOD("Reload", "", "", bus_method_reload, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Version", "s", bus_property_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Capabilities", "as", bus_property_capabilities, 0,
                        SD_BUS_VTABLE_PROPERTY_CONST),

        SD_BUS_VTABLE_END,
};

int bus_manager_add(Manager *m, sd_bus *bus)
{
        return sd_bus_add_object_vtable(bus, NULL, P2S_PATH, P2S_INTERFACE, manager_vtable, m);
}

int bus_error_of(sd_bus_error *error, int r, char *reason)
{
        _cleanup_free_ char *why = reason;
        const char *name = r == -EOPNOTSUPP ? P2S_ERROR_NOT_SUPPORTED
                           : r == -EBUSY    ? P2S_ERROR_LINK_BUSY
                           : r == -ENODEV   ? P2S_ERROR_NO_SUCH_LINK
                                            : P2S_ERROR_FAILED;

        if (r == -ENOMEM)
                return r;
        return sd_bus_error_setf(error, name, "%s", why ? why : strerror(-r));
}
