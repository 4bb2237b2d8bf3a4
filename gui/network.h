/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network whose rates p2sd remembers, as the bus describes it. */
#pragma once

#include <glib-object.h>

#define P2S_TYPE_NETWORK (p2s_network_get_type())
G_DECLARE_FINAL_TYPE(P2sNetwork, p2s_network, P2S, NETWORK, GObject)

/* Never changes: what is known anew is another object. */
struct _P2sNetwork {
        GObject parent_instance;
        char *interface;                  /* on which it was met */
        char *id;                         /* "nm:…" or "gateway:…" */
        char *name;                       /* for a person; NULL: it has none but its id */
        guint64 uplink_bps, downlink_bps; /* 0: not known */
};

P2sNetwork *p2s_network_new(void);

/* Same network and same rates. */
gboolean p2s_network_equal(const P2sNetwork *a, const P2sNetwork *b);

/* What a person calls it; borrowed. */
const char *p2s_network_title(const P2sNetwork *self);

/* Its rates and where it was met, in translated words; a new string. */
char *p2s_network_words(const P2sNetwork *self);
