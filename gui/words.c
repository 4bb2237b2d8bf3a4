/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "mode.h"
#include "words.h"

#include "../daemon/mos-bands.h"

/* What stands where a figure is not known. */
#define DASH "–"

char *p2s_words_jitter(double ms)
{
        if (isnan(ms))
                return g_strdup(DASH);
        /* Translators: milliseconds; the space is a no-break space, as in all figures */
        return g_strdup_printf(_("%.*f ms"), ms < 99.95 ? 1 : 0, ms);
}

char *p2s_words_bitrate(double bps)
{
        if (isnan(bps))
                return g_strdup(DASH);
        if (bps < 999500)
                /* Translators: 1,000 bits per second */
                return g_strdup_printf(_("%.0f kbit/s"), bps / 1e3);
        /* Translators: 1,000,000 bits per second */
        return g_strdup_printf(_("%.*f Mbit/s"), bps < 99.95e6 ? 1 : 0, bps / 1e6);
}

char *p2s_words_share(double share)
{
        if (isnan(share))
                return g_strdup(DASH);
        return g_strdup_printf(_("%.1f %%"), share * 100);
}

char *p2s_words_duration(guint64 usec)
{
        guint64 s = usec / G_USEC_PER_SEC;

        if (s < 3600)
                /* Translators: how long a call has run, minutes:seconds */
                return g_strdup_printf(C_("duration", "%u:%02u"), (guint)(s / 60), (guint)(s % 60));
        /* Translators: how long a call has run, hours:minutes:seconds */
        return g_strdup_printf(C_("duration", "%u:%02u:%02u"), (guint)(s / 3600),
                               (guint)(s / 60 % 60), (guint)(s % 60));
}

const char *p2s_words_mos(double mos)
{
        if (!(mos > 0))
                return NULL;
        if (mos >= MOS_EXCELLENT)
                return C_("call quality", "Excellent");
        if (mos >= MOS_GOOD)
                return C_("call quality", "Good");
        if (mos >= MOS_FAIR)
                return C_("call quality", "Fair");
        if (mos >= MOS_POOR)
                return C_("call quality", "Poor");
        return C_("call quality", "Bad");
}

char *p2s_words_summary(const char *mode, const char *link, guint calls, double jitter_ms)
{
        g_autofree char *what = NULL, *jitter = NULL, *where = NULL;

        if (!mode)
                return g_strdup("");
        if (!p2s_mode_is_known(mode) || !p2s_mode_measures(mode))
                return g_strdup(p2s_mode_description(mode));
        if (calls == 0)
                return g_strdup(p2s_mode_prioritises(mode) ? _("Ready: the next call will go first")
                                                           : p2s_mode_description(mode));

        if (p2s_mode_prioritises(mode))
                what = g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%u call protected",
                                                   "%u calls protected", calls),
                                       calls);
        else
                what = g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%u call, not protected",
                                                   "%u calls, not protected", calls),
                                       calls);
        /* Translators: the first is "2 calls protected", the second "eth0" */
        where = link ? g_strdup_printf(_("%s on %s"), what, link) : g_steal_pointer(&what);
        if (isnan(jitter_ms))
                return g_steal_pointer(&where);
        jitter = p2s_words_jitter(jitter_ms);
        /* Translators: the first is "2 calls protected on eth0", the second "9.5 ms" */
        return g_strdup_printf(_("%s · %s jitter"), where, jitter);
}
