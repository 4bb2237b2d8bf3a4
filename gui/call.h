/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call that runs, as one row shows it. */
#pragma once

#include <glib-object.h>

#define P2S_TYPE_CALL (p2s_call_get_type())
G_DECLARE_FINAL_TYPE(P2sCall, p2s_call, P2S, CALL, GObject)

/* The figures change while the call runs: whoever sets them emits "updated". */
struct _P2sCall {
        GObject parent_instance;
        guint id;
        char *link;
        char *peer;    /* address and port of the other side */
        char *process; /* NULL: not known */
        char *codec;   /* of its voice; NULL: not known */
        guint64 duration_usec;
        double jitter_ms; /* of its voice, the worse direction; NaN: none */
        double loss;      /* 0 … 1, of its voice, the worse direction; NaN: none */
        double mos;       /* the worse direction; 0: no estimate */
};

P2sCall *p2s_call_new(guint id);

/* Takes over what a newer reading of the same call says, and tells listeners. */
void p2s_call_update(P2sCall *self, P2sCall *newer);
