/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link that p2sd manages, as the bus describes it. */
#pragma once

#include <glib-object.h>

#define P2S_TYPE_LINK (p2s_link_get_type())
G_DECLARE_FINAL_TYPE(P2sLink, p2s_link, P2S, LINK, GObject)

/* What is known changes: whoever changes it emits "updated". */
struct _P2sLink {
        GObject parent_instance;
        char *name;      /* as given to SetLink: an interface or "auto" */
        char *interface; /* in use now; NULL: none */
        char *state;     /* "active", "absent", "down", "busy", "failed" or a later word */
        char *reason;    /* NULL: none given */
        char *displaced; /* what was taken by force and is not put back; NULL: nothing */
        char *outgoing, *incoming; /* "none", "measured", "marked", "shaped"; NULL: not known */
        char *qdisc, *aqm;         /* NULL: not known */
        char **degraded;           /* what the kernel lacks; NULL: nothing */
        guint64 uplink_bps, downlink_bps; /* 0: not known */
        GVariant *options;                /* a{sv} for SetLink, as they are now */
        guint calls;                      /* as of its last sample */
};

P2sLink *p2s_link_new(void);

/* Takes over what a newer reading of the same link says, and tells listeners. */
void p2s_link_update(P2sLink *self, P2sLink *newer);

gboolean p2s_link_is_active(const P2sLink *self);

/* What a person calls it: "Wi-Fi", "Ethernet" … or the interface's own name; of an
 * interface (NULL: an empty string).  Translated; a new string.  Reads sysfs. */
char *p2s_link_title(const char *interface);

/* As p2s_link_title(), or what stands in for a link without an interface. */
char *p2s_link_get_title(const P2sLink *self);

/* How it is, in a translated sentence; a new string. */
char *p2s_link_words(const P2sLink *link);
