/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl watch: live figures, drawn in place on a terminal, a line or a JSON object
 * a sample elsewhere.  Everything here waits on the bus, the keyboard and signals at
 * once, so that Ctrl-C works whatever the service does. */
#include "p2sctl-watch.h"

#include <signal.h>
#include <systemd/sd-event.h>

#include "p2sctl-json.h"
#include "units.h"

#define INTERVAL_USEC USEC_PER_SEC

struct watch {
        Ctl *ctl;
        sd_event *event;
        Screen *screen; /* NULL: plain lines */
        struct watch_model model;
        uint64_t interval_usec;
        char *owner;   /* the service's unique name: others may send a Sample too */
        bool answered; /* it once was there */
        int error;     /* why the loop ends */
};

static int subscribe(struct watch *w);

static int redraw(struct watch *w)
{
        _cleanup_free_ char *lines = NULL;
        int r;

        if (!w->screen)
                return 0;
        r = watch_view_draw(w->ctl, &w->model, &lines);
        if (r < 0)
                return r;
        screen_show(w->screen, lines);
        return 0;
}

/* Ends the loop; the error is main()'s to print. */
static int fail(struct watch *w, int error)
{
        w->error = error;
        return sd_event_exit(w->event, 0);
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(value_freep) Value *reply = NULL;
        struct watch *w = userdata;

        /* It may have gone since; that is told elsewhere. */
        if (sd_bus_message_is_method_error(m, NULL) || value_read(m, &reply) < 0 ||
            value_count(reply) != 1)
                return 0;
        value_free(w->model.properties);
        w->model.properties = TAKE_PTR(reply->items[0]);
        reply->n = 0;
        return redraw(w);
}

static int refresh(struct watch *w)
{
        return sd_bus_call_method_async(w->ctl->bus, NULL, P2S_NAME, P2S_PATH,
                                        "org.freedesktop.DBus.Properties", "GetAll", on_properties,
                                        w, "s", P2S_INTERFACE);
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct watch *w = userdata;

        return streq_ptr(sd_bus_message_get_sender(m), w->owner) ? refresh(w) : 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct watch *w = userdata;
        int r;

        if (sd_bus_message_is_method_error(m, NULL)) {
                /* Gone again before it answered: its next owner will be told of. */
                if (w->answered)
                        return 0;
                r = sd_bus_error_copy(&w->ctl->error, sd_bus_message_get_error(m));
                return fail(w, r);
        }
        free(w->owner);
        w->owner = strdup(sd_bus_message_get_sender(m));
        if (!w->owner)
                return fail(w, -ENOMEM);
        if (!w->screen && w->answered)
                (void)fputs("p2sctl: p2sd is back\n", stderr);
        else if (!w->screen && !w->ctl->json) {
                watch_view_plain_header(stdout);
                (void)fflush(stdout);
        }
        w->answered = true;
        w->model.present = true;
        return refresh(w);
}

static int subscribe(struct watch *w)
{
        return sd_bus_call_method_async(w->ctl->bus, NULL, P2S_NAME, P2S_PATH, P2S_INTERFACE,
                                        "Subscribe", on_subscribed, w, "t", w->interval_usec);
}

static int on_sample(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(value_freep) Value *row = NULL;
        struct watch *w = userdata;
        struct ctl_sample sample;
        int r;

        if (!streq_ptr(sd_bus_message_get_sender(m), w->owner))
                return 0;
        r = value_read(m, &row);
        if (r == -ENOMEM)
                return fail(w, r);
        if (r < 0 || sample_read(row, &sample) < 0)
                return 0;

        if (w->screen) {
                r = watch_model_add(&w->model, &sample);
                return r < 0 ? fail(w, r) : redraw(w);
        }
        if (w->ctl->json) {
                r = sample_name(row);
                if (r < 0)
                        return fail(w, r);
                json_print(stdout, row, false);
        } else
                watch_view_plain(stdout, w->ctl->utf8, &sample);
        /* Whoever reads a pipe wants it now. */
        return fflush(stdout) == 0 ? 0 : fail(w, -errno);
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct watch *w = userdata;
        const char *name, *old_owner, *new_owner;
        int r;

        if (!w->answered || sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0)
                return 0;
        if (*new_owner != '\0')
                return streq_ptr(new_owner, w->owner) ? 0 : subscribe(w);

        watch_model_clear(&w->model);
        w->model.present = false;
        free(w->owner);
        w->owner = NULL;
        if (!w->screen)
                (void)fputs("p2sctl: p2sd has gone away; waiting for it to return\n", stderr);
        r = redraw(w);
        return r < 0 ? fail(w, r) : 0;
}

