/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"
#include "interface.h"
#include "service-private.h"

/* A restart of the service takes less: the panel keeps still that long. */
#define AWAY_MS 1500

G_DEFINE_ENUM_TYPE(P2sServiceState, p2s_service_state,
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_CONNECTING, "connecting"),
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_NO_BUS, "no-bus"),
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_MISSING, "missing"),
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_STOPPED, "stopped"),
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_AWAY, "away"),
                   G_DEFINE_ENUM_VALUE(P2S_SERVICE_RUNNING, "running"))

G_DEFINE_FINAL_TYPE(P2sService, p2s_service, G_TYPE_OBJECT)

static GParamSpec *props[P2S_SERVICE_N_PROPS];

void p2s_service_notify(P2sService *self, guint prop)
{
        g_object_notify_by_pspec(G_OBJECT(self), props[prop]);
}

static void set_state(P2sService *self, P2sServiceState state)
{
        if (self->state == state)
                return;
        self->state = state;
        p2s_service_notify(self, P2S_SERVICE_PROP_STATE);
}

static void take_property(P2sService *self, const char *name, char **to, guint prop)
{
        g_autoptr(GVariant) value = g_dbus_proxy_get_cached_property(self->proxy, name);

        if (!value || g_strcmp0(g_variant_get_string(value, NULL), *to) == 0)
                return;
        g_free(*to);
        *to = g_variant_dup_string(value, NULL);
        p2s_service_notify(self, prop);
}

void p2s_service_sync(P2sService *self)
{
        g_autoptr(GVariant) links = g_dbus_proxy_get_cached_property(self->proxy, "Links");
        g_autoptr(GVariant) ports = g_dbus_proxy_get_cached_property(self->proxy, "Ports");
        g_autoptr(GVariant) dscps = g_dbus_proxy_get_cached_property(self->proxy, "Dscps");
        g_autoptr(GVariant) networks = g_dbus_proxy_get_cached_property(self->proxy, "Networks");

        g_object_freeze_notify(G_OBJECT(self));
        take_property(self, "Mode", &self->mode, P2S_SERVICE_PROP_MODE);
        take_property(self, "EffectiveMode", &self->effective_mode,
                      P2S_SERVICE_PROP_EFFECTIVE_MODE);
        p2s_service_mode_remember(self);
        p2s_service_links_sync(self, links);
        p2s_service_rules_sync(self, ports, dscps);
        p2s_service_networks_sync(self, networks);
        g_object_thaw_notify(G_OBJECT(self));
}

static void on_activatable_names(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply =
                g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        g_autofree const char **names = NULL;
        P2sService *self;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_SERVICE(data);
        if (self->state == P2S_SERVICE_RUNNING)
                return;
        if (reply)
                g_variant_get(reply, "(^a&s)", &names);
        if (names && g_strv_contains(names, P2S_BUS_NAME))
                set_state(self, P2S_SERVICE_STOPPED);
        else
                set_state(self, P2S_SERVICE_MISSING);
}

/* Nobody owns the name: finds out whether the bus could start somebody. */
static void explain_absence(P2sService *self)
{
        g_clear_pointer(&self->mode, g_free);
        g_clear_pointer(&self->effective_mode, g_free);
        p2s_service_notify(self, P2S_SERVICE_PROP_MODE);
        p2s_service_notify(self, P2S_SERVICE_PROP_EFFECTIVE_MODE);
        p2s_service_calls_end(self);
        p2s_service_links_forget_calls(self);
        g_dbus_connection_call(self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus", "ListActivatableNames", NULL,
                               G_VARIANT_TYPE("(as)"), G_DBUS_CALL_FLAGS_NONE, -1,
                               self->cancellable, on_activatable_names, self);
}

static gboolean on_away_timeout(gpointer data)
{
        P2sService *self = data;

        self->away_timeout = 0;
        explain_absence(self);
        return G_SOURCE_REMOVE;
}

