/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus.h"
#include "log.h"

/* A timer may be this late so that wake-ups fall together; what a row says is
 * measured over the time that really passed. */
#define TAP_ACCURACY_USEC (5 * USEC_PER_MSEC)
#define HISTORY_USEC      USEC_PER_SEC

struct client {
        struct client *next;
        struct tap *tap;
        char *sender;
        sd_bus_track *track;
};

/* What a link's counters were at this tap's last row. */
struct tap_link {
        unsigned ifindex; /* 0: free */
        struct sample_counters counters;
};

struct tap {
        struct tap *next;
        Monitor *monitor;
        uint64_t interval_usec;
        bool history;
        unsigned n_clients;
        sd_event_source *timer;
        struct tap_link links[LINK_SETTINGS_MAX + 1];
};

struct Monitor {
        Manager *manager;
        bool running;
        struct tap *taps;
        struct client *clients;
        unsigned n_clients;
};

int monitor_append_sample(sd_bus_message *m, const char *link, const struct sample *s)
{
        int r;

        r = sd_bus_message_append(m, "sttsu", link, s->time_usec, s->interval_usec,
                                  mode_to_string(s->mode), s->calls);
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX && r >= 0; d++) {
                r = sd_bus_message_open_container(m, 'a', "(tttttt)");
                for (unsigned c = 0; c < _SAMPLE_CLASS_MAX && r >= 0; c++) {
                        const struct sample_figures *f = &s->figures[d][c];

                        r = sd_bus_message_append(m, "(tttttt)", f->bitrate_bps, f->packets,
                                                  f->drops, f->lost, f->jitter_usec,
                                                  f->backlog_bytes);
                }
                if (r >= 0)
                        r = sd_bus_message_close_container(m);
        }
        return r;
}

static int send_sample(Monitor *mon, const struct client *c, const char *link,
                       const struct sample *s)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;
        sd_bus *bus = mon->manager->bus;
        int r;

        r = sd_bus_message_new_signal(bus, &signal, P2S_PATH, P2S_INTERFACE, "Sample");
        if (r < 0)
                return r;
        r = monitor_append_sample(signal, link, s);
        if (r < 0)
                return r;
        return sd_bus_send_to(bus, signal, c->sender, NULL);
}

/* The tap's memory of a link: the old one, or the first free place; places are
 * taken in order. */
static struct tap_link *tap_link(struct tap *t, unsigned ifindex)
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
static void tap_forget(struct tap *t)
{
        for (size_t i = 0; i < ELEMENTSOF(t->links) && t->links[i].ifindex; i++)
                t->links[i] = (struct tap_link) {0};
}

static void tap_row(struct tap *t, struct managed_link *l)
{
        Manager *m = t->monitor->manager;
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

        if (t->history)
                sample_ring_push(l->history, &s);
        for (const struct client *c = t->monitor->clients; c; c = c->next)
                if (c->tap == t)
                        (void) send_sample(t->monitor, c, l->facts.name, &s);
}

static int tap_fire(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct tap *t = userdata;
        Manager *m = t->monitor->manager;
        uint64_t now;

        for (size_t i = 0; i < m->n_links; i++) {
                struct managed_link *l = m->links[i];
                int r;

                if (!l->kernel)
                        continue;
                r = managed_link_read(l);
                if (r < 0)
                        log_debug("%s: cannot read its figures: %s", l->facts.name, strerror(-r));
                else
                        tap_row(t, l);
        }
        /* from when it was due, so that rows don't drift; after a pause from now */
        now = now_usec();
        usec += t->interval_usec;
        (void) sd_event_source_set_time(source, usec > now ? usec : now + t->interval_usec);
        return 0;
}

static int tap_set_running(struct tap *t, bool running)
{
        sd_event *event = t->monitor->manager->event;
        int r;

        if (!running) {
                t->timer = sd_event_source_disable_unref(t->timer);
                tap_forget(t);
                return 0;
        }
        if (t->timer)
                return 0;
        r = sd_event_add_time(event, &t->timer, CLOCK_MONOTONIC, now_usec(), TAP_ACCURACY_USEC,
                              tap_fire, t);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(t->timer, SD_EVENT_ON);
}

static void tap_free(struct tap *t)
{
        for (struct tap **p = &t->monitor->taps; *p; p = &(*p)->next)
                if (*p == t) {
                        *p = t->next;
                        break;
                }
        sd_event_source_disable_unref(t->timer);
        free(t);
}

