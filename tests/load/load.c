/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many clients of org.p2s.Manager in one process, all subscribed; one that never reads;
 * and one that times GetStats beside Peer.Ping.
 *
 *   load CLIENTS SECONDS INTERVAL-USEC     figures as one line of JSON
 *
 * A client has missed a sample where one does not begin at the end of that before.
 * The loop is its own: sd-event asks every connection at every turn. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-bus.h>

#include "util.h"

#define NAME "org.p2s.Manager"
#define PATH "/org/p2s/Manager"

/* Between two timed calls, so that they meet every phase of a tick. */
#define PROBE_PAUSE_USEC (7 * USEC_PER_MSEC)

struct client {
        sd_bus *bus;
        uint64_t rows, missed, last_usec;
};

/* What takes how long, µs. */
struct series {
        uint64_t *at;
        size_t n, size;
};

struct probe {
        sd_bus *bus;
        uint64_t sent_usec;
        uint64_t next_usec; /* UINT64_MAX: an answer is under way */
        bool stats;         /* GetStats is timed, else Ping */
        struct series ping, get_stats;
};

static void die(const char *what, int r)
{
        (void)fprintf(stderr, "load: %s: %s\n", what, strerror(-r));
        exit(EXIT_FAILURE);
}

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct client *c = userdata;
        uint64_t time_usec, interval_usec;
        const char *link;
        int r;

        if (sd_bus_message_is_signal(m, NAME, "Sample") <= 0)
                return 0;
        r = sd_bus_message_read(m, "stt", &link, &time_usec, &interval_usec);
        if (r < 0)
                die("Sample", r);
        if (c->last_usec != 0 && time_usec - interval_usec != c->last_usec)
                c->missed++;
        c->last_usec = time_usec;
        c->rows++;
        return 0;
}

static int on_granted(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        size_t *n_waiting = userdata;

        if (sd_bus_message_is_method_error(m, NULL))
                die(sd_bus_message_get_error(m)->message, -sd_bus_message_get_errno(m));
        (*n_waiting)--;
        return 0;
}

static sd_bus *connect_to_bus(void)
{
        const char *name;
        sd_bus *bus = NULL;
        int r;

        r = sd_bus_open_system(&bus);
        if (r >= 0) /* dbus-daemon has few places for those it does not know yet */
                r = sd_bus_get_unique_name(bus, &name);
        if (r < 0)
                die("bus", r);
        return bus;
}

static void series_add(struct series *s, uint64_t value)
{
        if (s->n == s->size) {
                s->size = s->size ? 2 * s->size : 1024;
                s->at = reallocarray(s->at, s->size, sizeof *s->at);
                if (!s->at)
                        die("memory", -ENOMEM);
        }
        s->at[s->n++] = value;
}

static int compare(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* Sorts. */
static uint64_t series_percentile(struct series *s, unsigned percent)
{
        if (s->n == 0)
                return 0;
        qsort(s->at, s->n, sizeof *s->at, compare);
        return s->at[(s->n - 1) * percent / 100];
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct probe *p = userdata;

        if (sd_bus_message_is_method_error(m, NULL))
                die(sd_bus_message_get_error(m)->message, -sd_bus_message_get_errno(m));
        series_add(p->stats ? &p->get_stats : &p->ping, now_usec() - p->sent_usec);
        p->stats = !p->stats;
        p->next_usec = now_usec() + PROBE_PAUSE_USEC;
        return 0;
}

static void probe_send(struct probe *p)
{
        int r;

        p->sent_usec = now_usec();
        p->next_usec = UINT64_MAX;
        r = sd_bus_call_method_async(p->bus, NULL, NAME, PATH,
                                     p->stats ? NAME : "org.freedesktop.DBus.Peer",
                                     p->stats ? "GetStats" : "Ping", on_answer, p, NULL);
        if (r >= 0)
                r = sd_bus_flush(p->bus);
        if (r < 0)
                die("probe", r);
}

static void watch(int epoll_fd, sd_bus *bus)
{
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = bus};

        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, sd_bus_get_fd(bus), &e) < 0)
                die("epoll", -errno);
}

