/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "interface.h"
#include "mode.h"
#include "tray-menu.h"
#include "tray.h"

#define WATCHER_NAME  "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH  "/StatusNotifierWatcher"
#define WATCHER_IFACE WATCHER_NAME
#define ITEM_IFACE    "org.kde.StatusNotifierItem"
/* Where a host looks for an item that is registered by its bus name. */
#define ITEM_PATH "/StatusNotifierItem"
#define MENU_PATH ITEM_PATH "/Menu"

struct _P2sTray {
        GObject parent_instance;
        GApplication *application;
        GDBusConnection *bus;
        GCancellable *cancellable;
        P2sStatus *status;
        P2sTrayMenu *menu;
        guint watch, signals, exported;
        char *token; /* of the activation that comes next */
        gboolean shown;
};

G_DEFINE_FINAL_TYPE(P2sTray, p2s_tray, G_TYPE_OBJECT)

static GParamSpec *shown_prop;

static const char *mode(P2sTray *self)
{
        return p2s_service_get_effective_mode(p2s_status_get_service(self->status));
}

static const char *icon(P2sTray *self)
{
        return p2s_mode_prioritises(mode(self)) ? "org.p2s.Panel-symbolic"
                                                : "org.p2s.Panel-off-symbolic";
}

static const char *attention(P2sTray *self)
{
        return p2s_status_get_poor(self->status) ? "NeedsAttention" : "Active";
}

static void set_shown(P2sTray *self, gboolean shown)
{
        if (self->shown == shown)
                return;
        self->shown = shown;
        g_object_notify_by_pspec(G_OBJECT(self), shown_prop);
}

static void on_call(GDBusConnection *bus, const char *sender, const char *path, const char *iface,
                    const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
                    gpointer data)
{
        P2sTray *self = data;

        if (g_str_equal(method, "ProvideXdgActivationToken")) {
                g_free(self->token);
                g_variant_get(parameters, "(s)", &self->token);
        }
        /* Scroll has nothing to turn. */
        if (g_str_equal(method, "SecondaryActivate"))
                g_action_group_activate_action(
                        G_ACTION_GROUP(self->application), "prioritise",
                        g_variant_new_boolean(!p2s_mode_prioritises(mode(self))));
        else if (g_str_equal(method, "Activate") || g_str_equal(method, "ContextMenu"))
                /* A host that asks for a menu cannot draw ours: the window has all of it. */
                g_application_activate(self->application);
        g_dbus_method_invocation_return_value(invocation, NULL);
}

static GVariant *on_get(GDBusConnection *bus, const char *sender, const char *path,
                        const char *iface, const char *property, GError **error, gpointer data)
{
        P2sTray *self = data;

        if (g_str_equal(property, "Category"))
                return g_variant_new_string("SystemServices");
        if (g_str_equal(property, "Id"))
                return g_variant_new_string("org.p2s.Panel");
        if (g_str_equal(property, "Title"))
                return g_variant_new_string(g_get_application_name());
        if (g_str_equal(property, "Status"))
                return g_variant_new_string(attention(self));
        if (g_str_equal(property, "IconName") || g_str_equal(property, "AttentionIconName"))
                return g_variant_new_string(icon(self));
        if (g_str_equal(property, "IconThemePath"))
                return g_variant_new_string("");
        if (g_str_equal(property, "ToolTip"))
                return g_variant_new("(sa(iiay)ss)", "", NULL, g_get_application_name(),
                                     p2s_status_get_line(self->status));
        if (g_str_equal(property, "WindowId"))
                return g_variant_new_int32(0);
        if (g_str_equal(property, "ItemIsMenu"))
                return g_variant_new_boolean(FALSE);
        g_assert(g_str_equal(property, "Menu"));
        return g_variant_new_object_path(MENU_PATH);
}

static const GDBusInterfaceVTable vtable = {on_call, on_get, NULL, {0}};

static void emit(P2sTray *self, const char *name, GVariant *parameters)
{
        if (self->exported)
                g_dbus_connection_emit_signal(self->bus, NULL, ITEM_PATH, ITEM_IFACE, name,
                                              parameters, NULL);
}

static void on_line(P2sTray *self)
{
        emit(self, "NewToolTip", NULL);
}

static void on_poor(P2sTray *self)
{
        emit(self, "NewStatus", g_variant_new("(s)", attention(self)));
}

static void on_mode(P2sTray *self)
{
        emit(self, "NewIcon", NULL);
        emit(self, "NewAttentionIcon", NULL);
}

static void on_registered(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        if (error)
                g_debug("%s: %s", WATCHER_NAME, error->message);
        set_shown(P2S_TRAY(data), reply != NULL);
}

