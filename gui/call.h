/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call, as one row shows it: while it runs, and what is left of it after. */
#pragma once

#include <gio/gio.h>

#include "series.h"

/* One RTP stream of a call. */
typedef struct P2sFlow {
        P2sDirection direction;
        P2sClass class;
        char *rule;  /* what recognised it: "port", "dscp", "rtp", "stun+rtp" or a later word */
        char *codec; /* NULL: not known */
        guint ssrc;
        guint64 jitter_usec, bitrate_bps;
        double loss; /* 0 … 1; NaN: not known */
        double mos;  /* 0: no estimate */
} P2sFlow;

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
        double jitter_ms;  /* of its voice, the worse direction; NaN: none */
        double loss;       /* 0 … 1, of its voice, the worse direction; NaN: none */
        double mos;        /* the worse direction; 0: no estimate */
        GPtrArray *flows;  /* P2sFlow, owned */
        P2sSeries *series; /* its figures since the panel saw it */
        gboolean ended;
};

P2sCall *p2s_call_new(guint id);

/* Appends an empty flow, borrowed. */
P2sFlow *p2s_call_add_flow(P2sCall *self);

/* Takes over what a newer reading of the same call says, and tells listeners. */
void p2s_call_update(P2sCall *self, P2sCall *newer);

/* Adds its present figures to its series; mode: in force.  time_usec: CLOCK_MONOTONIC. */
void p2s_call_record(P2sCall *self, const char *mode, guint64 time_usec);

/* It runs no more: what is known of it stays. */
void p2s_call_end(P2sCall *self);
