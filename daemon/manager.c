/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/random.h>

#include "bus-changes.h"
#include "bus.h"
#include "call-events.h"
#include "config-diff.h"
#include "log.h"
#include "message-id.h"
#include "service-dirs.h"
#include "text.h"

/* A kernel event is rarely alone: a link that comes up sends a dozen. */
#define SYNC_DELAY_USEC (30 * USEC_PER_MSEC)

void manager_announce(Manager *m)
{
        if (m->changes)
                changes_announce(m->changes);
}

/* The user's choice stands from now on even where it cannot be saved. */
void manager_save(Manager *m)
{
        const char *dir = service_state_dir();
        int r = settings_save(dir, &m->settings);

        m->networks_touched = false;
        if (r < 0)
                log_error("%s/settings: cannot save: %s; the choice will not outlive a restart",
                          dir, strerror(-r));
}

static void log_ini(const char *file, unsigned line, const char *message, void *userdata)
{
        struct log_entry e;

        log_entry_begin(&e, LOG_WARNING, MESSAGE_CONFIG_INVALID);
        log_entry_add(&e, "CONFIG_FILE", "%s", file);
        if (line > 0) {
                log_entry_add(&e, "CONFIG_LINE", "%u", line);
                log_entry_send(&e, "%s:%u: %s, ignoring", file, line, message);
        } else
                log_entry_send(&e, "%s: %s, ignoring", file, message);
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
        ports = (PortSet){0};
        m->mode = m->settings.has_mode ? m->settings.mode : m->config.mode;
        m->dscps = m->settings.has_dscps ? m->settings.dscps : m->config.dscps;
        return manager_push_ports(m);
}

static void log_change(enum config_part part, const char *change, void *userdata)
{
        const struct settings *s = userdata;
        const bool outranked[] = {[CONFIG_MODE] = s->has_mode,
                                  [CONFIG_LINKS] = s->has_links,
                                  [CONFIG_PORTS] = s->has_ports,
                                  [CONFIG_DSCPS] = s->has_dscps};
        struct log_entry e;

        log_entry_begin(&e, LOG_NOTICE, MESSAGE_CONFIG_CHANGED);
        log_entry_add(&e, "P2S_CHANGE", "%s", change);
        log_entry_add(&e, "P2S_OUTRANKED", "%s", outranked[part] ? "yes" : "no");
        log_entry_send(&e, "configuration: %s%s", change,
                       outranked[part] ? "; what was chosen over the bus outranks it" : "");
}

int manager_reload(Manager *m, char **reason)
{
        struct config fresh;
        enum mode before = manager_effective_mode(m);
        int r;

        r = config_load(NULL, m->config_file, log_ini, NULL, &fresh);
        if (r < 0) {
                (void)text_set(reason, "%s: cannot be read: %s", m->config_file ?: "configuration",
                               strerror(-r));
                return r;
        }
        r = config_diff(&m->config, &fresh, log_change, &m->settings);
        if (r == 0)
                log_notice("configuration: read again, nothing has changed");
        config_done(&m->config);
        m->config = fresh;
        r = app_ports_reload(m->apps);
        history_wake(m->history); /* new programs are looked for at once */
        if (r >= 0)
                r = choose(m);
        if (r >= 0)
                r = manager_reconcile(m,
                                      m->settings.has_links ? &m->settings.links : &m->config.links,
                                      false, reason);
        if (r >= 0)
                r = manager_set_running(m, manager_effective_mode(m) != MODE_OFF);
        if (r >= 0)
                r = manager_push_settings(m);
        manager_log_mode(m, before, "configuration", NULL);
        manager_announce(m);
        return r;
}

static void resync(Manager *m)
{
        for (size_t i = 0; i < m->n_links; i++)
                managed_link_resync(m->links[i]);
}

/* The world has changed: the same path as a user's change. */
static int on_sync(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        int r;

        resync(m);
        r = manager_follow_tunnel(m);
        if (r < 0)
                log_warning("routes: cannot follow a tunnel: %s, ignoring", strerror(-r));
        if (r > 0)
                resync(m);
        if (m->networks_touched)
                manager_save(m);
        manager_announce(m);
        return 0;
}

