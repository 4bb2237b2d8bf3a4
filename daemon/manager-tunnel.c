/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tunnel on top of the link that is followed: calls are found there, before they are
 * encrypted, and carry their class to the queue of the link below. */
#include "log.h"
#include "manager.h"

static bool is_wanted(const Manager *m, const struct default_link *now)
{
        return now->tunnel[0] && manager_effective_mode(m) != MODE_OFF;
}

/* Of the managed links the one on this interface, or NULL. */
static struct managed_link *on_interface(const Manager *m, const char *name)
{
        for (size_t i = 0; i < m->n_links && name[0]; i++)
                if (streq(m->links[i]->facts.name, name))
                        return m->links[i];
        return NULL;
}

struct managed_link *manager_carrier_of(const Manager *m, const struct managed_link *tunnel)
{
        return m->route.tunnel[0] && streq(tunnel->facts.name, m->route.tunnel)
                       ? on_interface(m, m->route.name)
                       : NULL;
}

struct managed_link *manager_tunnel_on(const Manager *m, const struct managed_link *carrier)
{
        return m->route.tunnel[0] && streq(carrier->facts.name, m->route.name)
                       ? on_interface(m, m->route.tunnel)
                       : NULL;
}

int manager_follow_tunnel(Manager *m)
{
        struct default_link now = {};
        struct link_setting setting = {};
        struct managed_link *carrier, *l;
        bool changed;
        int r;

        if (m->ops->default_link(m->kernel, &now) < 0 || !is_wanted(m, &now))
                now.tunnel[0] = '\0';
        for (size_t i = m->n_links; i-- > 0;)
                if (m->links[i]->follows_tunnel && !streq(m->links[i]->setting.name, now.tunnel))
                        manager_remove_link(m, i);
        changed = memcmp(&m->route, &now, sizeof now) != 0;
        m->route = now;
        carrier = on_interface(m, now.name);
        if (!now.tunnel[0] || manager_find_link(m, now.tunnel) || !carrier ||
            m->n_links == ELEMENTSOF(m->links))
                return changed;
        memcpy(setting.name, now.tunnel, sizeof setting.name);
        setting.options = carrier->chosen.options;
        r = managed_link_new(m, &setting, &l);
        if (r < 0)
                return r;
        l->follows_tunnel = true;
        m->links[m->n_links++] = l;
        log_info("%s: a tunnel by way of %s: calls are found in it", now.tunnel, now.name);
        return 1;
}
