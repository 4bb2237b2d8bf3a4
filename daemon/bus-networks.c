/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networks whose lines are remembered. */
#include "bus.h"
#include "text.h"

static int append_network(sd_bus_message *reply, const struct link_network *n)
{
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}", "Interface", "s",
                                          n->interface, "Network", "s", n->name.id, "NetworkName",
                                          "s", n->name.label, "UplinkBps", "t", n->uplink_bps,
                                          "DownlinkBps", "t", n->downlink_bps);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int bus_property_networks(sd_bus *bus, const char *path, const char *interface,
                          const char *property, sd_bus_message *reply, void *userdata,
                          sd_bus_error *error)
{
        const LinkNetworks *l = &((const Manager *)userdata)->settings.networks;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; i < l->n && r >= 0; i++)
                r = append_network(reply, &l->of[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int bus_method_forget_network(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        const char *interface, *id;
        Manager *m = userdata;
        char *reason = NULL;
        int r;

        r = sd_bus_message_read(msg, "ss", &interface, &id);
        if (r < 0)
                return r;
        if (!link_networks_find(&m->settings.networks, interface, id)) {
                _cleanup_free_ char *network = text_quote(id), *link = text_quote(interface);

                return sd_bus_error_setf(error, P2S_ERROR_NO_SUCH_NETWORK,
                                         "no rates are remembered for %s on %s",
                                         network ?: "that network", link ?: "that interface");
        }
        r = authority_check(m->authority, msg, bus_method_forget_network, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_forget_network(m, interface, id, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        return sd_bus_reply_method_return(msg, NULL);
}
