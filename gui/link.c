/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "link.h"

G_DEFINE_FINAL_TYPE(P2sLink, p2s_link, G_TYPE_OBJECT)

static guint updated_signal;

static void clear(P2sLink *self)
{
        g_clear_pointer(&self->name, g_free);
        g_clear_pointer(&self->interface, g_free);
        g_clear_pointer(&self->state, g_free);
        g_clear_pointer(&self->reason, g_free);
        g_clear_pointer(&self->displaced, g_free);
        g_clear_pointer(&self->outgoing, g_free);
        g_clear_pointer(&self->incoming, g_free);
        g_clear_pointer(&self->qdisc, g_free);
        g_clear_pointer(&self->aqm, g_free);
        g_clear_pointer(&self->degraded, g_strfreev);
        g_clear_pointer(&self->options, g_variant_unref);
}

static void p2s_link_finalize(GObject *object)
{
        clear(P2S_LINK(object));
        G_OBJECT_CLASS(p2s_link_parent_class)->finalize(object);
}

static void p2s_link_class_init(P2sLinkClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_link_finalize;
        updated_signal = g_signal_new("updated", P2S_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 0);
}

static void p2s_link_init(P2sLink *self)
{
}

P2sLink *p2s_link_new(void)
{
        return g_object_new(P2S_TYPE_LINK, NULL);
}

void p2s_link_update(P2sLink *self, P2sLink *newer)
{
        clear(self);
        self->name = g_strdup(newer->name);
        self->interface = g_strdup(newer->interface);
        self->state = g_strdup(newer->state);
        self->reason = g_strdup(newer->reason);
        self->displaced = g_strdup(newer->displaced);
        self->outgoing = g_strdup(newer->outgoing);
        self->incoming = g_strdup(newer->incoming);
        self->qdisc = g_strdup(newer->qdisc);
        self->aqm = g_strdup(newer->aqm);
        self->degraded = g_strdupv(newer->degraded);
        self->options = newer->options ? g_variant_ref(newer->options) : NULL;
        self->uplink_bps = newer->uplink_bps;
        self->downlink_bps = newer->downlink_bps;
        g_signal_emit(self, updated_signal, 0);
}

gboolean p2s_link_is_active(const P2sLink *self)
{
        return g_strcmp0(self->state, "active") == 0;
}

/* The kernel says DEVTYPE where a driver sets it; else the name tells, as systemd
 * makes it (systemd.net-naming-scheme(7)). */
static const char *kind(const char *interface)
{
        static const struct {
                const char *devtype, *prefix, *title;
        } kinds[] = {
                {"wlan", "wl", N_("Wi-Fi")},
                /* Translators: a connection through the mobile telephone network */
                {"wwan", "ww", N_("Mobile Network")},
                {"wireguard", "wg", N_("VPN")},
                {NULL, "tun", N_("VPN")},
                {NULL, "ppp", N_("Dial-up")},
                {NULL, "en", N_("Ethernet")},
                {NULL, "eth", N_("Ethernet")},
        };
        g_autofree char *path = g_build_filename("/sys/class/net", interface, "uevent", NULL);
        g_autofree char *uevent = NULL;

        (void)g_file_get_contents(path, &uevent, NULL, NULL);
        for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_autofree char *line =
                        kinds[i].devtype ? g_strdup_printf("DEVTYPE=%s\n", kinds[i].devtype) : NULL;

                if ((uevent && line && strstr(uevent, line)) ||
                    g_str_has_prefix(interface, kinds[i].prefix))
                        return _(kinds[i].title);
        }
        return NULL;
}

char *p2s_link_title(const char *interface)
{
        const char *title = interface ? kind(interface) : "";

        return g_strdup(title ? title : interface);
}

char *p2s_link_get_title(const P2sLink *self)
{
        if (self->interface)
                return p2s_link_title(self->interface);
        if (g_strcmp0(self->name, "auto") == 0)
                /* Translators: stands for a network connection that is not there now */
                return g_strdup(_("No Connection"));
        return p2s_link_title(self->name);
}

char *p2s_link_words(const P2sLink *link)
{
        const char *reason = link->reason ? link->reason : "";
        gboolean out = g_strcmp0(link->outgoing, "shaped") == 0;
        gboolean in = g_strcmp0(link->incoming, "shaped") == 0;

        if (g_strcmp0(link->state, "absent") == 0)
                return g_strdup(_("Not there now"));
        if (g_strcmp0(link->state, "down") == 0)
                return g_strdup(_("Not connected now"));
        if (g_strcmp0(link->state, "busy") == 0)
                return g_strdup_printf(_("Another program arranges its traffic (%s)"), reason);
        if (g_strcmp0(link->state, "failed") == 0)
                return g_strdup_printf(_("Cannot be looked after (%s)"), reason);
        if (!p2s_link_is_active(link))
                return g_strdup(link->state ? link->state : "");
        if (out && in)
                return g_strdup(_("Calls go first in both directions"));
        if (out)
                return g_strdup(_("Outgoing calls go first; incoming ones are marked, as the "
                                  "download rate is not known"));
        if (in)
                return g_strdup(_("Incoming calls go first; outgoing ones are marked, as the "
                                  "upload rate is not known"));
        if (g_strcmp0(link->outgoing, "marked") == 0)
                return g_strdup(_("Calls are marked"));
        if (g_strcmp0(link->outgoing, "measured") == 0)
                return g_strdup(_("Calls are measured"));
        return g_strdup(_("Ready"));
}
