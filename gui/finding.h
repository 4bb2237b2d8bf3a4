/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Something that stands in the way of clear calls, as Diagnose found it. */
#pragma once

#include <gio/gio.h>

#define P2S_TYPE_FINDING (p2s_finding_get_type())
G_DECLARE_FINAL_TYPE(P2sFinding, p2s_finding, P2S, FINDING, GObject)

typedef enum P2sSeverity {
        P2S_SEVERITY_NOTE,    /* no harm by itself */
        P2S_SEVERITY_WARNING, /* calls fare worse than they could */
        P2S_SEVERITY_ERROR,   /* calls are not looked after */
} P2sSeverity;

/* Never changed once made, hence open to read. */
struct _P2sFinding {
        GObject parent_instance;
        P2sSeverity severity;
        char *title;  /* translated: what it is */
        char *remedy; /* translated: what to do */
};

/* From an element of Diagnose's answer. */
P2sFinding *p2s_finding_new(GVariant *dict);
