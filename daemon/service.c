/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <systemd/sd-daemon.h>

#include "bus.h"
#include "log.h"
#include "service.h"

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        _cleanup_free_ char *reason = NULL;
        int r;

        (void)sd_notify(0, "RELOADING=1");
        r = manager_reload(userdata, &reason);
        if (r < 0)
                log_error("configuration: cannot apply: %s", reason ?: strerror(-r));
        (void)sd_notify(0, "READY=1");
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Manager *manager = userdata;

        log_error("bus: the connection ended");
        return sd_event_exit(manager->event, -ECONNRESET);
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Manager *manager = userdata;
        const char *name;

        if (sd_bus_message_read(m, "s", &name) >= 0 && streq(name, P2S_BUS_NAME)) {
                log_error("bus: %s was taken over by another p2sd", P2S_BUS_NAME);
                return sd_event_exit(manager->event, -EEXIST);
        }
        return 0;
}

static int add_signals(Manager *m)
{
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        /* a NULL handler ends the loop with 0 */
        r = sd_event_add_signal(m->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGHUP, on_hangup, m);
        return r;
}

static int connect_bus(Manager *m)
{
        int r;

        r = sd_bus_open_system(&m->bus);
        if (r < 0) {
                log_error("bus: cannot reach the system bus: %s; is dbus running?", strerror(-r));
                return r;
        }
        r = sd_bus_attach_event(m->bus, m->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = authority_new(m->bus, &m->authority);
        if (r >= 0)
                r = bus_manager_add(m, m->bus);
        if (r >= 0)
                r = bus_log_control_add(m->bus);
        if (r >= 0)
                r = sd_bus_match_signal(m->bus, NULL, "org.freedesktop.DBus.Local",
                                        "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                        "Disconnected", on_disconnected, m);
        if (r >= 0)
                r = sd_bus_match_signal(m->bus, NULL, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost",
                                        on_name_lost, m);
        if (r < 0)
                log_error("bus: cannot put org.p2s.Manager there: %s", strerror(-r));
        return r;
}

int service_run(Manager *m)
{
        int r;

        r = add_signals(m);
        if (r < 0)
                return r;
        r = connect_bus(m);
        if (r < 0)
                return r;
        /* The name first: two services must not work on the same links. */
        r = sd_bus_request_name(m->bus, P2S_BUS_NAME, 0);
        if (r < 0) {
                log_error("bus: cannot own %s: %s", P2S_BUS_NAME,
                          r == -EEXIST  ? "another p2sd runs"
                          : r == -EPERM ? "the bus policy (org.p2s.Manager.conf) is not installed"
                                        : strerror(-r));
                return r;
        }
        r = manager_start(m);
        if (r < 0) {
                log_error("cannot start: %s", strerror(-r));
                return r;
        }
        r = sd_event_set_watchdog(m->event, true);
        if (r < 0)
                log_warning("watchdog: cannot answer it: %s, ignoring", strerror(-r));
        (void)sd_notify(0, "READY=1");
        log_info("ready: mode %s", mode_to_string(manager_effective_mode(m)));

        r = sd_event_loop(m->event);
        (void)sd_notify(0, "STOPPING=1");
        return r;
}