static void on_owner(P2sService *self)
{
        g_autofree char *owner = g_dbus_proxy_get_name_owner(self->proxy);

        g_clear_handle_id(&self->away_timeout, g_source_remove);
        self->subscribed_usec = 0;
        p2s_series_break(self->series);

        if (owner) {
                p2s_service_sync(self);
                set_state(self, P2S_SERVICE_RUNNING);
                p2s_service_stream_update(self);
                p2s_service_calls_owner(self);
        } else if (self->state == P2S_SERVICE_RUNNING) {
                set_state(self, P2S_SERVICE_AWAY);
                self->away_timeout = g_timeout_add(AWAY_MS, on_away_timeout, self);
        } else {
                explain_absence(self);
        }
}

static void on_signal(P2sService *self, const char *sender, const char *name, GVariant *parameters)
{
        if (g_str_equal(name, "Sample"))
                p2s_service_stream_sample(self, parameters);
        else if (g_str_equal(name, "CallAdded") || g_str_equal(name, "CallRemoved"))
                p2s_service_calls_refresh(self, FALSE);
}

static void on_bus_closed(P2sService *self)
{
        g_clear_handle_id(&self->away_timeout, g_source_remove);
        self->subscribed_usec = 0;
        set_state(self, P2S_SERVICE_NO_BUS);
}

