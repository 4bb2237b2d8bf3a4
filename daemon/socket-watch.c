/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "socket-watch.h"

#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "socket-watch.skel.h"

struct SocketWatch {
        struct socket_watch_bpf *skel;
        struct ring_buffer *ring;
        sd_event_source *ring_source;
        sd_event_source *timer; /* runs while the program is not armed */
        void (*callback)(void *userdata);
        void *userdata;
        uint64_t called_usec;
        uint32_t opened; /* as counted before the last call */
};

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
        return 0;
}

static uint32_t count(const SocketWatch *w)
{
        return __atomic_load_n(&w->skel->bss->opened, __ATOMIC_SEQ_CST);
}

static void wait_a_second(SocketWatch *w)
{
        (void)sd_event_source_set_time(w->timer, w->called_usec + SOCKET_WATCH_USEC);
        (void)sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static void arm(SocketWatch *w)
{
        __atomic_store_n(&w->skel->bss->armed, 1, __ATOMIC_SEQ_CST);
        if (count(w) == w->opened)
                return;
        /* one between the last call and now; that it may be told of as well does no harm */
        __atomic_store_n(&w->skel->bss->armed, 0, __ATOMIC_SEQ_CST);
        wait_a_second(w);
}

/* What opens while it runs is counted as new: it may have been missed. */
static void call(SocketWatch *w)
{
        w->opened = count(w);
        w->called_usec = now_usec();
        w->callback(w->userdata);
}

static int on_event(void *ctx, void *data, size_t size)
{
        return 0;
}

static int on_ring(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        SocketWatch *w = userdata;

        (void)ring_buffer__consume(w->ring);
        if (sd_event_source_get_enabled(w->timer, NULL) > 0)
                return 0;
        if (now_usec() < w->called_usec + SOCKET_WATCH_USEC) {
                wait_a_second(w);
                return 0;
        }
        call(w);
        arm(w);
        return 0;
}

/* Where sockets open all the time it stays with the timer: one wake-up a second, not
 * one for the event and one for the wait after it. */
static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        SocketWatch *w = userdata;
        const uint32_t before = w->opened;

        call(w);
        if (w->opened != before)
                wait_a_second(w);
        else
                arm(w);
        return 0;
}

static int load(SocketWatch *w)
{
        struct stat st;
        int r;

        w->skel = socket_watch_bpf__open();
        if (!w->skel || stat("/proc/self/ns/net", &st) < 0)
                return -errno;
        w->skel->rodata->own_namespace = (uint32_t)st.st_ino;
        r = bpf_map__set_max_entries(w->skel->maps.events, (uint32_t)sysconf(_SC_PAGESIZE));
        if (r >= 0)
                r = socket_watch_bpf__load(w->skel);
        if (r < 0)
                return r;
        /* not mapped where libbpf's look at the kernel failed for want of memory */
        return w->skel->bss ? socket_watch_bpf__attach(w->skel) : -ENOMEM;
}

static int add_sources(SocketWatch *w, sd_event *event)
{
        int r;

        w->ring = ring_buffer__new(bpf_map__fd(w->skel->maps.events), on_event, w, NULL);
        if (!w->ring)
                return -errno;
        r = sd_event_add_io(event, &w->ring_source, ring_buffer__epoll_fd(w->ring), EPOLLIN,
                            on_ring, w);
        if (r < 0)
                return r;
        w->called_usec = now_usec();
        return sd_event_add_time(event, &w->timer, CLOCK_MONOTONIC,
                                 w->called_usec + SOCKET_WATCH_USEC, USEC_PER_MSEC, on_timer, w);
}

int socket_watch_new(sd_event *event, void (*callback)(void *userdata), void *userdata,
                     SocketWatch **ret)
{
        _cleanup_(socket_watch_freep) SocketWatch *w = calloc(1, sizeof *w);
        libbpf_print_fn_t previous;
        int r;

        if (!w)
                return -ENOMEM;
        w->callback = callback;
        w->userdata = userdata;
        /* that it can't be had is no fault, and libbpf's words are about faults */
        previous = libbpf_set_print(print_nothing);
        r = load(w);
        (void)libbpf_set_print(previous);
        if (r >= 0)
                r = add_sources(w, event);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

SocketWatch *socket_watch_free(SocketWatch *w)
{
        if (!w)
                return NULL;
        sd_event_source_disable_unref(w->timer);
        sd_event_source_disable_unref(w->ring_source);
        ring_buffer__free(w->ring);
        socket_watch_bpf__destroy(w->skel);
        free(w);
        return NULL;
}
