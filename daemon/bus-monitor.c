/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "bus.h"
#include "tap.h"

/* Of samples that the bus has not read yet, with the kernel's part: some 200.  Above
 * it the bus is behind, and more would only fill memory and hold up answers. */
#define UNREAD_MAX_BYTES (256 * 1024)

/* The clients of one interval. */
struct stream {
        struct stream *next;
        Monitor *monitor;
        uint64_t interval_usec;
        unsigned n_clients;
        Tap *tap;
};

struct client {
        struct client *next;
        struct stream *stream;
        char *sender;
        sd_bus_track *track;
};

struct Monitor {
        Manager *manager;
        bool running;
        struct stream *streams;
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

static void on_row(struct managed_link *l, const struct sample *s, void *userdata)
{
        const struct stream *st = userdata;

        for (const struct client *c = st->monitor->clients; c; c = c->next)
                if (c->stream == st)
                        (void)send_sample(st->monitor, c, l->facts.name, s);
}

static bool bus_keeps_up(void *userdata)
{
        const struct stream *st = userdata;
        sd_bus *bus = st->monitor->manager->bus;
        uint64_t n_queued = 0;
        int unread = 0;

        (void)sd_bus_get_n_queued_write(bus, &n_queued);
        (void)ioctl(sd_bus_get_fd(bus), SIOCOUTQ, &unread);
        return n_queued == 0 && unread <= UNREAD_MAX_BYTES;
}

static void stream_free(struct stream *st)
{
        for (struct stream **p = &st->monitor->streams; *p; p = &(*p)->next)
                if (*p == st) {
                        *p = st->next;
                        break;
                }
        tap_free(st->tap);
        free(st);
}

static int stream_new(Monitor *mon, uint64_t interval_usec, struct stream **ret)
{
        struct stream *st = calloc(1, sizeof *st);
        int r;

        if (!st)
                return -ENOMEM;
        st->monitor = mon;
        st->interval_usec = interval_usec;
        st->next = mon->streams;
        mon->streams = st;
        r = tap_new(mon->manager, interval_usec, on_row, bus_keeps_up, st, &st->tap);
        if (r >= 0)
                r = tap_set_running(st->tap, mon->running);
        if (r < 0) {
                stream_free(st);
                return r;
        }
        *ret = st;
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
        if (c->stream && --c->stream->n_clients == 0)
                stream_free(c->stream);
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
        struct stream *st, *old;
        int r;

        interval_usec = CLAMP(interval_usec, SUBSCRIBE_MIN_USEC, SUBSCRIBE_MAX_USEC);
        /* in steps of the smallest, so that there are few streams */
        interval_usec -= interval_usec % SUBSCRIBE_MIN_USEC;

        for (st = mon->streams; st && st->interval_usec != interval_usec; st = st->next)
                ;
        if (!st) {
                r = stream_new(mon, interval_usec, &st);
                if (r < 0)
                        return r;
        }
        if (!c) {
                r = client_new(mon, msg, &c);
                if (r < 0) {
                        if (st->n_clients == 0)
                                stream_free(st);
                        return r;
                }
        }
        old = c->stream;
        if (old != st) {
                c->stream = st;
                st->n_clients++;
                if (old && --old->n_clients == 0)
                        stream_free(old);
        }
        history_wake(mon->manager->history);
        *ret_granted = interval_usec;
        return 0;
}

void monitor_unsubscribe(Monitor *mon, const char *sender)
{
        struct client *c = find_client(mon, sender);

        if (c)
                client_free(mon, c);
}

bool monitor_has_clients(const Monitor *mon)
{
        return mon->clients;
}

int monitor_set_running(Monitor *mon, bool running)
{
        int r = 0;

        mon->running = running;
        for (struct stream *st = mon->streams; st && r >= 0; st = st->next)
                r = tap_set_running(st->tap, running);
        return r;
}

int monitor_new(Manager *m, Monitor **ret)
{
        _cleanup_(monitor_freep) Monitor *mon = calloc(1, sizeof *mon);

        if (!mon)
                return -ENOMEM;
        mon->manager = m;
        *ret = TAKE_PTR(mon);
        return 0;
}

Monitor *monitor_free(Monitor *mon)
{
        if (!mon)
                return NULL;
        while (mon->clients)
                client_free(mon, mon->clients);
        free(mon);
        return NULL;
}
