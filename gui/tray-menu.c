/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>

#include "interface.h"
#include "mode.h"
#include "tray-menu.h"

#define IFACE "com.canonical.dbusmenu"

/* Their ids. */
enum {
        ROOT,
        TOGGLE,
        LINE,
        SEPARATOR,
        OPEN,
        QUIT,
        N_ITEMS,
};

struct _P2sTrayMenu {
        GObject parent_instance;
        GApplication *application;
        GDBusConnection *bus;
        P2sStatus *status;
        char *path;
        guint exported;
        guint revision;  /* of the layout */
        gboolean toggle; /* is in the layout */
};

G_DEFINE_FINAL_TYPE(P2sTrayMenu, p2s_tray_menu, G_TYPE_OBJECT)

static P2sService *service(P2sTrayMenu *self)
{
        return p2s_status_get_service(self->status);
}

static gboolean is_on(P2sTrayMenu *self)
{
        return p2s_mode_prioritises(p2s_service_get_effective_mode(service(self)));
}

/* Without a service there is nothing to switch. */
static gboolean has_toggle(P2sTrayMenu *self)
{
        P2sServiceState state = p2s_service_get_state(service(self));

        return state == P2S_SERVICE_RUNNING || state == P2S_SERVICE_AWAY;
}

static gboolean is_there(P2sTrayMenu *self, int id)
{
        return id >= 0 && id < N_ITEMS && (id != TOGGLE || self->toggle);
}

/* names: those that are wanted; none: all. */
static void add(GVariantBuilder *builder, const char *const *names, const char *name,
                GVariant *value)
{
        g_autoptr(GVariant) v = g_variant_ref_sink(value);

        if (!names || !names[0] || g_strv_contains(names, name))
                g_variant_builder_add(builder, "{sv}", name, v);
}

/* a{sv}, as the interface describes them; what is as usual is left out. */
static GVariant *properties(P2sTrayMenu *self, int id, const char *const *names)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
        switch (id) {
        case ROOT:
                add(&builder, names, "children-display", g_variant_new_string("submenu"));
                break;
        case TOGGLE:
                add(&builder, names, "label", g_variant_new_string(_("_Prioritise Calls")));
                add(&builder, names, "toggle-type", g_variant_new_string("checkmark"));
                add(&builder, names, "toggle-state", g_variant_new_int32(is_on(self)));
                add(&builder, names, "enabled",
                    g_variant_new_boolean(p2s_service_get_state(service(self)) ==
                                                  P2S_SERVICE_RUNNING &&
                                          !p2s_service_get_pending(service(self))));
                break;
        case LINE:
                add(&builder, names, "label",
                    g_variant_new_string(p2s_status_get_line(self->status)));
                add(&builder, names, "enabled", g_variant_new_boolean(FALSE));
                break;
        case SEPARATOR:
                add(&builder, names, "type", g_variant_new_string("separator"));
                break;
        case OPEN:
                add(&builder, names, "label", g_variant_new_string(_("Open P2S")));
                break;
        case QUIT:
                add(&builder, names, "label", g_variant_new_string(_("Quit")));
                break;
        default:
                g_assert_not_reached();
        }
        return g_variant_builder_end(&builder);
}

/* (ia{sv}av); depth: levels below it, -1: all. */
static GVariant *layout(P2sTrayMenu *self, int id, int depth, const char *const *names)
{
        GVariantBuilder children;

        g_variant_builder_init(&children, G_VARIANT_TYPE("av"));
        for (int child = ROOT + 1; id == ROOT && depth != 0 && child < N_ITEMS; child++)
                if (is_there(self, child))
                        g_variant_builder_add(&children, "v",
                                              layout(self, child, depth - 1, names));
        return g_variant_new("(i@a{sv}av)", id, properties(self, id, names), &children);
}

static void answer_layout(P2sTrayMenu *self, GVariant *parameters,
                          GDBusMethodInvocation *invocation)
{
        g_autofree const char **names = NULL;
        int id, depth;

        g_variant_get(parameters, "(ii^a&s)", &id, &depth, &names);
        if (!is_there(self, id))
                g_dbus_method_invocation_return_error(invocation, G_DBUS_ERROR,
                                                      G_DBUS_ERROR_INVALID_ARGS,
                                                      "There is no item %d", id);
        else
                g_dbus_method_invocation_return_value(
                        invocation, g_variant_new("(u@(ia{sv}av))", self->revision,
                                                  layout(self, id, depth, names)));
}

