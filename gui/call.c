/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <math.h>

/* Ten minutes, read every other second. */
#define CAPACITY  300
#define SPAN_USEC ((guint64)600 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE(P2sCall, p2s_call, G_TYPE_OBJECT)

static guint updated_signal;

static void p2s_call_finalize(GObject *object)
{
        P2sCall *self = P2S_CALL(object);

        g_free(self->link);
        g_free(self->peer);
        g_free(self->process);
        g_free(self->codec);
        g_ptr_array_unref(self->flows);
        g_object_unref(self->series);
        G_OBJECT_CLASS(p2s_call_parent_class)->finalize(object);
}

static void p2s_call_class_init(P2sCallClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_call_finalize;

        updated_signal = g_signal_new("updated", P2S_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 0);
}

static void flow_free(gpointer data)
{
        P2sFlow *flow = data;

        g_free(flow->rule);
        g_free(flow->codec);
        g_free(flow);
}

static void p2s_call_init(P2sCall *self)
{
        self->flows = g_ptr_array_new_with_free_func(flow_free);
        self->series = p2s_series_new(CAPACITY, SPAN_USEC);
        self->jitter_ms = NAN;
        self->loss = NAN;
}

P2sCall *p2s_call_new(guint id)
{
        P2sCall *self = g_object_new(P2S_TYPE_CALL, NULL);

        self->id = id;
        return self;
}

static void take_string(char **to, const char *from)
{
        if (g_strcmp0(*to, from) == 0)
                return;
        g_free(*to);
        *to = g_strdup(from);
}

void p2s_call_update(P2sCall *self, P2sCall *newer)
{
        take_string(&self->link, newer->link);
        take_string(&self->peer, newer->peer);
        take_string(&self->process, newer->process);
        take_string(&self->codec, newer->codec);
        self->duration_usec = newer->duration_usec;
        self->jitter_ms = newer->jitter_ms;
        self->loss = newer->loss;
        self->mos = newer->mos;
        g_ptr_array_unref(self->flows);
        self->flows = g_ptr_array_ref(newer->flows);
        g_signal_emit(self, updated_signal, 0);
}

P2sFlow *p2s_call_add_flow(P2sCall *self)
{
        P2sFlow *flow = g_new0(P2sFlow, 1);

        g_ptr_array_add(self->flows, flow);
        return flow;
}

void p2s_call_record(P2sCall *self, const char *mode, guint64 time_usec)
{
        const P2sSample *before = p2s_series_newest(self->series);
        g_autoptr(P2sSample) sample = NULL;

        sample = p2s_sample_new(self->link ? self->link : "", time_usec,
                                before ? time_usec - before->time_usec : G_USEC_PER_SEC,
                                mode ? mode : "", 1);
        for (guint i = 0; i < self->flows->len; i++) {
                const P2sFlow *flow = g_ptr_array_index(self->flows, i);
                P2sFigures *f = &sample->figures[flow->direction][flow->class];

                f->packets++;
                f->bitrate_bps += flow->bitrate_bps;
                f->jitter_usec = MAX(f->jitter_usec, flow->jitter_usec);
        }
        p2s_series_append(self->series, sample);
}

void p2s_call_end(P2sCall *self)
{
        self->ended = TRUE;
        g_signal_emit(self, updated_signal, 0);
}
