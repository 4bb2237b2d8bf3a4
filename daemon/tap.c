/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"
#include "manager.h"
#include "tap.h"

/* A timer may be this late so that wake-ups fall together; what a row says is
 * measured over the time that really passed. */
#define TAP_ACCURACY_USEC (5 * USEC_PER_MSEC)

/* What a link's counters were at this tap's last row. */
struct tap_link {
        unsigned ifindex; /* 0: free */
        struct sample_counters counters;
};

struct Tap {
        Manager *manager;
        uint64_t interval_usec;
        tap_row_t row;
        tap_turn_t turn;
        void *userdata;
        sd_event_source *timer;
        struct tap_link links[LINK_SETTINGS_MAX + 1];
};

/* The tap's memory of a link: the old one, or the first free place; places are
 * taken in order. */
static struct tap_link *tap_link(Tap *t, unsigned ifindex)
{
        for (size_t i = 0; i < ELEMENTSOF(t->links); i++) {
                struct tap_link *l = &t->links[i];

                if (l->ifindex == 0)
                        l->ifindex = ifindex;
                if (l->ifindex == ifindex)
                        return l;
        }
        return NULL;
}

/* Links that come and go would fill the places: forget them all. */
static void tap_forget(Tap *t)
{
        for (size_t i = 0; i < ELEMENTSOF(t->links) && t->links[i].ifindex; i++)
                t->links[i] = (struct tap_link){0};
}

static void take_row(Tap *t, struct managed_link *l)
{
        const Manager *m = t->manager;
        struct tap_link *tl = tap_link(t, l->facts.ifindex);
        struct sample s;

        if (!tl) {
                tap_forget(t);
                tl = tap_link(t, l->facts.ifindex);
        }
        if (tl->counters.time_usec == l->counters.time_usec)
                return;
        if (tl->counters.time_usec == 0) {
                /* the first reading makes no interval yet */
                tl->counters = l->counters;
                return;
        }
        sample_make(&tl->counters, &l->counters, manager_effective_mode(m),
                    call_table_n_calls(m->calls, l->facts.ifindex), &s);
        tl->counters = l->counters;
        t->row(l, &s, t->userdata);
}

void tap_take(Tap *t)
{
        const Manager *m = t->manager;

        for (size_t i = 0; i < m->n_links; i++) {
                struct managed_link *l = m->links[i];
                int r;

                if (!l->kernel)
                        continue;
                r = managed_link_read(l);
                if (r < 0)
                        log_debug("%s: cannot read its figures: %s", l->facts.name, strerror(-r));
                else
                        take_row(t, l);
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Tap *t = userdata;
        uint64_t now;

        if (t->turn(t->userdata))
                tap_take(t);
        /* from when it was due, so that rows don't drift; after a pause from now */
        now = now_usec();
        usec += t->interval_usec;
        (void)sd_event_source_set_time(source, usec > now ? usec : now + t->interval_usec);
        return 0;
}

int tap_set_running(Tap *t, bool running)
{
        int r;

        if (!running) {
                t->timer = sd_event_source_disable_unref(t->timer);
                tap_forget(t);
                return 0;
        }
        if (t->timer)
                return 0;
        r = sd_event_add_time(t->manager->event, &t->timer, CLOCK_MONOTONIC, now_usec(),
                              TAP_ACCURACY_USEC, on_timer, t);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(t->timer, SD_EVENT_ON);
}

void tap_pause(Tap *t)
{
        (void)sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
}

void tap_resume(Tap *t)
{
        (void)sd_event_source_set_time(t->timer, now_usec());
        (void)sd_event_source_set_enabled(t->timer, SD_EVENT_ON);
}

Tap *tap_free(Tap *t)
{
        if (!t)
                return NULL;
        sd_event_source_disable_unref(t->timer);
        free(t);
        return NULL;
}

int tap_new(Manager *m, uint64_t interval_usec, tap_row_t row, tap_turn_t turn, void *userdata,
            Tap **ret)
{
        Tap *t = calloc(1, sizeof *t);

        if (!t)
                return -ENOMEM;
        t->manager = m;
        t->interval_usec = interval_usec;
        t->row = row;
        t->turn = turn;
        t->userdata = userdata;
        *ret = t;
        return 0;
}
