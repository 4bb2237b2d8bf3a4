/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mode, and holds on it. */
#include "log.h"
#include "manager.h"
#include "message-id.h"
#include "text.h"

enum mode manager_effective_mode(const Manager *m)
{
        return holds_strongest(&m->holds, m->mode);
}

void manager_log_mode(const Manager *m, enum mode before, const char *cause,
                      const struct hold *hold)
{
        /* a client's word: it must not make a line of its own */
        _cleanup_free_ char *who =
                hold && *hold->application ? text_quote(hold->application) : NULL;
        enum mode now = manager_effective_mode(m);
        struct log_entry e;

        if (now == before)
                return;
        log_entry_begin(&e, LOG_NOTICE, MESSAGE_MODE_CHANGED);
        log_entry_add(&e, "P2S_MODE", "%s", mode_to_string(now));
        log_entry_add(&e, "P2S_MODE_BEFORE", "%s", mode_to_string(before));
        log_entry_add(&e, "P2S_CAUSE", "%s", cause);
        if (hold)
                log_entry_add(&e, "P2S_APPLICATION", "%s", hold->application);
        log_entry_send(&e, "mode: %s, was %s (%s%s%s)", mode_to_string(now), mode_to_string(before),
                       cause, who ? " by " : "", who ?: "");
}

int manager_set_running(Manager *m, bool running)
{
        int r;

        if (!m->monitor)
                return 0;
        r = monitor_set_running(m->monitor, running);
        if (r >= 0)
                r = history_set_running(m->history, running);
        return r < 0 ? r : app_ports_set_running(m->apps, running);
}

int manager_put_in_force(Manager *m, enum mode from, enum mode to, char **reason)
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
        manager_sync_soon(m); /* a tunnel is followed unless off */
        return manager_set_running(m, to != MODE_OFF);
}

int manager_set_mode(Manager *m, enum mode mode, char **reason)
{
        enum mode before = manager_effective_mode(m);
        int r;

        r = manager_put_in_force(m, before, mode, reason);
        if (r < 0)
                return r;
        holds_clear(&m->holds);
        m->mode = mode;
        m->settings.has_mode = true;
        m->settings.mode = mode;
        manager_save(m);
        manager_log_mode(m, before, "chosen", NULL);
        manager_announce(m);
        return 0;
}

int manager_hold(Manager *m, struct hold *hold, char **reason)
{
        enum mode before = manager_effective_mode(m), after;
        int r;

        holds_add(&m->holds, hold);
        after = manager_effective_mode(m);
        r = manager_put_in_force(m, before, after, reason);
        if (r < 0) {
                (void)holds_take(&m->holds, hold->cookie);
                return r;
        }
        manager_log_mode(m, before, "held", hold);
        manager_announce(m);
        return 0;
}

int manager_release(Manager *m, uint32_t cookie)
{
        enum mode before = manager_effective_mode(m), after;
        _cleanup_(hold_freep) struct hold *h = holds_take(&m->holds, cookie);
        int r;

        after = manager_effective_mode(m);
        r = manager_put_in_force(m, before, after, NULL);
        if (r < 0)
                log_error("mode: cannot return to %s after a hold: %s", mode_to_string(after),
                          strerror(-r));
        manager_log_mode(m, before, "released", h);
        manager_announce(m);
        return r;
}
