/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include <math.h>

G_DEFINE_FINAL_TYPE(P2sSample, p2s_sample, G_TYPE_OBJECT)

static void p2s_sample_finalize(GObject *object)
{
        P2sSample *self = P2S_SAMPLE(object);

        g_clear_pointer(&self->link, g_ref_string_release);
        g_clear_pointer(&self->mode, g_ref_string_release);
        G_OBJECT_CLASS(p2s_sample_parent_class)->finalize(object);
}

static void p2s_sample_class_init(P2sSampleClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_sample_finalize;
}

static void p2s_sample_init(P2sSample *self)
{
}

P2sSample *p2s_sample_new(const char *link, guint64 time_usec, guint64 interval_usec,
                          const char *mode, guint calls)
{
        P2sSample *self = g_object_new(P2S_TYPE_SAMPLE, NULL);

        /* Interned: ten minutes of samples share one copy of each. */
        self->link = g_ref_string_new_intern(link);
        self->mode = g_ref_string_new_intern(mode);
        self->time_usec = time_usec;
        self->interval_usec = interval_usec;
        self->calls = calls;
        return self;
}

double p2s_sample_jitter(const P2sSample *self, P2sDirection direction, P2sClass class)
{
        const P2sFigures *f = &self->figures[direction][class];

        /* The bus says 0 both for "perfectly even" and for "no flow"; a talker
         * who pauses sends no packets for a while, but has a jitter still. */
        if (f->packets == 0 && f->jitter_usec == 0)
                return NAN;
        return (double)f->jitter_usec / 1000;
}
