/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "connection-page.h"
#include "link-group.h"
#include "networks-group.h"
#include "toast.h"

struct _P2sConnectionPage {
        AdwBin parent_instance;
        AdwPreferencesPage *page;
        GtkWidget *advice;
        GtkListBox *findings;
        GPtrArray *groups;             /* P2sLinkGroup */
        AdwPreferencesGroup *speeds;   /* that are remembered */
        AdwPreferencesGroup *networks; /* which are looked after; the last group */
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sConnectionPage, p2s_connection_page, ADW_TYPE_BIN)

static void on_set(GObject *source, GAsyncResult *result, gpointer data);

static void on_network(P2sConnectionPage *self, GParamSpec *pspec, GtkSwitch *toggle)
{
        const char *name = g_object_get_data(G_OBJECT(toggle), "name");
        GVariant *none = g_variant_new_array(G_VARIANT_TYPE("{sv}"), NULL, 0);

        gtk_widget_set_sensitive(GTK_WIDGET(toggle), FALSE);
        if (gtk_switch_get_active(toggle)) {
                p2s_service_set_link_async(self->service, name, 0, 0, none, on_set,
                                           g_object_ref(self));
        } else {
                g_variant_unref(g_variant_ref_sink(none));
                p2s_service_unset_link_async(self->service, name, on_set, g_object_ref(self));
        }
}

static void add_network(P2sConnectionPage *self, const char *name, const char *title,
                        const char *subtitle, gboolean managed)
{
        GtkWidget *row = adw_action_row_new(), *toggle = gtk_switch_new();

        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
        adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
        gtk_widget_set_valign(toggle, GTK_ALIGN_CENTER);
        gtk_switch_set_active(GTK_SWITCH(toggle), managed);
        g_object_set_data_full(G_OBJECT(toggle), "name", g_strdup(name), g_free);
        g_signal_connect_object(toggle, "notify::active", G_CALLBACK(on_network), self,
                                G_CONNECT_SWAPPED);
        adw_action_row_add_suffix(ADW_ACTION_ROW(row), toggle);
        adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), toggle);
        adw_preferences_group_add(self->networks, row);
}

/* Interfaces of hardware, and what p2sd manages already, sorted. */
static GPtrArray *interfaces(P2sConnectionPage *self)
{
        GListModel *links = p2s_service_get_links(self->service);
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GDir) dir = g_dir_open("/sys/class/net", 0, NULL);
        const char *name;

        for (guint i = 0; i < g_list_model_get_n_items(links); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(links, i);

                if (g_strcmp0(link->name, "auto") != 0)
                        g_ptr_array_add(names, g_strdup(link->name));
        }
        while (dir && (name = g_dir_read_name(dir))) {
                g_autofree char *device = g_build_filename("/sys/class/net", name, "device", NULL);

                if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL) &&
                    g_file_test(device, G_FILE_TEST_EXISTS))
                        g_ptr_array_add(names, g_strdup(name));
        }
        return names;
}

static gboolean is_managed(P2sConnectionPage *self, const char *name)
{
        GListModel *links = p2s_service_get_links(self->service);

        for (guint i = 0; i < g_list_model_get_n_items(links); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(links, i);

                if (g_strcmp0(link->name, name) == 0)
                        return TRUE;
        }
        return FALSE;
}

