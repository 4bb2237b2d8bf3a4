/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "error.h"

G_DEFINE_QUARK(p2s - error - quark, p2s_error)

static const struct {
        const char *name;
        P2sError code;
        const char *message; /* NULL: the service's own */
} table[] = {
        {"org.freedesktop.DBus.Error.AccessDenied", P2S_ERROR_REFUSED,
         N_("You may not change this")},
        {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", P2S_ERROR_REFUSED,
         N_("You may not change this")},
        {"org.freedesktop.DBus.Error.AuthFailed", P2S_ERROR_REFUSED, N_("You may not change this")},
        {"org.freedesktop.DBus.Error.ServiceUnknown", P2S_ERROR_AWAY,
         N_("The P2S service is not installed")},
        {"org.freedesktop.DBus.Error.NameHasNoOwner", P2S_ERROR_AWAY,
         N_("The P2S service is not running")},
        {"org.freedesktop.DBus.Error.NoReply", P2S_ERROR_AWAY,
         N_("The P2S service stopped before it answered")},
        {"org.freedesktop.DBus.Error.Disconnected", P2S_ERROR_AWAY,
         N_("The P2S service stopped before it answered")},
        {"org.freedesktop.DBus.Error.Timeout", P2S_ERROR_TIMED_OUT,
         N_("The P2S service did not answer")},
        {"org.freedesktop.DBus.Error.TimedOut", P2S_ERROR_TIMED_OUT,
         N_("The P2S service did not answer")},
        {"org.p2s.Error.LinkBusy", P2S_ERROR_LINK_BUSY, NULL},
        {"org.p2s.Error.NotSupported", P2S_ERROR_NOT_SUPPORTED, NULL},
};

GError *p2s_error_from_bus(GError *error)
{
        g_autoptr(GError) e = error;
        g_autofree char *name = NULL;

        if (g_error_matches(e, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return g_steal_pointer(&e);
        if (g_error_matches(e, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
                return g_error_new_literal(P2S_ERROR, P2S_ERROR_TIMED_OUT,
                                           _("The P2S service did not answer"));
        if (g_error_matches(e, G_IO_ERROR, G_IO_ERROR_CLOSED))
                return g_error_new_literal(P2S_ERROR, P2S_ERROR_AWAY,
                                           _("The system bus went away"));

        name = g_dbus_error_get_remote_error(e);
        g_dbus_error_strip_remote_error(e);
        for (guint i = 0; name && i < G_N_ELEMENTS(table); i++)
                if (g_str_equal(name, table[i].name))
                        return g_error_new_literal(P2S_ERROR, (int)table[i].code,
                                                   table[i].message ? _(table[i].message)
                                                                    : e->message);
        return g_error_new_literal(P2S_ERROR, P2S_ERROR_FAILED, e->message);
}
