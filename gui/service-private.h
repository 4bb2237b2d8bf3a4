/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the service share: service.c connects and tells, the others
 * each look after one stream of facts. */
#pragma once

#include "service.h"

#define P2S_BUS_NAME  "org.p2s.Manager"
#define P2S_BUS_PATH  "/org/p2s/Manager"
#define P2S_BUS_IFACE "org.p2s.Manager"

/* What the series holds: ten minutes, as p2sd does, at up to ten samples a second. */
#define P2S_SERIES_SPAN_USEC ((guint64)600 * G_USEC_PER_SEC)
#define P2S_SERIES_CAPACITY  6000

struct _P2sService {
        GObject parent_instance;
        GCancellable *cancellable; /* of everything; the service's life */
        GDBusConnection *bus;
        GDBusProxy *proxy;
        P2sServiceState state;
        guint away_timeout;

        char *mode, *effective_mode;
        const char *mode_when_off; /* what to go back to: "off", or "monitor" if that was before */
        GRefString *mode_when_on;  /* "shape", or "mark" if that was before */
        guint n_pending;

        P2sSeries *series;
        GListStore *rules, *dscps;
        GListStore *findings, *networks;

        GListStore *links;
        P2sLink *link;
        char *interface;         /* whose samples the series holds */
        char *chosen_link;       /* name of the link the user wants to see; NULL: the best */
        gboolean live;           /* somebody looks */
        gboolean watched;        /* somebody wants to know how good calls are */
        guint64 subscribed_usec; /* the interval asked of the present owner; 0: none */

        GListStore *calls, *ended_calls;
        gboolean calls_hidden;
        gboolean calls_refused;  /* by the present owner: no use asking again */
        gboolean calls_pending;  /* GetCalls is under way */
        guint n_calls;           /* as of the last sample */
        guint64 calls_read_usec; /* time of the sample at which they were last read */
};

enum {
        P2S_SERVICE_PROP_STATE = 1,
        P2S_SERVICE_PROP_MODE,
        P2S_SERVICE_PROP_EFFECTIVE_MODE,
        P2S_SERVICE_PROP_PENDING,
        P2S_SERVICE_PROP_LINK,
        P2S_SERVICE_PROP_CALLS_HIDDEN,
        P2S_SERVICE_N_PROPS,
};

/* Notifies one of the properties above. */
void p2s_service_notify(P2sService *self, guint prop);

/* Takes over what the proxy's cache holds: modes and links. */
void p2s_service_sync(P2sService *self);

/* service-mode.c: the mode in force is another. */
void p2s_service_mode_remember(P2sService *self);

/* service-stream.c: Subscribe, Sample, GetHistory. */
void p2s_service_stream_update(P2sService *self);
void p2s_service_stream_sample(P2sService *self, GVariant *parameters);
/* From now on the series holds the samples of this interface. */
void p2s_service_stream_interface(P2sService *self, const char *interface);

/* service-links.c: the property Links. */
void p2s_service_links_sync(P2sService *self, GVariant *links);
void p2s_service_links_count(P2sService *self, const P2sSample *sample);
void p2s_service_links_forget_calls(P2sService *self);

/* service-rules.c: the properties Ports and Dscps; any change that is asked for. */
void p2s_service_rules_sync(P2sService *self, GVariant *ports, GVariant *dscps);
/* parameters: consumed if floating.  Finished by p2s_service_request_finish(). */
void p2s_service_request(P2sService *self, const char *method, GVariant *parameters,
                         GAsyncReadyCallback callback, gpointer data);

/* service-networks.c: the property Networks. */
void p2s_service_networks_sync(P2sService *self, GVariant *networks);

/* service-calls.c: GetCalls. */
void p2s_service_calls_refresh(P2sService *self, gboolean interactive);
void p2s_service_calls_owner(P2sService *self);
void p2s_service_calls_sample(P2sService *self, const P2sSample *sample);
void p2s_service_calls_clear(P2sService *self); /* they may not be seen */
void p2s_service_calls_end(P2sService *self);   /* nobody knows of them any more */
