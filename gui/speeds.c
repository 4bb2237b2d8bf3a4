/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "speeds.h"

/* Mbit/s. */
static const struct {
        const char *title;
        guint downlink, uplink;
} speeds[] = {
        /* Translators: a kind of connection; download and upload follow in Mbit/s */
        {N_("ADSL"), 16, 1},      {N_("VDSL"), 50, 10},    {N_("VDSL"), 100, 40},
        {N_("Cable"), 250, 25},   {N_("Cable"), 1000, 50}, {N_("Fibre"), 300, 150},
        {N_("Fibre"), 1000, 500},
};

GMenuModel *p2s_speeds_menu(const char *action)
{
        GMenu *menu = g_menu_new();

        for (guint i = 0; i < G_N_ELEMENTS(speeds); i++) {
                g_autofree char *label =
                        /* Translators: a kind of connection, download and upload rate */
                        g_strdup_printf(_("%s, %u/%u Mbit/s"), _(speeds[i].title),
                                        speeds[i].downlink, speeds[i].uplink);
                g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);

                g_menu_item_set_action_and_target(item, action, "u", i);
                g_menu_append_item(menu, item);
        }
        return G_MENU_MODEL(menu);
}

gboolean p2s_speeds_get(guint i, guint64 *uplink_bps, guint64 *downlink_bps)
{
        if (i >= G_N_ELEMENTS(speeds))
                return FALSE;
        *uplink_bps = speeds[i].uplink * G_GUINT64_CONSTANT(1000000);
        *downlink_bps = speeds[i].downlink * G_GUINT64_CONSTANT(1000000);
        return TRUE;
}