static void answer_group(P2sTrayMenu *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
        g_autofree const char **names = NULL;
        g_autoptr(GVariantIter) ids = NULL;
        GVariantBuilder items;
        int id;

        g_variant_get(parameters, "(ai^a&s)", &ids, &names);
        g_variant_builder_init(&items, G_VARIANT_TYPE("a(ia{sv})"));
        if (g_variant_iter_n_children(ids) == 0) {
                /* none means all */
                for (id = ROOT; id < N_ITEMS; id++)
                        if (is_there(self, id))
                                g_variant_builder_add(&items, "(i@a{sv})", id,
                                                      properties(self, id, names));
        }
        while (g_variant_iter_next(ids, "i", &id))
                if (is_there(self, id))
                        g_variant_builder_add(&items, "(i@a{sv})", id, properties(self, id, names));
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(a(ia{sv}))", &items));
}

static void answer_property(P2sTrayMenu *self, GVariant *parameters,
                            GDBusMethodInvocation *invocation)
{
        g_autoptr(GVariant) all = NULL, value = NULL;
        const char *name;
        int id;

        g_variant_get(parameters, "(i&s)", &id, &name);
        if (is_there(self, id)) {
                all = g_variant_ref_sink(properties(self, id, NULL));
                value = g_variant_lookup_value(all, name, NULL);
        }
        if (value)
                g_dbus_method_invocation_return_value(invocation, g_variant_new("(v)", value));
        else
                g_dbus_method_invocation_return_error(invocation, G_DBUS_ERROR,
                                                      G_DBUS_ERROR_INVALID_ARGS,
                                                      "Item %d has no property %s", id, name);
}

/* FALSE: there is no such item. */
static gboolean take_event(P2sTrayMenu *self, int id, const char *event)
{
        if (!is_there(self, id))
                return FALSE;
        if (!g_str_equal(event, "clicked"))
                return TRUE;
        if (id == TOGGLE)
                g_action_group_activate_action(G_ACTION_GROUP(self->application), "prioritise",
                                               g_variant_new_boolean(!is_on(self)));
        else if (id == OPEN)
                g_application_activate(self->application);
        else if (id == QUIT)
                g_action_group_activate_action(G_ACTION_GROUP(self->application), "quit", NULL);
        return TRUE;
}

static void answer_event(P2sTrayMenu *self, GVariant *parameters, GDBusMethodInvocation *invocation)
{
        const char *event;
        int id;

        g_variant_get(parameters, "(i&svu)", &id, &event, NULL, NULL);
        if (is_there(self, id))
                g_dbus_method_invocation_return_value(invocation, NULL);
        else
                g_dbus_method_invocation_return_error(invocation, G_DBUS_ERROR,
                                                      G_DBUS_ERROR_INVALID_ARGS,
                                                      "There is no item %d", id);
        (void)take_event(self, id, event);
}

static void answer_events(P2sTrayMenu *self, GVariant *parameters,
                          GDBusMethodInvocation *invocation)
{
        g_autoptr(GVariantIter) events = NULL;
        GVariantBuilder unknown;
        const char *event;
        int id;

        g_variant_get(parameters, "(a(isvu))", &events);
        g_variant_builder_init(&unknown, G_VARIANT_TYPE("ai"));
        while (g_variant_iter_next(events, "(i&svu)", &id, &event, NULL, NULL))
                if (!take_event(self, id, event))
                        g_variant_builder_add(&unknown, "i", id);
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(ai)", &unknown));
}

