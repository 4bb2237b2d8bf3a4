/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of a well-known program, from presets.ini. */
#pragma once

#include "rule.h"

#define P2S_TYPE_PRESET (p2s_preset_get_type())
G_DECLARE_FINAL_TYPE(P2sPreset, p2s_preset, P2S, PRESET, GObject)

/* Never changed once made, hence open to read. */
struct _P2sPreset {
        GObject parent_instance;
        char *name;
        char *source;     /* URL */
        GPtrArray *rules; /* P2sRule; empty: its maker publishes none */
};

/* P2sPreset, in the order of the file. */
GPtrArray *p2s_presets_load(void);

/* "5060–5061, 10000–20000"; empty without rules.  A new string. */
char *p2s_preset_ports(const P2sPreset *self);