/* Handles all that has come. */
static void process(sd_bus *bus)
{
        int r;

        do
                r = sd_bus_process(bus, NULL);
        while (r > 0);
        if (r < 0)
                die("a connection", r);
}

static void wait_and_process(int epoll_fd, int timeout_ms)
{
        struct epoll_event events[64];
        int n = epoll_wait(epoll_fd, events, ELEMENTSOF(events), timeout_ms);

        if (n < 0 && errno != EINTR)
                die("epoll", -errno);
        for (int i = 0; i < n; i++)
                process(events[i].data.ptr);
}

static void run(int epoll_fd, struct probe *probe, uint64_t end_usec)
{
        uint64_t now;

        while ((now = now_usec()) < end_usec) {
                uint64_t until = MIN(probe->next_usec, end_usec);

                wait_and_process(epoll_fd,
                                 until > now ? (int)((until - now) / USEC_PER_MSEC) + 1 : 0);
                if (now_usec() >= probe->next_usec)
                        probe_send(probe);
        }
}

int main(int argc, char *argv[])
{
        uint64_t rows_min = UINT64_MAX, rows_max = 0, missed = 0, interval_usec;
        struct client *clients;
        struct probe probe = {0};
        sd_bus *mute;
        int epoll_fd, r;
        size_t n, n_waiting = 0;

        if (argc != 4)
                die("usage: load CLIENTS SECONDS INTERVAL-USEC", -EINVAL);
        n = strtoul(argv[1], NULL, 10);
        interval_usec = strtoull(argv[3], NULL, 10);
        clients = calloc(n, sizeof *clients);
        epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (!clients || epoll_fd < 0)
                die("epoll", -errno);
        for (size_t i = 0; i < n; i++) {
                clients[i].bus = connect_to_bus();
                r = sd_bus_add_filter(clients[i].bus, NULL, on_message, &clients[i]);
                if (r < 0)
                        die("client", r);
                watch(epoll_fd, clients[i].bus);
        }
        mute = connect_to_bus();
        probe.bus = connect_to_bus();
        watch(epoll_fd, probe.bus);
        /* all at once: those that get samples hold up the others */
        for (size_t i = 0; i < n; i++) {
                r = sd_bus_call_method_async(clients[i].bus, NULL, NAME, PATH, NAME, "Subscribe",
                                             on_granted, &n_waiting, "t", interval_usec);
                if (r < 0)
                        die("Subscribe", r);
                n_waiting++;
                process(clients[i].bus);
        }
        while (n_waiting > 0)
                wait_and_process(epoll_fd, -1);
        r = sd_bus_call_method(mute, NAME, PATH, NAME, "Subscribe", NULL, NULL, "t", interval_usec);
        if (r < 0)
                die("Subscribe", r);
        /* for who reads the daemon's memory meanwhile */
        (void)printf("subscribed\n");
        (void)fflush(stdout);
        for (size_t i = 0; i < n; i++)
                clients[i].rows = 0;
        run(epoll_fd, &probe, now_usec() + strtoull(argv[2], NULL, 10) * USEC_PER_SEC);

        for (size_t i = 0; i < n; i++) {
                rows_min = MIN(rows_min, clients[i].rows);
                rows_max = MAX(rows_max, clients[i].rows);
                missed += clients[i].missed;
                sd_bus_close_unref(clients[i].bus);
        }
        sd_bus_close_unref(mute);
        sd_bus_close_unref(probe.bus);
        (void)close(epoll_fd);
        (void)printf("{\"rows_min\": %" PRIu64 ", \"rows_max\": %" PRIu64 ", \"missed\": %" PRIu64
                     ", \"calls\": %zu, \"ping_p50_usec\": %" PRIu64 ", \"ping_p99_usec\": %" PRIu64
                     ", \"stats_p50_usec\": %" PRIu64 ", \"stats_p99_usec\": %" PRIu64 "}\n",
                     rows_min, rows_max, missed, probe.ping.n + probe.get_stats.n,
                     series_percentile(&probe.ping, 50), series_percentile(&probe.ping, 99),
                     series_percentile(&probe.get_stats, 50),
                     series_percentile(&probe.get_stats, 99));
        free(probe.ping.at);
        free(probe.get_stats.at);
        free(clients);
        return EXIT_SUCCESS;
}