static void export(P2sTray *self)
{
        if (self->exported)
                return;
        self->exported = g_dbus_connection_register_object(
                self->bus, ITEM_PATH, p2s_interface_get(ITEM_IFACE), &vtable, self, NULL, NULL);
        self->menu = p2s_tray_menu_new(self->application, self->status, self->bus, MENU_PATH);
}

static void on_host(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error),
                            value = NULL;
        P2sTray *self;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_TRAY(data);
        if (reply)
                g_variant_get(reply, "(v)", &value);
        if (!value || !g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN) ||
            !g_variant_get_boolean(value)) {
                set_shown(self, FALSE);
                return;
        }
        if (self->shown)
                return;
        export(self);
        g_dbus_connection_call(
                self->bus, WATCHER_NAME, WATCHER_PATH, WATCHER_IFACE, "RegisterStatusNotifierItem",
                g_variant_new("(s)", g_dbus_connection_get_unique_name(self->bus)), NULL,
                G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_registered, self);
}

/* Somebody shows items, or nobody does any more: which, the watcher knows. */
static void ask_for_host(P2sTray *self)
{
        g_dbus_connection_call(
                self->bus, WATCHER_NAME, WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get",
                g_variant_new("(ss)", WATCHER_IFACE, "IsStatusNotifierHostRegistered"),
                G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable,
                on_host, self);
}

static void on_watcher_signal(GDBusConnection *bus, const char *sender, const char *path,
                              const char *iface, const char *name, GVariant *parameters,
                              gpointer data)
{
        if (g_str_equal(name, "StatusNotifierHostRegistered") ||
            g_str_equal(name, "StatusNotifierHostUnregistered"))
                ask_for_host(P2S_TRAY(data));
}

static void on_watcher(GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
        ask_for_host(P2S_TRAY(data));
}

static void on_no_watcher(GDBusConnection *bus, const char *name, gpointer data)
{
        set_shown(P2S_TRAY(data), FALSE);
}

char *p2s_tray_take_token(P2sTray *self)
{
        return g_steal_pointer(&self->token);
}

gboolean p2s_tray_get_shown(P2sTray *self)
{
        return self->shown;
}

static void p2s_tray_get_property(GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
        g_value_set_boolean(value, P2S_TRAY(object)->shown);
}

static void p2s_tray_dispose(GObject *object)
{
        P2sTray *self = P2S_TRAY(object);

        g_cancellable_cancel(self->cancellable);
        g_clear_handle_id(&self->watch, g_bus_unwatch_name);
        if (self->signals)
                g_dbus_connection_signal_unsubscribe(self->bus, self->signals);
        if (self->exported)
                g_dbus_connection_unregister_object(self->bus, self->exported);
        self->signals = self->exported = 0;
        g_clear_pointer(&self->token, g_free);
        g_clear_object(&self->menu);
        g_clear_object(&self->status);
        g_clear_object(&self->cancellable);
        g_clear_object(&self->bus);
        G_OBJECT_CLASS(p2s_tray_parent_class)->dispose(object);
}

static void p2s_tray_class_init(P2sTrayClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);

        object_class->get_property = p2s_tray_get_property;
        object_class->dispose = p2s_tray_dispose;
        shown_prop = g_param_spec_boolean("shown", NULL, NULL, FALSE,
                                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                  G_PARAM_STATIC_STRINGS);
        g_object_class_install_property(object_class, 1, shown_prop);
}

static void p2s_tray_init(P2sTray *self)
{
        self->cancellable = g_cancellable_new();
}

P2sTray *p2s_tray_new(GApplication *application, P2sStatus *status)
{
        P2sTray *self = g_object_new(P2S_TYPE_TRAY, NULL);
        GDBusConnection *bus = g_application_get_dbus_connection(application);

        self->application = application;
        self->status = g_object_ref(status);
        if (!bus)
                return self;
        self->bus = g_object_ref(bus);
        g_signal_connect_object(status, "notify::line", G_CALLBACK(on_line), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(status, "notify::poor", G_CALLBACK(on_poor), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(p2s_status_get_service(status), "notify::effective-mode",
                                G_CALLBACK(on_mode), self, G_CONNECT_SWAPPED);
        self->signals = g_dbus_connection_signal_subscribe(
                bus, WATCHER_NAME, WATCHER_IFACE, NULL, WATCHER_PATH, NULL,
                G_DBUS_SIGNAL_FLAGS_NONE, on_watcher_signal, self, NULL);
        self->watch =
                g_bus_watch_name_on_connection(bus, WATCHER_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                               on_watcher, on_no_watcher, self, NULL);
        return self;
}
