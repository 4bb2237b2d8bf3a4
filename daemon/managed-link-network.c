/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which network a managed link is on, and so which rates hold. */
#include "log.h"
#include "managed-link-private.h"
#include "manager.h"

/* The gateway now.  While the kernel still looks for its hardware address, one that has
 * the same place is taken for the same: the tree stays while a cable is out.  False where
 * there is none. */
static bool find_gateway(struct managed_link *l, struct link_gateway *ret)
{
        const Manager *m = l->manager;

        if (l->facts.ifindex == 0 || m->ops->link_gateway(m->kernel, l->facts.ifindex, ret) < 0)
                return false;
        if (ret->n_hardware == 0 && l->gateway_of == l->facts.ifindex &&
            streq(ret->address, l->gateway.address))
                *ret = l->gateway;
        l->gateway = *ret;
        l->gateway_of = l->facts.ifindex;
        return true;
}

void managed_link_find_network(struct managed_link *l)
{
        struct nm_connection connection = {};
        struct link_gateway gateway;
        bool found = find_gateway(l, &gateway);

        if (l->facts.ifindex > 0)
                network_manager_find(l->manager->network_manager, l->facts.name, &connection);
        link_identity(found ? &gateway : NULL, &connection, &l->network);
}

static const char *const rates_from[] = {
        [LINK_RATES_NONE] = "none",
        [LINK_RATES_LINK] = "link",
        [LINK_RATES_NETWORK] = "network",
};

const char *managed_link_rates_from(const struct managed_link *l)
{
        return rates_from[l->rates];
}

static void log_network(const struct managed_link *l)
{
        static const char *const hints[] = {
                [LINK_RATES_NONE] = "its rates are not known: calls are marked, nothing is shaped",
                [LINK_RATES_LINK] = "the link's own rates hold",
                [LINK_RATES_NETWORK] = "its rates are remembered",
        };

        if (l->network.id[0])
                log_info("%s: on network %s (%s): %s", l->facts.name, l->network.id,
                         l->network.label, hints[l->rates]);
}

void managed_link_meet_network(struct managed_link *l)
{
        const struct network_name before = l->network;
        const struct link_network *known;
        Manager *m = l->manager;

        managed_link_find_network(l);
        known = link_networks_find(&m->settings.networks, l->facts.name, l->network.id);
        l->setting = l->chosen;
        if (known) {
                link_network_to_setting(known, &l->setting);
                l->rates = LINK_RATES_NETWORK;
        } else
                l->rates = l->chosen.uplink_bps > 0 || l->chosen.downlink_bps > 0 ? LINK_RATES_LINK
                                                                                  : LINK_RATES_NONE;
        if (!streq(before.id, l->network.id))
                log_network(l);
        if (link_networks_touch(&m->settings.networks, l->facts.name, l->network.id))
                m->networks_touched = true;
}
