/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "link.h"
#include "network.h"
#include "rate.h"

G_DEFINE_FINAL_TYPE(P2sNetwork, p2s_network, G_TYPE_OBJECT)

static void p2s_network_finalize(GObject *object)
{
        P2sNetwork *self = P2S_NETWORK(object);

        g_free(self->interface);
        g_free(self->id);
        g_free(self->name);
        G_OBJECT_CLASS(p2s_network_parent_class)->finalize(object);
}

static void p2s_network_class_init(P2sNetworkClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_network_finalize;
}

static void p2s_network_init(P2sNetwork *self)
{
}

P2sNetwork *p2s_network_new(void)
{
        return g_object_new(P2S_TYPE_NETWORK, NULL);
}

gboolean p2s_network_equal(const P2sNetwork *a, const P2sNetwork *b)
{
        return g_strcmp0(a->interface, b->interface) == 0 && g_strcmp0(a->id, b->id) == 0 &&
               g_strcmp0(a->name, b->name) == 0 && a->uplink_bps == b->uplink_bps &&
               a->downlink_bps == b->downlink_bps;
}

const char *p2s_network_title(const P2sNetwork *self)
{
        if (self->name && *self->name)
                return self->name;
        return self->id ? self->id : "";
}

static char *rate(guint64 bps)
{
        return bps > 0 ? p2s_rate_text(bps)
                       /* Translators: the rate of a connection */
                       : g_strdup(C_("rate", "not known"));
}

char *p2s_network_words(const P2sNetwork *self)
{
        g_autofree char *up = rate(self->uplink_bps), *down = rate(self->downlink_bps);
        g_autofree char *where = p2s_link_title(self->interface);

        /* Translators: a network's rates and where it was met, as in "Download 50 Mbit/s ·
         * Upload 10 Mbit/s · Wi-Fi" */
        return g_strdup_printf(_("Download %s · Upload %s · %s"), down, up, where);
}
