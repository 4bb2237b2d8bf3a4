/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port and DSCP rules. */
#include "manager.h"

int manager_push_ports(Manager *m)
{
        static struct kernel_ports map; /* 64 KiB: not for the stack */

        port_set_to_map(&m->ports, &map);
        if (m->apps)
                app_ports_merge(m->apps, &map);
        return m->ops->set_ports(m->kernel, &map);
}

int manager_set_ports(Manager *m, PortSet *ports)
{
        PortSet before = m->ports;
        int r;

        m->ports = *ports;
        r = manager_push_ports(m);
        if (r >= 0)
                r = port_set_copy(&m->ports, &m->settings.ports);
        if (r < 0) {
                m->ports = before;
                (void)manager_push_ports(m);
                return r;
        }
        *ports = before; /* for the caller to free */
        m->settings.has_ports = true;
        manager_save(m);
        manager_announce(m);
        return 0;
}

int manager_push_settings(Manager *m)
{
        enum mode mode = manager_effective_mode(m);

        for (size_t i = 0; i < m->n_links; i++) {
                int r = managed_link_push_settings(m->links[i], mode);

                if (r < 0)
                        return r;
        }
        return 0;
}

int manager_set_dscps(Manager *m, const DscpMap *dscps)
{
        DscpMap before = m->dscps;
        int r;

        m->dscps = *dscps;
        r = manager_push_settings(m);
        if (r < 0) {
                m->dscps = before;
                (void)manager_push_settings(m);
                return r;
        }
        m->settings.has_dscps = true;
        m->settings.dscps = *dscps;
        manager_save(m);
        manager_announce(m);
        return 0;
}
