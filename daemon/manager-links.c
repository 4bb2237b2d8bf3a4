/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links p2sd manages. */
#include "log.h"
#include "manager.h"

struct managed_link *manager_find_link(const Manager *m, const char *name)
{
        for (size_t i = 0; i < m->n_links; i++)
                if (streq(m->links[i]->setting.name, name))
                        return m->links[i];
        return NULL;
}

const char *manager_link_of(const Manager *m, unsigned ifindex)
{
        for (size_t i = 0; i < m->n_links; i++)
                if (m->links[i]->facts.ifindex == ifindex)
                        return m->links[i]->facts.name;
        return "";
}

void manager_remove_link(Manager *m, size_t i)
{
        /* while it is let go, what is said of its calls names it */
        managed_link_free(m->links[i]);
        memmove(m->links + i, m->links + i + 1, (m->n_links - i - 1) * sizeof *m->links);
        m->n_links--;
}

/* Brings in one setting: the link of that name; else one that follows the
 * default route on the very interface and is no longer wanted, so that nothing
 * is torn down on it; else a new one. */
static int bring_in(Manager *m, const struct link_setting *s, const LinkSettings *all,
                    struct managed_link **ret)
{
        struct managed_link *l = manager_find_link(m, s->name);
        int r;

        for (size_t i = 0; i < m->n_links && !l; i++)
                if (streq(m->links[i]->facts.name, s->name) && !m->links[i]->follows_tunnel &&
                    !link_settings_find(all, m->links[i]->setting.name))
                        l = m->links[i];
        if (!l) {
                r = managed_link_new(m, s, &l);
                if (r < 0)
                        return r;
                m->links[m->n_links++] = l;
        }
        l->chosen = *s;
        l->follows_tunnel = false;
        *ret = l;
        return 0;
}

int manager_reconcile(Manager *m, const LinkSettings *wanted, bool strict, char **reason)
{
        static struct link_setting follow = {.name = "auto"};
        const LinkSettings implicit = {.links = &follow, .n = 1};
        const LinkSettings *all = wanted->n > 0 ? wanted : &implicit;
        enum mode mode = manager_effective_mode(m);

        for (size_t i = m->n_links; i-- > 0;) {
                const struct managed_link *l = m->links[i];

                if (!l->follows_tunnel && !link_settings_find(all, l->setting.name) &&
                    !link_settings_find(all, l->facts.name))
                        manager_remove_link(m, i);
        }
        for (size_t i = 0; i < all->n; i++) {
                _cleanup_free_ char *why = NULL;
                struct managed_link *l;
                int r;

                r = bring_in(m, &all->links[i], all, &l);
                if (r < 0)
                        return r;
                r = managed_link_sync(l, mode, &why);
                if (r < 0 && strict) {
                        *reason = TAKE_PTR(why);
                        return r;
                }
                if (r < 0)
                        managed_link_fail(l, r, why);
        }
        manager_sync_soon(m); /* of a tunnel on one of them */
        return 0;
}

static const LinkSettings *links_in_force(const Manager *m)
{
        return m->settings.has_links ? &m->settings.links : &m->config.links;
}

/* Puts a list of links and what is remembered of networks in force; all or nothing. */
static int try_links(Manager *m, const LinkSettings *links, const LinkNetworks *networks,
                     char **reason)
{
        const LinkNetworks before = m->settings.networks;
        int r;

        m->settings.networks = *networks;
        r = manager_reconcile(m, links, true, reason);
        if (r < 0) {
                m->settings.networks = before;
                (void)manager_reconcile(m, links_in_force(m), false, NULL);
        }
        return r;
}

/* Replaces the user's list of links; all or nothing. */
static int change_links(Manager *m, LinkSettings *links, const LinkNetworks *networks,
                        char **reason)
{
        int r = try_links(m, links, networks, reason);

        if (r < 0)
                return r;
        link_settings_done(&m->settings.links);
        m->settings.links = *links;
        *links = (LinkSettings){0};
        m->settings.has_links = true;
        manager_save(m);
        manager_announce(m);
        return 0;
}

/* Where the network is known the line is that network's, and what the link has of its own
 * for others stays. */
static void divide(const LinkSettings *links, LinkNetworks *networks, const char *interface,
                   const struct network_name *name, struct link_setting *wanted)
{
        static const struct link_setting none;
        const struct link_setting *own = link_settings_find(links, wanted->name) ?: &none;
        struct link_network network = {.name = *name};

        if (!name->id[0])
                return;
        (void)stpcpy(network.interface, interface);
        link_network_from_setting(&network, wanted);
        link_networks_remember(networks, &network);
        link_network_from_setting(&network, own);
        link_network_to_setting(&network, wanted);
}

int manager_set_link(Manager *m, const struct link_setting *wanted, char **reason)
{
        _cleanup_(link_settings_donep) LinkSettings links = {0};
        LinkNetworks networks = m->settings.networks;
        struct link_setting own = *wanted;
        struct network_name name;
        char interface[16];
        int r;

        managed_link_whereabouts(m, wanted, interface, &name);
        divide(links_in_force(m), &networks, interface, &name, &own);
        r = link_settings_copy(links_in_force(m), &links);
        if (r >= 0)
                r = link_settings_set(&links, &own);
        /* what could not be shaped is refused now, whatever the mode */
        if (r >= 0)
                r = managed_link_probe(m, wanted, reason);
        if (r < 0)
                return r;
        return change_links(m, &links, &networks, reason);
}

int manager_unset_link(Manager *m, const char *name, char **reason)
{
        _cleanup_(link_settings_donep) LinkSettings links = {0};
        const struct managed_link *l = manager_find_link(m, name);
        LinkNetworks networks = m->settings.networks;
        int r;

        r = link_settings_copy(links_in_force(m), &links);
        if (r < 0)
                return r;
        (void)link_settings_unset(&links, name);
        if (l)
                (void)link_networks_forget(&networks, l->facts.name, l->network.id);
        return change_links(m, &links, &networks, reason);
}

int manager_forget_network(Manager *m, const char *interface, const char *id, char **reason)
{
        LinkNetworks networks = m->settings.networks;
        int r;

        (void)link_networks_forget(&networks, interface, id);
        r = try_links(m, links_in_force(m), &networks, reason);
        if (r < 0)
                return r;
        manager_save(m);
        manager_announce(m);
        return 0;
}
