/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"

#include "log.h"
#include "manager.h"
#include "tap.h"

struct History {
        struct Manager *manager;
        Tap *tap;
        uint64_t quiet_usec; /* since when nothing happens */
        bool resting;
        bool restless; /* this kernel cannot tell when to wake */
};

bool history_is_resting(const History *h)
{
        return h && h->resting;
}

static void rest(History *h)
{
        Manager *m = h->manager;
        int r;

        r = app_ports_rest(m->apps);
        if (r < 0) {
                log_info("sockets: this kernel does not tell when one opens (%s): looking for new "
                         "ones once a second",
                         strerror(-r));
                h->restless = true;
                return;
        }
        h->resting = true;
        tap_pause(h->tap);
        r = manager_push_settings(m);
        if (r < 0) {
                log_warning("kernel: cannot ask to be told of calls: %s", strerror(-r));
                history_wake(h);
                h->restless = true;
        }
}

/* What is due once a second falls together: one wake-up. */
static bool on_turn(void *userdata)
{
        History *h = userdata;
        const Manager *m = h->manager;
        uint64_t now = now_usec();

        app_ports_look(m->apps);
        if (monitor_has_clients(m->monitor) || call_table_next_call(m->calls, NULL))
                h->quiet_usec = now;
        if (now - h->quiet_usec >= HISTORY_USEC && !h->restless)
                rest(h);
        return true;
}

static void on_row(struct managed_link *l, const struct sample *s, void *userdata)
{
        sample_ring_push(l->history, s);
}

void history_wake(History *h)
{
        if (!history_is_resting(h))
                return;
        h->resting = false;
        h->quiet_usec = now_usec();
        app_ports_wake(h->manager->apps);
        tap_resume(h->tap);
}

void history_catch_up(History *h)
{
        if (h->resting)
                tap_take(h->tap);
}

int history_set_running(History *h, bool running)
{
        if (running && !h->resting)
                h->quiet_usec = now_usec();
        if (!running)
                h->resting = h->restless = false;
        return tap_set_running(h->tap, running);
}

int history_new(Manager *m, History **ret)
{
        _cleanup_(history_freep) History *h = calloc(1, sizeof *h);
        int r;

        if (!h)
                return -ENOMEM;
        h->manager = m;
        r = tap_new(m, USEC_PER_SEC, on_row, on_turn, h, &h->tap);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(h);
        return 0;
}

History *history_free(History *h)
{
        if (!h)
                return NULL;
        tap_free(h->tap);
        free(h);
        return NULL;
}
