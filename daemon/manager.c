/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/random.h>

#include "bus.h"
#include "call-events.h"
#include "log.h"
#include "service-dirs.h"

/* A kernel event is rarely alone: a link that comes up sends a dozen. */
#define SYNC_DELAY_USEC (30 * USEC_PER_MSEC)

enum mode manager_effective_mode(const Manager *m)
{
        return holds_strongest(&m->holds, m->mode);
}

struct managed_link *manager_find_link(const Manager *m, const char *name)
{
        for (size_t i = 0; i < m->n_links; i++)
                if (streq(m->links[i]->setting.name, name))
                        return m->links[i];
        return NULL;
}

void manager_announce(Manager *m, const char *property, const char *second)
{
        const char *names[] = {property, second, NULL};

        if (m->bus)
                (void) sd_bus_emit_properties_changed_strv(m->bus, P2S_PATH, P2S_INTERFACE,
                                                           (char **) names);
}

/* The user's choice stands from now on even where it cannot be saved. */
static void save(Manager *m)
{
        const char *dir = service_state_dir();
        int r = settings_save(dir, &m->settings);

        if (r < 0)
                log_error("%s/settings: cannot save: %s; the choice will not outlive a restart",
                          dir, strerror(-r));
}

/* Puts a mode in force on every link, or leaves all as they were. */
static int put_in_force(Manager *m, enum mode from, enum mode to, char **reason)
{
        int r;

        for (size_t i = 0; i < m->n_links; i++) {
                r = managed_link_sync(m->links[i], to, reason);
                if (r >= 0)
                        continue;
                for (size_t j = 0; j < i; j++) {
                        int s = managed_link_sync(m->links[j], from, NULL);

                        if (s < 0)
                                managed_link_fail(m->links[j], s, NULL);
                }
                return r;
        }
        if (m->monitor)
                return monitor_set_running(m->monitor, to != MODE_OFF);
        return 0;
}

int manager_set_mode(Manager *m, enum mode mode, char **reason)
{
        enum mode before = manager_effective_mode(m);
        bool held = m->holds.n > 0;
        int r;

        r = put_in_force(m, before, mode, reason);
        if (r < 0)
                return r;
        holds_clear(&m->holds);
        m->mode = mode;
        m->settings.has_mode = true;
        m->settings.mode = mode;
        save(m);
        log_notice("mode: %s", mode_to_string(mode));
        manager_announce(m, "Mode", before != mode ? "EffectiveMode" : NULL);
        manager_announce(m, "Links", held ? "Holds" : NULL);
        return 0;
}

int manager_hold(Manager *m, struct hold *hold, char **reason)
{
        enum mode before = manager_effective_mode(m), after;
        int r;

        holds_add(&m->holds, hold);
        after = manager_effective_mode(m);
        r = put_in_force(m, before, after, reason);
        if (r < 0) {
                (void) holds_take(&m->holds, hold->cookie);
                return r;
        }
        manager_announce(m, "Holds", before != after ? "EffectiveMode" : NULL);
        if (before != after)
                manager_announce(m, "Links", NULL);
        return 0;
}

int manager_release(Manager *m, uint32_t cookie)
{
        enum mode before = manager_effective_mode(m), after;
        _cleanup_(hold_freep) struct hold *h = holds_take(&m->holds, cookie);
        int r;

        after = manager_effective_mode(m);
        r = put_in_force(m, before, after, NULL);
        if (r < 0)
                log_error("mode: cannot return to %s after a hold: %s", mode_to_string(after),
                          strerror(-r));
        manager_announce(m, "Holds", before != after ? "EffectiveMode" : NULL);
        if (before != after)
                manager_announce(m, "Links", NULL);
        return r;
}

static int push_ports(Manager *m)
{
        static struct kernel_ports map; /* 64 KiB: not for the stack */

        port_set_to_map(&m->ports, &map);
        return m->ops->set_ports(m->kernel, &map);
}

int manager_set_ports(Manager *m, PortSet *ports)
{
        PortSet before = m->ports;
        int r;

        m->ports = *ports;
        r = push_ports(m);
        if (r >= 0)
                r = port_set_copy(&m->ports, &m->settings.ports);
        if (r < 0) {
                m->ports = before;
                (void) push_ports(m);
                return r;
        }
        *ports = before; /* for the caller to free */
        m->settings.has_ports = true;
        save(m);
        manager_announce(m, "Ports", NULL);
        return 0;
}

static int push_settings(Manager *m)
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
        r = push_settings(m);
        if (r < 0) {
                m->dscps = before;
                (void) push_settings(m);
                return r;
        }
        m->settings.has_dscps = true;
        m->settings.dscps = *dscps;
        save(m);
        manager_announce(m, "Dscps", NULL);
        return 0;
}

static void remove_link(Manager *m, size_t i)
{
        struct managed_link *l = m->links[i];

        memmove(m->links + i, m->links + i + 1, (m->n_links - i - 1) * sizeof *m->links);
        m->n_links--;
        managed_link_free(l);
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
                if (streq(m->links[i]->facts.name, s->name) &&
                    !link_settings_find(all, m->links[i]->setting.name))
                        l = m->links[i];
        if (!l) {
                r = managed_link_new(m, s, &l);
                if (r < 0)
                        return r;
                m->links[m->n_links++] = l;
        }
        l->setting = *s;
        *ret = l;
        return 0;
}