static int tap_new(Monitor *mon, uint64_t interval_usec, bool history, struct tap **ret)
{
        struct tap *t = calloc(1, sizeof *t);
        int r;

        if (!t)
                return -ENOMEM;
        t->monitor = mon;
        t->interval_usec = interval_usec;
        t->history = history;
        t->next = mon->taps;
        mon->taps = t;
        r = tap_set_running(t, mon->running);
        if (r < 0) {
                tap_free(t);
                return r;
        }
        *ret = t;
        return 0;
}

static void client_free(Monitor *mon, struct client *c)
{
        for (struct client **p = &mon->clients; *p; p = &(*p)->next)
                if (*p == c) {
                        *p = c->next;
                        mon->n_clients--;
                        break;
                }
        if (c->tap && --c->tap->n_clients == 0 && !c->tap->history)
                tap_free(c->tap);
        sd_bus_track_unref(c->track);
        free(c->sender);
        free(c);
}

static struct client *find_client(Monitor *mon, const char *sender)
{
        for (struct client *c = mon->clients; c; c = c->next)
                if (streq(c->sender, sender))
                        return c;
        return NULL;
}

static int on_client_gone(sd_bus_track *track, void *userdata)
{
        Monitor *mon = userdata;

        for (struct client *c = mon->clients; c; c = c->next)
                if (c->track == track) {
                        client_free(mon, c);
                        break;
                }
        return 0;
}

static int client_new(Monitor *mon, sd_bus_message *msg, struct client **ret)
{
        struct client *c;
        int r;

        if (mon->n_clients >= SUBSCRIBERS_MAX)
                return -EBUSY;
        c = calloc(1, sizeof *c);
        if (!c)
                return -ENOMEM;
        c->next = mon->clients;
        mon->clients = c;
        mon->n_clients++;
        c->sender = strdup(sd_bus_message_get_sender(msg));
        r = c->sender ? sd_bus_track_new(mon->manager->bus, &c->track, on_client_gone, mon)
                      : -ENOMEM;
        if (r >= 0)
                r = sd_bus_track_add_sender(c->track, msg);
        if (r < 0) {
                client_free(mon, c);
                return r;
        }
        *ret = c;
        return 0;
}

int monitor_subscribe(Monitor *mon, sd_bus_message *msg, uint64_t interval_usec,
                      uint64_t *ret_granted)
{
        struct client *c = find_client(mon, sd_bus_message_get_sender(msg));
        struct tap *t, *old;
        int r;

        interval_usec = CLAMP(interval_usec, SUBSCRIBE_MIN_USEC, SUBSCRIBE_MAX_USEC);
        /* in steps of the smallest, so that there are few taps */
        interval_usec -= interval_usec % SUBSCRIBE_MIN_USEC;

        for (t = mon->taps; t && (t->history || t->interval_usec != interval_usec); t = t->next)
                ;
        if (!t) {
                r = tap_new(mon, interval_usec, false, &t);
                if (r < 0)
                        return r;
        }
        if (!c) {
                r = client_new(mon, msg, &c);
                if (r < 0) {
                        if (t->n_clients == 0)
                                tap_free(t);
                        return r;
                }
        }
        old = c->tap;
        if (old != t) {
                c->tap = t;
                t->n_clients++;
                if (old && --old->n_clients == 0)
                        tap_free(old);
        }
        *ret_granted = interval_usec;
        return 0;
}

void monitor_unsubscribe(Monitor *mon, const char *sender)
{
        struct client *c = find_client(mon, sender);

        if (c)
                client_free(mon, c);
}

int monitor_set_running(Monitor *mon, bool running)
{
        int r;

        mon->running = running;
        for (struct tap *t = mon->taps; t; t = t->next) {
                r = tap_set_running(t, running);
                if (r < 0)
                        return r;
        }
        return 0;
}

int monitor_new(Manager *m, Monitor **ret)
{
        _cleanup_(monitor_freep) Monitor *mon = calloc(1, sizeof *mon);
        struct tap *history;
        int r;

        if (!mon)
                return -ENOMEM;
        mon->manager = m;
        r = tap_new(mon, HISTORY_USEC, true, &history);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(mon);
        return 0;
}

Monitor *monitor_free(Monitor *mon)
{
        if (!mon)
                return NULL;
        while (mon->clients)
                client_free(mon, mon->clients);
        while (mon->taps)
                tap_free(mon->taps);
        free(mon);
        return NULL;
}
