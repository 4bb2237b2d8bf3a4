/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the user: SetMode, and to start the service. */
#include "error.h"
#include "mode.h"
#include "service-private.h"

/* The user may have to find a password first. */
#define REQUEST_MS (5 * 60 * 1000)

static void change_pending(P2sService *self, gboolean begins)
{
        guint before = self->n_pending;

        self->n_pending = begins ? before + 1 : before - 1;
        if ((before > 0) != (self->n_pending > 0))
                p2s_service_notify(self, P2S_SERVICE_PROP_PENDING);
}

/* Ends a request: with the error kept as the task's data, or well. */
static void finish(GTask *task)
{
        GError *error = g_task_get_task_data(task);

        change_pending(P2S_SERVICE(g_task_get_source_object(task)), FALSE);
        if (error)
                g_task_return_error(task, g_error_copy(error));
        else
                g_task_return_boolean(task, TRUE);
}

static void on_truth(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
        g_autoptr(GVariantIter) iter = NULL;
        g_autoptr(GTask) task = G_TASK(data);
        P2sService *self = P2S_SERVICE(g_task_get_source_object(task));
        const char *name;
        GVariant *value;

        if (reply && self->proxy) {
                g_variant_get(reply, "(a{sv})", &iter);
                while (g_variant_iter_next(iter, "{&sv}", &name, &value)) {
                        g_dbus_proxy_set_cached_property(self->proxy, name, value);
                        g_variant_unref(value);
                }
                p2s_service_sync(self);
        }
        finish(task);
}

static void on_set_mode(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GTask) task = G_TASK(data);
        P2sService *self = P2S_SERVICE(g_task_get_source_object(task));
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);

        if (error)
                g_task_set_task_data(task, p2s_error_from_bus(g_steal_pointer(&error)),
                                     (GDestroyNotify)g_error_free);
        if (p2s_service_get_state(self) != P2S_SERVICE_RUNNING) {
                finish(task);
                return;
        }

        /* Whether PropertiesChanged came before or after the answer, whoever else
         * changed the mode meanwhile: what is read now is what is so. */
        g_dbus_connection_call(self->bus, P2S_BUS_NAME, P2S_BUS_PATH,
                               "org.freedesktop.DBus.Properties", "GetAll",
                               g_variant_new("(s)", P2S_BUS_IFACE), G_VARIANT_TYPE("(a{sv})"),
                               G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_truth,
                               g_steal_pointer(&task));
}

void p2s_service_set_mode_async(P2sService *self, const char *mode, GAsyncReadyCallback callback,
                                gpointer data)
{
        g_autoptr(GTask) task = g_task_new(self, self->cancellable, callback, data);

        g_task_set_source_tag(task, p2s_service_set_mode_async);
        g_return_if_fail(self->proxy);
        change_pending(self, TRUE);
        g_dbus_proxy_call(self->proxy, "SetMode", g_variant_new("(s)", mode),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START |
                                  G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
                          REQUEST_MS, self->cancellable, on_set_mode, g_steal_pointer(&task));
}

void p2s_service_mode_remember(P2sService *self)
{
        const char *mode = self->effective_mode;

        if (p2s_mode_prioritises(mode)) {
                g_ref_string_release(self->mode_when_on);
                self->mode_when_on = g_ref_string_new_intern(mode);
        } else if (mode) {
                self->mode_when_off = p2s_mode_measures(mode) ? "monitor" : "off";
        }
}

void p2s_service_prioritise_async(P2sService *self, gboolean on, GAsyncReadyCallback callback,
                                  gpointer data)
{
        p2s_service_set_mode_async(self, on ? self->mode_when_on : self->mode_when_off, callback,
                                   data);
}

gboolean p2s_service_set_mode_finish(P2sService *self, GAsyncResult *result, GError **error)
{
        return g_task_propagate_boolean(G_TASK(result), error);
}

static void on_ping(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GTask) task = G_TASK(data);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        if (error)
                g_task_return_error(task, p2s_error_from_bus(g_steal_pointer(&error)));
        else
                g_task_return_boolean(task, TRUE);
}

void p2s_service_start_async(P2sService *self, GAsyncReadyCallback callback, gpointer data)
{
        g_autoptr(GTask) task = g_task_new(self, self->cancellable, callback, data);

        g_task_set_source_tag(task, p2s_service_start_async);
        g_return_if_fail(self->bus);
        /* Any call starts it; this one asks for nothing. */
        g_dbus_connection_call(self->bus, P2S_BUS_NAME, P2S_BUS_PATH, "org.freedesktop.DBus.Peer",
                               "Ping", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable,
                               on_ping, g_steal_pointer(&task));
}

gboolean p2s_service_start_finish(P2sService *self, GAsyncResult *result, GError **error)
{
        return g_task_propagate_boolean(G_TASK(result), error);
}
