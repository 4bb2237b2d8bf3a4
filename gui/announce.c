/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce.h"

#define SERVICE "org.freedesktop.Notifications"

typedef struct Announcement {
        GApplication *application;
        GNotification *notification;
        char *id;
} Announcement;

static void on_answer(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autofree Announcement *a = data;
        g_autoptr(GApplication) application = a->application;
        g_autoptr(GNotification) notification = a->notification;
        g_autofree char *id = a->id;
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        if (reply)
                g_application_send_notification(application, id, notification);
        else
                g_debug("%s: %s", SERVICE, error->message);
}

void p2s_announce(GApplication *application, const char *id, GNotification *notification,
                  GCancellable *cancellable)
{
        GDBusConnection *bus = g_application_get_dbus_connection(application);
        Announcement *a;

        if (!bus)
                return;
        a = g_new(Announcement, 1);
        *a = (Announcement){g_object_ref(application), g_object_ref(notification), g_strdup(id)};
        g_dbus_connection_call(bus, SERVICE, "/org/freedesktop/Notifications",
                               "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                               G_DBUS_CALL_FLAGS_NONE, -1, cancellable, on_answer, a);
}
