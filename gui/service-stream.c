/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The samples: Subscribe while somebody looks, GetHistory for the time before. */
#include "service-private.h"
#include "wire.h"

/* Ten packets of a usual call (20 ms each). */
#define LIVE_USEC    ((guint64)200000)
#define WATCHED_USEC ((guint64)5 * G_USEC_PER_SEC)

static void on_subscribed(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GVariant) reply = NULL;
        g_autoptr(GError) error = NULL;

        reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
        if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                g_debug("Subscribe: %s", error->message);
}

static void on_history(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
        g_autoptr(GPtrArray) samples = NULL;
        P2sService *self;

        if (!reply) {
                if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                        g_debug("GetHistory: %s", error->message);
                return;
        }
        self = P2S_SERVICE(data);
        samples = p2s_wire_history(reply);
        for (guint i = samples->len; i-- > 0;) {
                const P2sSample *sample = g_ptr_array_index(samples, i);

                if (g_strcmp0(sample->link, self->interface) != 0)
                        g_ptr_array_remove_index(samples, i);
        }
        p2s_series_extend(self->series, samples);
}

/* Asked before Subscribe, answered before the first Sample: the series stays in order. */
static void fetch_history(P2sService *self)
{
        const P2sSample *newest = p2s_series_newest(self->series);

        g_dbus_proxy_call(self->proxy, "GetHistory",
                          g_variant_new("(st)", self->interface, newest ? newest->time_usec : 0),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_history, self);
}

void p2s_service_stream_update(P2sService *self)
{
        gboolean calls = g_list_model_get_n_items(G_LIST_MODEL(self->calls)) > 0;
        guint64 want = self->live ? LIVE_USEC : self->watched && calls ? WATCHED_USEC : 0;

        if (want == self->subscribed_usec || self->state != P2S_SERVICE_RUNNING)
                return;
        /* First of all: a sample must not reach back over what the history tells. */
        if (self->subscribed_usec > 0)
                g_dbus_proxy_call(self->proxy, "Unsubscribe", NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                  -1, self->cancellable, on_subscribed, self);
        self->subscribed_usec = want;
        if (want == 0)
                return;
        if (self->live && self->interface)
                fetch_history(self);
        g_dbus_proxy_call(self->proxy, "Subscribe", g_variant_new("(t)", want),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_subscribed,
                          self);
}

void p2s_service_stream_sample(P2sService *self, GVariant *parameters)
{
        g_autoptr(P2sSample) sample = p2s_wire_sample(parameters);

        p2s_service_links_count(self, sample);
        /* While nobody looks they are too few for a graph, which the history fills later. */
        if (self->live && g_strcmp0(sample->link, self->interface) == 0)
                p2s_series_append(self->series, sample);
        p2s_service_calls_sample(self, sample);
}

void p2s_service_stream_interface(P2sService *self, const char *interface)
{
        const P2sSample *newest = p2s_series_newest(self->series);

        if (g_strcmp0(interface, self->interface) == 0)
                return;
        g_free(self->interface);
        self->interface = g_strdup(interface);
        if (newest && g_strcmp0(newest->link, interface) != 0)
                p2s_series_clear(self->series);
        if (self->live && self->subscribed_usec > 0)
                fetch_history(self);
}

void p2s_service_set_live(P2sService *self, gboolean live)
{
        self->live = live;
        p2s_service_stream_update(self);
}

void p2s_service_set_watched(P2sService *self, gboolean watched)
{
        self->watched = watched;
        p2s_service_stream_update(self);
}
