/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "mode.h"

static const struct {
        const char *name;
        const char *title;
        const char *choice;
        const char *description;
        gboolean measures;
        gboolean prioritises;
} modes[] = {
        {"shape",
         /* Translators: a mode of P2S, as a short mark in a graph */
         N_("Prioritising"),
         /* Translators: a mode of P2S that can be chosen, the best of them */
         N_("Send and Receive Calls First"),
         /* Translators: what the mode does; also stands alone as the state of things */
         N_("Calls are sent and received ahead of everything else"), TRUE, TRUE},
        {"mark",
         /* Translators: a mode of P2S, as a short mark in a graph */
         N_("Marking"),
         /* Translators: a mode of P2S that can be chosen */
         N_("Only Mark Calls"), N_("Calls are sent first, as far as the network heeds their marks"),
         TRUE, TRUE},
        {"monitor",
         /* Translators: a mode of P2S, as a short mark in a graph */
         N_("Measuring"),
         /* Translators: a mode of P2S that can be chosen */
         N_("Only Measure Calls"), N_("Calls are measured; nothing is changed"), TRUE, FALSE},
        {"off",
         /* Translators: a mode of P2S, as a short mark in a graph */
         N_("Off"),
         /* Translators: a mode of P2S that can be chosen */
         N_("Do Nothing"), N_("Nothing on this computer’s network is changed or measured"), FALSE,
         FALSE},
};

G_STATIC_ASSERT(G_N_ELEMENTS(modes) == P2S_N_MODES);

static int mode_index(const char *mode)
{
        for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
                if (g_strcmp0(modes[i].name, mode) == 0)
                        return (int)i;
        return -1;
}

const char *p2s_mode_nth(guint n)
{
        g_assert(n < P2S_N_MODES);
        return modes[n].name;
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

const char *p2s_mode_choice(const char *mode)
{
        int i = mode_index(mode);

        return i >= 0 ? _(modes[i].choice) : _("Another mode");
}

const char *p2s_mode_description(const char *mode)
{
        int i = mode_index(mode);

        return i >= 0 ? _(modes[i].description) : _("P2S is in a mode this window does not know");
}
