/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network interface that p2sd manages. */
#pragma once

#include <glib-object.h>

#define P2S_TYPE_LINK (p2s_link_get_type())
G_DECLARE_FINAL_TYPE(P2sLink, p2s_link, P2S, LINK, GObject)

/* Replaced, never changed, when p2sd tells of new facts; hence open to read. */
struct _P2sLink {
        GObject parent_instance;
        char *name;      /* as given to SetLink: an interface or "auto" */
        char *interface; /* in use now; NULL: none */
        char *state;     /* "active", "absent", "down", "busy", "failed" or a later word */
        char *reason;    /* NULL: none given */
        char **degraded; /* what the kernel lacks; NULL: nothing */
        guint64 uplink_bps, downlink_bps; /* 0: not known */
};

P2sLink *p2s_link_new(void);

gboolean p2s_link_is_active(const P2sLink *self);