void manager_sync_soon(Manager *m)
{
        if (sd_event_source_get_enabled(m->sync_source, NULL) > 0)
                return;
        (void)sd_event_source_set_time(m->sync_source, now_usec() + SYNC_DELAY_USEC);
        (void)sd_event_source_set_enabled(m->sync_source, SD_EVENT_ONESHOT);
}

static void on_network(void *userdata)
{
        manager_sync_soon(userdata);
}

static void on_kernel_event(enum kernel_event event, unsigned ifindex, void *userdata)
{
        Manager *m = userdata;

        if (event == KERNEL_CALL_BEGAN) {
                history_wake(m->history);
                for (size_t i = 0; i < m->n_links; i++)
                        if (m->links[i]->facts.ifindex == ifindex)
                                managed_link_call_began(m->links[i]);
                return;
        }
        manager_sync_soon(m);
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
        const struct {
                bool have;
                int level;
                const char *missing, *module, *message;
        } parts[] = {
                {c->bpf, LOG_ERR, "bpf", "",
                 "p2sd's BPF programs do not load: calls cannot be found"},
                {c->clsact, LOG_ERR, "clsact", "sch_ingress",
                 "no clsact (modprobe sch_ingress): calls cannot be found"},
                {c->htb, LOG_WARNING, "htb", "sch_htb",
                 "no HTB (modprobe sch_htb): mode \"shape\" is refused"},
                {c->ifb, LOG_WARNING, "ifb", "ifb",
                 "no IFB (modprobe ifb): incoming packets are not shaped"},
                {c->fq_codel || !c->htb, LOG_WARNING, "fq_codel", "sch_fq_codel",
                 "no fq_codel (modprobe sch_fq_codel): leaves are bfifo of 50 ms, so general "
                 "traffic queues longer"},
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                struct log_entry e;

                if (parts[i].have)
                        continue;
                log_entry_begin(&e, parts[i].level, MESSAGE_KERNEL_DEGRADED);
                log_entry_add(&e, "P2S_MISSING", "%s", parts[i].missing);
                if (*parts[i].module)
                        log_entry_add(&e, "P2S_MODULE", "%s", parts[i].module);
                log_entry_send(&e, "kernel: %s", parts[i].message);
        }
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
        if (getrandom(seed, sizeof seed, 0) != sizeof seed ||
            getrandom(m->tags, sizeof m->tags, 0) != sizeof m->tags)
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

        r = app_ports_new(m, &m->apps);
        if (r < 0)
                return r;
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
        changes_free(m->changes);
        m->changes = NULL;
        monitor_free(m->monitor);
        m->monitor = NULL;
        m->network_manager = network_manager_free(m->network_manager);
        history_free(m->history);
        m->history = NULL;
        for (; m->n_links > 0; m->n_links--)
                managed_link_free(m->links[m->n_links - 1]);
        holds_clear(&m->holds);
        authority_free(m->authority);
        app_ports_free(m->apps);
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
        if (r >= 0 && !m->ops->made_up)
                r = network_manager_new(m->bus, on_network, m, &m->network_manager);
        if (r >= 0)
                r = history_new(m, &m->history);
        if (r < 0)
                return r;
        if (m->mode == MODE_SHAPE && !m->capabilities.htb)
                log_warning("mode: shape was chosen, but without HTB calls are only marked");
        r = manager_reconcile(m, m->settings.has_links ? &m->settings.links : &m->config.links,
                              false, NULL);
        if (r < 0)
                return r;
        /* what an earlier run left on links that are not managed any more */
        r = m->ops->revert(m->kernel, &n, &reason);
        if (r < 0)
                log_warning("kernel: cannot remove what an earlier run left: %s, ignoring",
                            reason ?: strerror(-r));
        else if (n > 0)
                log_notice("kernel: put back what stood on %u link%s before an earlier run", n,
                           n == 1 ? "" : "s");
        r = manager_set_running(m, manager_effective_mode(m) != MODE_OFF);
        return r < 0 ? r : changes_new(m, &m->changes);
}
