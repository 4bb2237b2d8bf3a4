/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "overhead.h"

/* p2sd's headers have macros of these names, too. */
#undef MIN
#undef MAX
#undef CLAMP
#include "../daemon/link-options.h"

gboolean p2s_overhead_parse(const char *text, gboolean *given, gint32 *bytes, char **problem)
{
        const struct link_option_info *info = &link_option_infos[LINK_OVERHEAD];
        struct link_options options = {0};
        g_autofree char *clean = g_strstrip(g_strdup(text));
        const char *reason;

        *given = FALSE;
        if (*clean == '\0')
                return TRUE;
        /* p2sd's word for "not given" is not the panel's. */
        if (g_str_equal(clean, "auto") ||
            link_option_parse(LINK_OVERHEAD, clean, &options.of[LINK_OVERHEAD], &reason) < 0) {
                *problem = g_strdup_printf(_("Write a number of bytes from %d to %d, or nothing"),
                                           info->min, info->max);
                return FALSE;
        }
        *given = link_option_number(&options, LINK_OVERHEAD, bytes);
        return TRUE;
}
