/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <math.h>

G_DEFINE_FINAL_TYPE(P2sCall, p2s_call, G_TYPE_OBJECT)

static guint updated_signal;

static void p2s_call_finalize(GObject *object)
{
        P2sCall *self = P2S_CALL(object);

        g_free(self->link);
        g_free(self->peer);
        g_free(self->process);
        g_free(self->codec);
        G_OBJECT_CLASS(p2s_call_parent_class)->finalize(object);
}

static void p2s_call_class_init(P2sCallClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_call_finalize;

        updated_signal = g_signal_new("updated", P2S_TYPE_CALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 0);
}

static void p2s_call_init(P2sCall *self)
{
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
        g_signal_emit(self, updated_signal, 0);
}