static void on_call(GDBusConnection *bus, const char *sender, const char *path, const char *iface,
                    const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
                    gpointer data)
{
        static const struct {
                const char *method;
                void (*answer)(P2sTrayMenu *self, GVariant *parameters,
                               GDBusMethodInvocation *invocation);
        } table[] = {
                {"GetLayout", answer_layout},     {"GetGroupProperties", answer_group},
                {"GetProperty", answer_property}, {"Event", answer_event},
                {"EventGroup", answer_events},
        };

        for (guint i = 0; i < G_N_ELEMENTS(table); i++)
                if (g_str_equal(method, table[i].method)) {
                        table[i].answer(P2S_TRAY_MENU(data), parameters, invocation);
                        return;
                }
        /* It is always up to date: each change was told. */
        g_dbus_method_invocation_return_value(invocation,
                                              g_str_equal(method, "AboutToShow")
                                                      ? g_variant_new("(b)", FALSE)
                                                      : g_variant_new("(aiai)", NULL, NULL));
}

static GVariant *on_get(GDBusConnection *bus, const char *sender, const char *path,
                        const char *iface, const char *property, GError **error, gpointer data)
{
        if (g_str_equal(property, "Version"))
                return g_variant_new_uint32(3);
        if (g_str_equal(property, "TextDirection"))
                return g_variant_new_string(
                        gtk_widget_get_default_direction() == GTK_TEXT_DIR_RTL ? "rtl" : "ltr");
        if (g_str_equal(property, "Status"))
                return g_variant_new_string("normal");
        g_assert(g_str_equal(property, "IconThemePath"));
        return g_variant_new_strv(NULL, 0);
}

static const GDBusInterfaceVTable vtable = {on_call, on_get, NULL, {0}};

static void tell(P2sTrayMenu *self, int id, const char *const *names)
{
        GVariantBuilder items;

        g_variant_builder_init(&items, G_VARIANT_TYPE("a(ia{sv})"));
        g_variant_builder_add(&items, "(i@a{sv})", id, properties(self, id, names));
        g_dbus_connection_emit_signal(self->bus, NULL, self->path, IFACE, "ItemsPropertiesUpdated",
                                      g_variant_new("(a(ia{sv})a(ias))", &items, NULL), NULL);
}

static void on_line(P2sTrayMenu *self)
{
        static const char *const names[] = {"label", NULL};

        tell(self, LINE, names);
}

static void on_toggle(P2sTrayMenu *self)
{
        static const char *const names[] = {"toggle-state", "enabled", NULL};

        if (self->toggle != has_toggle(self)) {
                self->toggle = has_toggle(self);
                g_dbus_connection_emit_signal(self->bus, NULL, self->path, IFACE, "LayoutUpdated",
                                              g_variant_new("(ui)", ++self->revision, ROOT), NULL);
        }
        if (self->toggle)
                tell(self, TOGGLE, names);
}

static void p2s_tray_menu_dispose(GObject *object)
{
        P2sTrayMenu *self = P2S_TRAY_MENU(object);

        if (self->exported)
                g_dbus_connection_unregister_object(self->bus, self->exported);
        self->exported = 0;
        g_clear_object(&self->status);
        g_clear_object(&self->bus);
        g_clear_pointer(&self->path, g_free);
        G_OBJECT_CLASS(p2s_tray_menu_parent_class)->dispose(object);
}

static void p2s_tray_menu_class_init(P2sTrayMenuClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_tray_menu_dispose;
}

static void p2s_tray_menu_init(P2sTrayMenu *self)
{
        self->revision = 1;
}

P2sTrayMenu *p2s_tray_menu_new(GApplication *application, P2sStatus *status, GDBusConnection *bus,
                               const char *path)
{
        static const char *const watched[] = {"notify::state", "notify::effective-mode",
                                              "notify::pending"};
        P2sTrayMenu *self = g_object_new(P2S_TYPE_TRAY_MENU, NULL);

        self->application = application;
        self->status = g_object_ref(status);
        self->bus = g_object_ref(bus);
        self->path = g_strdup(path);
        self->toggle = has_toggle(self);
        self->exported = g_dbus_connection_register_object(bus, path, p2s_interface_get(IFACE),
                                                           &vtable, self, NULL, NULL);
        for (guint i = 0; i < G_N_ELEMENTS(watched); i++)
                g_signal_connect_object(p2s_status_get_service(status), watched[i],
                                        G_CALLBACK(on_toggle), self, G_CONNECT_SWAPPED);
        g_signal_connect_object(status, "notify::line", G_CALLBACK(on_line), self,
                                G_CONNECT_SWAPPED);
        return self;
}