/* Makes the managed links those of the list; where it is empty p2sd follows the
 * default route by itself.  A link that fails is left in that state where
 * `strict` is false. */
static int reconcile(Manager *m, const LinkSettings *wanted, bool strict, char **reason)
{
        static struct link_setting follow = {.name = "auto"};
        const LinkSettings implicit = {.links = &follow, .n = 1};
        const LinkSettings *all = wanted->n > 0 ? wanted : &implicit;
        enum mode mode = manager_effective_mode(m);

        for (size_t i = m->n_links; i-- > 0;) {
                const struct managed_link *l = m->links[i];

                if (!link_settings_find(all, l->setting.name) &&
                    !link_settings_find(all, l->facts.name))
                        remove_link(m, i);
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
        return 0;
}

/* Replaces the user's list of links; all or nothing. */
static int change_links(Manager *m, LinkSettings *links, const char *name, char **reason)
{
        const LinkSettings *before =
                m->settings.has_links ? &m->settings.links : &m->config.links;
        const struct managed_link *l;
        int r;

        r = reconcile(m, links, true, reason);
        l = manager_find_link(m, name);
        if (r >= 0 && l && l->state == LINK_BUSY) {
                *reason = strdup(l->reason ?: "busy");
                r = -EBUSY;
        }
        if (r < 0) {
                (void) reconcile(m, before, false, NULL);
                return r;
        }
        link_settings_done(&m->settings.links);
        m->settings.links = *links;
        *links = (LinkSettings) {0};
        m->settings.has_links = true;
        save(m);
        manager_announce(m, "Links", NULL);
        return 0;
}

int manager_set_link(Manager *m, const struct link_setting *wanted, char **reason)
{
        _cleanup_(link_settings_donep) LinkSettings links = {0};
        int r;

        r = link_settings_copy(m->settings.has_links ? &m->settings.links : &m->config.links,
                               &links);
        if (r >= 0)
                r = link_settings_set(&links, wanted);
        if (r < 0)
                return r;
        return change_links(m, &links, wanted->name, reason);
}

int manager_unset_link(Manager *m, const char *name, char **reason)
{
        _cleanup_(link_settings_donep) LinkSettings links = {0};
        int r;

        r = link_settings_copy(m->settings.has_links ? &m->settings.links : &m->config.links,
                               &links);
        if (r < 0)
                return r;
        (void) link_settings_unset(&links, name);
        return change_links(m, &links, name, reason);
}

static void log_ini(const char *file, unsigned line, const char *message, void *userdata)
{
        if (line > 0)
                log_warning("%s:%u: %s, ignoring", file, line, message);
        else
                log_warning("%s: %s, ignoring", file, message);
}

/* What is in force: the user's choice, else the admin's. */
static int choose(Manager *m)
{
        _cleanup_(port_set_donep) PortSet ports = {0};
        int r;

        r = port_set_copy(m->settings.has_ports ? &m->settings.ports : &m->config.ports, &ports);
        if (r < 0)
                return r;
        port_set_done(&m->ports);
        m->ports = ports;
        ports = (PortSet) {0};
        m->mode = m->settings.has_mode ? m->settings.mode : m->config.mode;
        m->dscps = m->settings.has_dscps ? m->settings.dscps : m->config.dscps;
        return push_ports(m);
}

int manager_reload(Manager *m, char **reason)
{
        struct config fresh;
        enum mode before = manager_effective_mode(m);
        int r;

        r = config_load(NULL, m->config_file, log_ini, NULL, &fresh);
        if (r < 0)
                return r;
        config_done(&m->config);
        m->config = fresh;
        r = choose(m);
        if (r < 0)
                return r;
        r = reconcile(m, m->settings.has_links ? &m->settings.links : &m->config.links, false,
                      reason);
        if (r >= 0)
                r = put_in_force(m, before, manager_effective_mode(m), reason);
        if (r >= 0)
                r = push_settings(m);
        log_notice("configuration: read again");
        manager_announce(m, "Mode", "EffectiveMode");
        manager_announce(m, "Ports", "Dscps");
        manager_announce(m, "Links", NULL);
        return r;
}

/* The world has changed: the same path as a user's change. */
static int on_sync(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        bool changed = false;

        for (size_t i = 0; i < m->n_links; i++) {
                _cleanup_free_ char *reason = NULL;
                struct managed_link *l = m->links[i];
                unsigned generation = l->generation;
                int r = managed_link_sync(l, manager_effective_mode(m), &reason);

                if (r < 0)
                        managed_link_fail(l, r, reason);
                changed = changed || l->generation != generation;
        }
        if (changed)
                manager_announce(m, "Links", NULL);
        return 0;
}

static void on_kernel_event(unsigned ifindex, void *userdata)
{
        Manager *m = userdata;

        if (sd_event_source_get_enabled(m->sync_source, NULL) > 0)
                return;
        (void) sd_event_source_set_time(m->sync_source, now_usec() + SYNC_DELAY_USEC);
        (void) sd_event_source_set_enabled(m->sync_source, SD_EVENT_ONESHOT);
}

static int on_kernel_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Manager *m = userdata;
        int r = m->ops->dispatch(m->kernel, on_kernel_event, m);

        if (r < 0)
                log_warning("kernel: cannot read link events: %s, ignoring", strerror(-r));
        return 0;
}