static void on_proxy(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        GDBusProxy *proxy = g_dbus_proxy_new_finish(result, &error);
        P2sService *self;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_SERVICE(data);
        if (!proxy) {
                set_state(self, P2S_SERVICE_NO_BUS);
                return;
        }
        self->proxy = proxy;
        g_signal_connect_object(proxy, "notify::g-name-owner", G_CALLBACK(on_owner), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(proxy, "g-properties-changed", G_CALLBACK(p2s_service_sync), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(proxy, "g-signal", G_CALLBACK(on_signal), self, G_CONNECT_SWAPPED);
        on_owner(self);
}

static void on_bus(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        GDBusConnection *bus = g_bus_get_finish(result, &error);
        P2sService *self;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_SERVICE(data);
        if (!bus) {
                set_state(self, P2S_SERVICE_NO_BUS);
                return;
        }
        self->bus = bus;
        g_dbus_connection_set_exit_on_close(bus, FALSE);
        g_signal_connect_object(bus, "closed", G_CALLBACK(on_bus_closed), self, G_CONNECT_SWAPPED);
        /* The proxy checks every answer against it. */
        g_dbus_proxy_new(bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                         p2s_interface_get(P2S_BUS_IFACE), P2S_BUS_NAME, P2S_BUS_PATH,
                         P2S_BUS_IFACE, self->cancellable, on_proxy, self);
}

P2sServiceState p2s_service_get_state(P2sService *self)
{
        return self->state;
}

const char *p2s_service_get_mode(P2sService *self)
{
        return self->mode;
}

const char *p2s_service_get_effective_mode(P2sService *self)
{
        return self->effective_mode;
}

gboolean p2s_service_get_pending(P2sService *self)
{
        return self->n_pending > 0;
}

P2sLink *p2s_service_get_link(P2sService *self)
{
        return self->link;
}

gboolean p2s_service_get_calls_hidden(P2sService *self)
{
        return self->calls_hidden;
}

P2sSeries *p2s_service_get_series(P2sService *self)
{
        return self->series;
}

GListModel *p2s_service_get_links(P2sService *self)
{
        return G_LIST_MODEL(self->links);
}

GListModel *p2s_service_get_rules(P2sService *self)
{
        return G_LIST_MODEL(self->rules);
}

GListModel *p2s_service_get_dscps(P2sService *self)
{
        return G_LIST_MODEL(self->dscps);
}

GListModel *p2s_service_get_networks(P2sService *self)
{
        return G_LIST_MODEL(self->networks);
}

GListModel *p2s_service_get_findings(P2sService *self)
{
        return G_LIST_MODEL(self->findings);
}

GListModel *p2s_service_get_calls(P2sService *self)
{
        return G_LIST_MODEL(self->calls);
}

GListModel *p2s_service_get_ended_calls(P2sService *self)
{
        return G_LIST_MODEL(self->ended_calls);
}

static void p2s_service_get_property(GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
        P2sService *self = P2S_SERVICE(object);

        switch (prop) {
        case P2S_SERVICE_PROP_STATE:
                g_value_set_enum(value, (int)self->state);
                break;
        case P2S_SERVICE_PROP_MODE:
                g_value_set_string(value, self->mode);
                break;
        case P2S_SERVICE_PROP_EFFECTIVE_MODE:
                g_value_set_string(value, self->effective_mode);
                break;
        case P2S_SERVICE_PROP_PENDING:
                g_value_set_boolean(value, self->n_pending > 0);
                break;
        case P2S_SERVICE_PROP_LINK:
                g_value_set_object(value, self->link);
                break;
        case P2S_SERVICE_PROP_CALLS_HIDDEN:
                g_value_set_boolean(value, self->calls_hidden);
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, prop, pspec);
        }
}

static void p2s_service_dispose(GObject *object)
{
        P2sService *self = P2S_SERVICE(object);

        g_cancellable_cancel(self->cancellable);
        g_clear_handle_id(&self->away_timeout, g_source_remove);
        g_clear_object(&self->proxy);
        g_clear_object(&self->bus);
        g_clear_object(&self->link);
        G_OBJECT_CLASS(p2s_service_parent_class)->dispose(object);
}

static void p2s_service_finalize(GObject *object)
{
        P2sService *self = P2S_SERVICE(object);

        g_clear_object(&self->cancellable);
        g_clear_object(&self->series);
        g_clear_object(&self->calls);
        g_clear_object(&self->ended_calls);
        g_clear_object(&self->links);
        g_clear_object(&self->rules);
        g_clear_object(&self->dscps);
        g_clear_object(&self->findings);
        g_clear_object(&self->networks);
        g_free(self->interface);
        g_free(self->chosen_link);
        g_free(self->mode);
        g_free(self->effective_mode);
        g_ref_string_release(self->mode_when_on);
        G_OBJECT_CLASS(p2s_service_parent_class)->finalize(object);
}

static void p2s_service_class_init(P2sServiceClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);
        const GParamFlags flags =
                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

        object_class->get_property = p2s_service_get_property;
        object_class->dispose = p2s_service_dispose;
        object_class->finalize = p2s_service_finalize;

        props[P2S_SERVICE_PROP_STATE] = g_param_spec_enum(
                "state", NULL, NULL, P2S_TYPE_SERVICE_STATE, P2S_SERVICE_CONNECTING, flags);
        props[P2S_SERVICE_PROP_MODE] = g_param_spec_string("mode", NULL, NULL, NULL, flags);
        props[P2S_SERVICE_PROP_EFFECTIVE_MODE] =
                g_param_spec_string("effective-mode", NULL, NULL, NULL, flags);
        props[P2S_SERVICE_PROP_PENDING] = g_param_spec_boolean("pending", NULL, NULL, FALSE, flags);
        props[P2S_SERVICE_PROP_LINK] =
                g_param_spec_object("link", NULL, NULL, P2S_TYPE_LINK, flags);
        props[P2S_SERVICE_PROP_CALLS_HIDDEN] =
                g_param_spec_boolean("calls-hidden", NULL, NULL, FALSE, flags);
        g_object_class_install_properties(object_class, P2S_SERVICE_N_PROPS, props);
}

static void p2s_service_init(P2sService *self)
{
        self->cancellable = g_cancellable_new();
        self->series = p2s_series_new(P2S_SERIES_CAPACITY, P2S_SERIES_SPAN_USEC);
        self->mode_when_off = "off";
        self->mode_when_on = g_ref_string_new_intern("shape");
        self->calls = g_list_store_new(P2S_TYPE_CALL);
        g_signal_connect_object(self->calls, "items-changed", G_CALLBACK(p2s_service_stream_update),
                                self, G_CONNECT_SWAPPED);
        self->ended_calls = g_list_store_new(P2S_TYPE_CALL);
        self->links = g_list_store_new(P2S_TYPE_LINK);
        self->rules = g_list_store_new(P2S_TYPE_RULE);
        self->dscps = g_list_store_new(P2S_TYPE_RULE);
        self->findings = g_list_store_new(P2S_TYPE_FINDING);
        self->networks = g_list_store_new(P2S_TYPE_NETWORK);
        g_bus_get(G_BUS_TYPE_SYSTEM, self->cancellable, on_bus, self);
}

P2sService *p2s_service_new(void)
{
        return g_object_new(P2S_TYPE_SERVICE, NULL);
}
