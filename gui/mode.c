/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "mode.h"

static const struct {
        const char *name;
        const char *title;
        const char *description;
        gboolean measures;
        gboolean prioritises;
} modes[] = {
        /* Translators: the modes of P2S, as a short mark in a graph. */
        {"off", N_("Off"), N_("Nothing on this computer’s network is changed or measured"), FALSE,
         FALSE},
        {"monitor", N_("Measuring"), N_("Calls are measured; nothing is changed"), TRUE, FALSE},
        {"mark", N_("Marking"), N_("Calls are sent first, as far as the network heeds their marks"),
         TRUE, TRUE},
        {"shape", N_("Prioritising"), N_("Calls are sent and received ahead of everything else"),
         TRUE, TRUE},
};

static int mode_index(const char *mode)
{
        for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
                if (g_strcmp0(modes[i].name, mode) == 0)
                        return (int)i;
        return -1;
}

gboolean p2s_mode_is_known(const char *mode)
{
        return mode_index(mode) >= 0;
}

gboolean p2s_mode_prioritises(const char *mode)
{
        int i = mode_index(mode);

        return i >= 0 && modes[i].prioritises;
}

gboolean p2s_mode_measures(const char *mode)
{
        int i = mode_index(mode);

        /* A mode of a later release: it will hardly be a second "off". */
        return i >= 0 ? modes[i].measures : mode != NULL;
}

const char *p2s_mode_title(const char *mode)
{
        int i = mode_index(mode);

        return i >= 0 ? _(modes[i].title) : _("Another mode");
}

const char *p2s_mode_description(const char *mode)
{
        int i = mode_index(mode);

        return i >= 0 ? _(modes[i].description) : _("P2S is in a mode this window does not know");
}