/* Says once what this kernel lacks, and what to load. */
static void log_degraded(const struct kernel_capabilities *c)
{
        if (!c->bpf)
                log_error("kernel: p2sd's BPF programs do not load: calls cannot be found");
        if (!c->clsact)
                log_error("kernel: no clsact (modprobe sch_ingress): calls cannot be found");
        if (!c->htb)
                log_warning("kernel: no HTB (modprobe sch_htb): mode \"shape\" is refused");
        if (!c->ifb)
                log_warning("kernel: no IFB (modprobe ifb): incoming packets are not shaped");
        if (c->htb && !c->fq_codel)
                log_warning("kernel: no fq_codel (modprobe sch_fq_codel): leaves are bfifo of "
                            "50 ms, so general traffic queues longer");
}

static int start_kernel(Manager *m)
{
        const char *dir = service_runtime_dir();
        int r;

        r = m->ops->open(dir, &m->kernel);
        if (r < 0) {
                log_error("kernel: cannot open netlink or %s: %s; p2sd needs CAP_NET_ADMIN", dir,
                          strerror(-r));
                return r;
        }
        r = m->ops->probe(m->kernel, &m->capabilities);
        if (r < 0) {
                log_error("kernel: cannot find out what it can do: %s; p2sd needs CAP_NET_ADMIN "
                          "and CAP_BPF",
                          strerror(-r));
                return r;
        }
        log_degraded(&m->capabilities);

        r = sd_event_add_io(m->event, &m->kernel_source, m->ops->event_fd(m->kernel), EPOLLIN,
                            on_kernel_readable, m);
        if (r < 0)
                return r;
        r = sd_event_add_time(m->event, &m->sync_source, CLOCK_MONOTONIC, 0, 0, on_sync, m);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(m->sync_source, SD_EVENT_OFF);
}

int manager_new(const struct manager_options *options, Manager **ret)
{
        _cleanup_(manager_freep) Manager *m = calloc(1, sizeof *m);
        uint8_t seed[16];
        int r;

        if (!m)
                return -ENOMEM;
        m->ops = options->ops;
        m->config_file = options->config_file;
        m->stats.since_usec = now_usec();
        r = sd_event_default(&m->event);
        if (r < 0)
                return r;
        if (getrandom(seed, sizeof seed, 0) != sizeof seed)
                return -EIO;
        r = call_table_new(seed, &m->calls);
        if (r < 0)
                return r;

        r = config_load(NULL, m->config_file, log_ini, NULL, &m->config);
        if (r < 0) {
                log_error("%s: cannot read: %s", m->config_file ?: "configuration", strerror(-r));
                return r;
        }
        r = settings_load(service_state_dir(), log_ini, NULL, &m->settings);
        if (r < 0)
                log_error("%s/settings: cannot read: %s; the configuration's defaults hold",
                          service_state_dir(), strerror(-r));

        r = start_kernel(m);
        if (r < 0)
                return r;
        r = choose(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

Manager *manager_free(Manager *m)
{
        if (!m)
                return NULL;
        monitor_free(m->monitor);
        m->monitor = NULL;
        while (m->n_links > 0)
                remove_link(m, m->n_links - 1);
        holds_clear(&m->holds);
        authority_free(m->authority);
        sd_event_source_disable_unref(m->kernel_source);
        sd_event_source_disable_unref(m->sync_source);
        if (m->kernel)
                m->ops->close(m->kernel);
        call_table_free(m->calls);
        port_set_done(&m->ports);
        settings_done(&m->settings);
        config_done(&m->config);
        sd_bus_flush_close_unref(m->bus);
        sd_event_unref(m->event);
        free(m);
        return NULL;
}

int manager_start(Manager *m)
{
        _cleanup_free_ char *reason = NULL;
        unsigned n;
        int r;

        r = monitor_new(m, &m->monitor);
        if (r < 0)
                return r;
        if (m->mode == MODE_SHAPE && !m->capabilities.htb)
                log_warning("mode: shape was chosen, but without HTB calls are only marked");
        r = reconcile(m, m->settings.has_links ? &m->settings.links : &m->config.links, false,
                      NULL);
        if (r < 0)
                return r;
        /* what an earlier run left on links that are not managed any more */
        r = m->ops->revert(m->kernel, &n, &reason);
        if (r < 0)
                log_warning("kernel: cannot remove what an earlier run left: %s, ignoring",
                            reason ?: strerror(-r));
        else if (n > 0)
                log_notice("kernel: put back %u links that an earlier run had left", n);
        return monitor_set_running(m->monitor, manager_effective_mode(m) != MODE_OFF);
}