/* The groups of the links, the speeds, then the choice of networks. */
static void fill(P2sConnectionPage *self)
{
        GListModel *links = p2s_service_get_links(self->service);
        g_autoptr(GPtrArray) names = interfaces(self);

        for (guint i = 0; i < self->groups->len; i++)
                adw_preferences_page_remove(self->page, g_ptr_array_index(self->groups, i));
        g_ptr_array_set_size(self->groups, 0);
        if (self->networks) {
                adw_preferences_page_remove(self->page, self->speeds);
                adw_preferences_page_remove(self->page, self->networks);
        }

        for (guint i = 0; i < g_list_model_get_n_items(links); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(links, i);
                GtkWidget *group = p2s_link_group_new(self->service, link);

                adw_preferences_page_add(self->page, ADW_PREFERENCES_GROUP(group));
                g_ptr_array_add(self->groups, group);
        }

        adw_preferences_page_add(self->page, self->speeds);
        self->networks = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
        adw_preferences_group_set_title(self->networks, _("Networks"));
        adw_preferences_group_set_description(self->networks, _("Where P2S looks after calls."));
        add_network(self, "auto", _("Automatic"), _("The connection in use, whichever it is"),
                    is_managed(self, "auto"));
        for (guint i = 0; i < names->len; i++) {
                const char *name = g_ptr_array_index(names, i);
                g_autofree char *title = p2s_link_title(name);

                add_network(self, name, title, g_str_equal(title, name) ? NULL : name,
                            is_managed(self, name));
        }
        adw_preferences_page_add(self->page, self->networks);
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(P2sConnectionPage) self = P2S_CONNECTION_PAGE(data);
        g_autoptr(GError) error = NULL;

        if (!p2s_service_request_finish(P2S_SERVICE(source), result, &error))
                p2s_toast_error(GTK_WIDGET(self), error);
        /* The switch shows what is so, whether it worked or not. */
        if (self->service)
                fill(self);
}

static GtkWidget *create_finding(gpointer item, gpointer data)
{
        static const char *const icons[] = {
                [P2S_SEVERITY_NOTE] = "dialog-information-symbolic",
                [P2S_SEVERITY_WARNING] = "dialog-warning-symbolic",
                [P2S_SEVERITY_ERROR] = "dialog-error-symbolic",
        };
        P2sFinding *finding = item;
        GtkWidget *row = adw_action_row_new();

        adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), finding->title);
        adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
        adw_action_row_set_subtitle(ADW_ACTION_ROW(row), finding->remedy);
        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
        adw_action_row_set_icon_name(ADW_ACTION_ROW(row), icons[finding->severity]);
        gtk_widget_set_focusable(row, TRUE);
        return row;
}

static void on_findings(P2sConnectionPage *self)
{
        gtk_widget_set_visible(self->advice, g_list_model_get_n_items(
                                                     p2s_service_get_findings(self->service)) > 0);
}

static void diagnose(P2sConnectionPage *self)
{
        if (self->service && gtk_widget_get_mapped(GTK_WIDGET(self)))
                p2s_service_diagnose(self->service);
}

/* Looked at anew whenever somebody looks. */
static void p2s_connection_page_map(GtkWidget *widget)
{
        GTK_WIDGET_CLASS(p2s_connection_page_parent_class)->map(widget);
        diagnose(P2S_CONNECTION_PAGE(widget));
}

static void p2s_connection_page_dispose(GObject *object)
{
        P2sConnectionPage *self = P2S_CONNECTION_PAGE(object);

        g_clear_object(&self->service);
        g_clear_pointer(&self->groups, g_ptr_array_unref);
        g_clear_object(&self->speeds);
        G_OBJECT_CLASS(p2s_connection_page_parent_class)->dispose(object);
}

static void p2s_connection_page_class_init(P2sConnectionPageClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_connection_page_dispose;
        widget_class->map = p2s_connection_page_map;
        gtk_widget_class_set_template_from_resource(widget_class,
                                                    "/org/p2s/Panel/connection-page.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sConnectionPage, page);
        gtk_widget_class_bind_template_child(widget_class, P2sConnectionPage, advice);
        gtk_widget_class_bind_template_child(widget_class, P2sConnectionPage, findings);
}

static void p2s_connection_page_init(P2sConnectionPage *self)
{
        self->groups = g_ptr_array_new();
        gtk_widget_init_template(GTK_WIDGET(self));
}

void p2s_connection_page_set_service(P2sConnectionPage *self, P2sService *service)
{
        GListModel *findings = p2s_service_get_findings(service);

        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        self->speeds = g_object_ref_sink(ADW_PREFERENCES_GROUP(p2s_networks_group_new(service)));
        gtk_list_box_bind_model(self->findings, findings, create_finding, NULL, NULL);
        g_signal_connect_object(findings, "items-changed", G_CALLBACK(on_findings), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(p2s_service_get_links(service), "items-changed", G_CALLBACK(fill),
                                self, G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::link", G_CALLBACK(diagnose), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::effective-mode", G_CALLBACK(diagnose), self,
                                G_CONNECT_SWAPPED);
        fill(self);
}
