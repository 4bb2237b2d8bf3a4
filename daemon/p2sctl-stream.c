/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-stream.h"

#include <signal.h>

#include "units.h"

struct Stream {
        Ctl *ctl;
        sd_event *event;
        const struct stream_handler *handler;
        void *userdata;
        uint64_t interval_usec;
        char *owner;   /* the service's unique name: others may send a Sample too */
        bool answered; /* it once was there */
        int error;     /* why the loop ends */
};

static int subscribe(Stream *s);

/* Ends the loop where r is an error, which is main()'s to print. */
static int ends(Stream *s, int r)
{
        if (r >= 0)
                return 0;
        s->error = r;
        return sd_event_exit(s->event, 0);
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(value_freep) Value *reply = NULL;
        Stream *s = userdata;

        /* It may have gone since; that is told elsewhere. */
        if (sd_bus_message_is_method_error(m, NULL) || value_read(m, &reply) < 0 ||
            value_count(reply) != 1)
                return 0;
        reply->n = 0;
        return ends(s, s->handler->properties(TAKE_PTR(reply->items[0]), s->userdata));
}

static int refresh(Stream *s)
{
        if (!s->handler->properties)
                return 0;
        return sd_bus_call_method_async(s->ctl->bus, NULL, P2S_NAME, P2S_PATH,
                                        "org.freedesktop.DBus.Properties", "GetAll", on_properties,
                                        s, "s", P2S_INTERFACE);
}

static int on_properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Stream *s = userdata;

        return streq_ptr(sd_bus_message_get_sender(m), s->owner) ? refresh(s) : 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Stream *s = userdata;
        bool again = s->answered;
        int r;

        if (sd_bus_message_is_method_error(m, NULL)) {
                /* Gone again before it answered: its next owner will be told of. */
                if (again)
                        return 0;
                return ends(s, sd_bus_error_copy(&s->ctl->error, sd_bus_message_get_error(m)));
        }
        free(s->owner);
        s->owner = strdup(sd_bus_message_get_sender(m));
        if (!s->owner)
                return ends(s, -ENOMEM);
        s->answered = true;
        r = s->handler->begun ? s->handler->begun(again, s->userdata) : 0;
        if (r >= 0)
                r = refresh(s);
        return ends(s, r);
}

static int subscribe(Stream *s)
{
        return sd_bus_call_method_async(s->ctl->bus, NULL, P2S_NAME, P2S_PATH, P2S_INTERFACE,
                                        "Subscribe", on_subscribed, s, "t", s->interval_usec);
}

static int on_sample(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(value_freep) Value *row = NULL;
        struct ctl_sample sample;
        Stream *s = userdata;
        int r;

        if (!streq_ptr(sd_bus_message_get_sender(m), s->owner))
                return 0;
        r = value_read(m, &row);
        if (r == -ENOMEM)
                return ends(s, r);
        if (r < 0 || sample_read(row, &sample) < 0)
                return 0;
        return ends(s, s->handler->sample(&sample, row, s->userdata));
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *old_owner, *new_owner;
        Stream *s = userdata;

        if (!s->answered || sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0)
                return 0;
        if (*new_owner != '\0')
                return streq_ptr(new_owner, s->owner) ? 0 : subscribe(s);

        free(s->owner);
        s->owner = NULL;
        return s->handler->gone ? ends(s, s->handler->gone(s->userdata)) : 0;
}

static int on_bus_lost(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        return ends(userdata, -ECONNRESET);
}

static int add_signals(Stream *s)
{
        static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
        sigset_t mask;

        (void)sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(ending); i++)
                (void)sigaddset(&mask, ending[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(ending); i++) {
                /* Without a handler, sd-event ends the loop with what userdata says. */
                int r = sd_event_add_signal(s->event, NULL, ending[i], NULL, NULL);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_matches(Stream *s)
{
        sd_bus *bus = s->ctl->bus;
        int r;

        r = sd_bus_match_signal(bus, NULL, P2S_NAME, P2S_PATH, P2S_INTERFACE, "Sample", on_sample,
                                s);
        if (r >= 0 && s->handler->properties)
                r = sd_bus_match_signal(bus, NULL, P2S_NAME, P2S_PATH,
                                        "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        on_properties_changed, s);
        if (r >= 0)
                r = sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                        "org.freedesktop.DBus.Local", "Disconnected", on_bus_lost,
                                        s);
        if (r < 0)
                return r;
        return sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',"
                                "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                                "arg0='" P2S_NAME "'",
                                on_owner_changed, s);
}

static int run(Stream *s)
{
        int r;

        r = add_signals(s);
        if (r < 0)
                return r;
        r = add_matches(s);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(s->ctl->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = subscribe(s);
        if (r >= 0)
                r = sd_event_loop(s->event);
        (void)sd_bus_detach_event(s->ctl->bus);
        return r < 0 ? r : s->error;
}

int stream_interval(Ctl *c, uint64_t *ret)
{
        const char *interval = c->option[OPT_INTERVAL];
        uint64_t usec = STREAM_INTERVAL_USEC;

        if (interval && (units_parse_span(interval, &usec) < 0 || usec == 0))
                return ctl_refuse(c, CTL_USAGE,
                                  "--interval %s: say a span of time from 100ms to 10s", interval);
        *ret = usec;
        return 0;
}

int stream_run(Ctl *c, sd_event *event, uint64_t interval_usec,
               const struct stream_handler *handler, void *userdata)
{
        Stream s = {.ctl = c,
                    .event = event,
                    .handler = handler,
                    .userdata = userdata,
                    .interval_usec = interval_usec};
        int r;

        r = ctl_connect(c);
        if (r >= 0)
                r = run(&s);
        free(s.owner);
        return r;
}
