/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "rate.h"

#include "../daemon/units.h"

gboolean p2s_rate_parse(const char *text, guint64 *bps, char **problem)
{
        g_autofree char *clean = g_strstrip(g_strdup(text));
        g_autofree char *with_unit = NULL;
        int r;

        if (*clean == '\0') {
                *bps = 0;
                return TRUE;
        }
        for (char *p = clean; *p; p++)
                if (*p == ',')
                        *p = '.';
        /* Nobody has a line of 50 bit/s: without a unit it is what providers count in. */
        with_unit = clean[strspn(clean, "0123456789.")] == '\0' ? g_strconcat(clean, "M", NULL)
                                                                : g_strdup(clean);
        r = units_parse_rate(with_unit, bps);
        if (r >= 0)
                return TRUE;
        *problem = g_strdup(r == -ERANGE ? _("Rates go from 64 kbit/s to 100 Gbit/s")
                                         /* Translators: keep the numbers and units as they are */
                                         : _("Write a rate like 50 or 500 kbit/s"));
        return FALSE;
}

char *p2s_rate_text(guint64 bps)
{
        char number[G_ASCII_DTOSTR_BUF_SIZE];

        if (bps == 0)
                return g_strdup("");
        if (bps % 1000000 != 0 && bps < 1000000)
                return g_strdup_printf("%s kbit/s", g_ascii_formatd(number, sizeof(number), "%.6g",
                                                                    (double)bps / 1e3));
        return g_strdup_printf("%s Mbit/s",
                               g_ascii_formatd(number, sizeof(number), "%.6g", (double)bps / 1e6));
}