static int on_bus_lost(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct watch *w = userdata;

        return fail(w, -ECONNRESET);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        struct watch *w = userdata;

        screen_leave(w->screen);
        (void)raise(SIGSTOP);
        screen_enter(w->screen);
        return redraw(w);
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        struct watch *w = userdata;

        ctl_measure_terminal(w->ctl);
        return redraw(w);
}

static int on_key(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct watch *w = userdata;
        char key;

        if (read(fd, &key, 1) != 1)
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return key == 'q' ? sd_event_exit(w->event, 0) : 0;
}

/* Signals end the loop; on a screen, some have it drawn again. */
static int add_signals(struct watch *w)
{
        static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(ending); i++)
                (void)sigaddset(&mask, ending[i]);
        if (w->screen) {
                (void)sigaddset(&mask, SIGTSTP);
                (void)sigaddset(&mask, SIGWINCH);
        }
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;

        for (size_t i = 0; i < ELEMENTSOF(ending); i++) {
                /* Without a handler, sd-event ends the loop with what userdata says. */
                r = sd_event_add_signal(w->event, NULL, ending[i], NULL, NULL);
                if (r < 0)
                        return r;
        }
        if (!w->screen)
                return 0;
        r = sd_event_add_signal(w->event, NULL, SIGTSTP, on_stop, w);
        if (r < 0)
                return r;
        return sd_event_add_signal(w->event, NULL, SIGWINCH, on_resize, w);
}

static int add_matches(struct watch *w)
{
        sd_bus *bus = w->ctl->bus;
        int r;

        r = sd_bus_match_signal(bus, NULL, P2S_NAME, P2S_PATH, P2S_INTERFACE, "Sample", on_sample,
                                w);
        if (r < 0)
                return r;
        r = sd_bus_match_signal(bus, NULL, P2S_NAME, P2S_PATH, "org.freedesktop.DBus.Properties",
                                "PropertiesChanged", on_properties_changed, w);
        if (r < 0)
                return r;
        r = sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", on_bus_lost, w);
        if (r < 0)
                return r;
        return sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',"
                                "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                                "arg0='" P2S_NAME "'",
                                on_owner_changed, w);
}

static int run_loop(struct watch *w)
{
        sd_event_source *key = NULL;
        int r;

        r = add_signals(w);
        if (r < 0)
                return r;
        r = add_matches(w);
        if (r < 0)
                return r;
        if (w->screen && isatty(STDIN_FILENO)) {
                r = sd_event_add_io(w->event, &key, STDIN_FILENO, EPOLLIN, on_key, w);
                if (r < 0)
                        return r;
                r = sd_event_source_set_floating(key, true);
                sd_event_source_unref(key);
                if (r < 0)
                        return r;
        }
        r = sd_bus_attach_event(w->ctl->bus, w->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = subscribe(w);
        if (r >= 0)
                r = sd_event_loop(w->event);
        (void)sd_bus_detach_event(w->ctl->bus);
        return r < 0 ? r : w->error;
}

int verb_watch(Ctl *c, int argc, char **argv)
{
        const char *interval = c->option[OPT_INTERVAL];
        struct watch w = {.ctl = c, .interval_usec = INTERVAL_USEC, .model.present = true};
        _cleanup_free_ char *last = NULL;
        int r;

        if (interval && (units_parse_span(interval, &w.interval_usec) < 0 || w.interval_usec == 0))
                return ctl_refuse(c, CTL_USAGE,
                                  "--interval %s: say a span of time from 100ms to 10s", interval);
        r = ctl_subject(c, "watch");
        if (r < 0)
                return r;
        r = ctl_connect(c);
        if (r < 0)
                return r;
        r = sd_event_new(&w.event);
        if (r < 0)
                return r;

        if (c->terminal && !c->json)
                r = screen_open(&w.screen);
        if (r >= 0)
                r = run_loop(&w);

        /* What was last seen stays to be read. */
        if (w.screen && w.model.n > 0)
                (void)watch_view_draw(c, &w.model, &last);
        screen_close(TAKE_PTR(w.screen));
        if (last)
                (void)fputs(last, stdout);
        watch_model_clear(&w.model);
        free(w.owner);
        sd_event_unref(w.event);
        return r;
}
