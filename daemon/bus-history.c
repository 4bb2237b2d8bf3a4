/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetHistory and subscriptions: figures over time. */
#include "bus.h"

static int append_history(sd_bus_message *reply, const struct managed_link *l, uint64_t since)
{
        int r = 0;

        for (size_t i = sample_ring_since(l->history, since); i < sample_ring_n(l->history); i++) {
                struct sample s;

                sample_ring_get(l->history, i, &s);
                r = sd_bus_message_open_container(reply, 'r', "sttsua(tttttt)a(tttttt)");
                if (r >= 0)
                        r = monitor_append_sample(reply, l->facts.name, &s);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
                if (r < 0)
                        break;
        }
        return r;
}

int bus_method_get_history(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Manager *m = userdata;
        const uint64_t now = now_usec();
        const char *link;
        uint64_t since;
        int r;

        r = sd_bus_message_read(msg, "st", &link, &since);
        if (r < 0)
                return r;
        history_catch_up(m->history);
        /* it may hold what is older: no row was made while it rested */
        since = MAX(since, now > HISTORY_USEC ? now - HISTORY_USEC : 0);
        r = sd_bus_message_new_method_return(msg, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sttsua(tttttt)a(tttttt))");
        for (size_t i = 0; i < m->n_links && r >= 0; i++)
                if (link[0] == '\0' || streq(link, m->links[i]->facts.name))
                        r = append_history(reply, m->links[i], since);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int bus_method_subscribe(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        uint64_t interval, granted;
        int r;

        r = sd_bus_message_read(msg, "t", &interval);
        if (r < 0)
                return r;
        r = monitor_subscribe(m->monitor, msg, interval, &granted);
        if (r == -EBUSY)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                         "%u clients are subscribed already", SUBSCRIBERS_MAX);
        if (r < 0)
                return r;
        return sd_bus_reply_method_return(msg, "t", granted);
}

int bus_method_unsubscribe(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;

        monitor_unsubscribe(m->monitor, sd_bus_message_get_sender(msg));
        return sd_bus_reply_method_return(msg, NULL);
}
