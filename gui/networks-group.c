/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "networks-group.h"
#include "question.h"
#include "toast.h"

struct _P2sNetworksGroup {
        AdwPreferencesGroup parent_instance;
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sNetworksGroup, p2s_networks_group, ADW_TYPE_PREFERENCES_GROUP)

static void on_forgotten(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GtkWidget) button = data;
        g_autoptr(GError) error = NULL;

        /* If it worked, the row is gone or goes. */
        if (!p2s_service_request_finish(P2S_SERVICE(source), result, &error)) {
                p2s_toast_error(button, error);
                gtk_widget_set_sensitive(button, TRUE);
        }
}

static void on_response(GtkWidget *button, const char *response)
{
        GtkWidget *group = gtk_widget_get_ancestor(button, P2S_TYPE_NETWORKS_GROUP);

        /* Without a group it is forgotten already. */
        if (!group || !g_str_equal(response, "yes"))
                return;
        gtk_widget_set_sensitive(button, FALSE);
        p2s_service_forget_network_async(P2S_NETWORKS_GROUP(group)->service,
                                         g_object_get_data(G_OBJECT(button), "network"),
                                         on_forgotten, g_object_ref(button));
}

/* The rates of a network can be set while the link is on it alone, so that what is
 * forgotten elsewhere cannot be brought back: it is asked first. */
static void on_forget(GtkWidget *button, P2sNetwork *network)
{
        /* Translators: %s is the name of a network */
        g_autofree char *heading =
                g_strdup_printf(_("Forget the Speed of %s?"), p2s_network_title(network));
        /* Translators: button: a network's rates */
        const char *verb = _("Forget");
        GtkWindow *dialog = p2s_question_new(
                button, heading, _("You can give it again when you are on that network."), verb);

        g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), button,
                                G_CONNECT_SWAPPED);
        gtk_window_present(dialog);
}

static GtkWidget *create_row(gpointer item, gpointer data)
{
        P2sNetwork *network = item;
        GtkWidget *row = adw_action_row_new();
        GtkWidget *forget = gtk_button_new_from_icon_name("user-trash-symbolic");
        g_autofree char *words = p2s_network_words(network);
        /* Translators: %s is the name of a network, whose rates are forgotten */
        g_autofree char *label = g_strdup_printf(_("Forget %s"), p2s_network_title(network));

        /* What a network is called is nobody's markup. */
        adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), p2s_network_title(network));
        adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
        adw_action_row_set_subtitle(ADW_ACTION_ROW(row), words);
        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);

        gtk_widget_set_valign(forget, GTK_ALIGN_CENTER);
        gtk_widget_set_tooltip_text(forget, label);
        gtk_accessible_update_property(GTK_ACCESSIBLE(forget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                       -1);
        gtk_widget_add_css_class(forget, "flat");
        g_object_set_data_full(G_OBJECT(forget), "network", g_object_ref(network), g_object_unref);
        g_signal_connect_object(forget, "clicked", G_CALLBACK(on_forget), network, 0);
        adw_action_row_add_suffix(ADW_ACTION_ROW(row), forget);
        return row;
}

static void on_networks(P2sNetworksGroup *self)
{
        gtk_widget_set_visible(GTK_WIDGET(self), g_list_model_get_n_items(p2s_service_get_networks(
                                                         self->service)) > 0);
}

static void p2s_networks_group_dispose(GObject *object)
{
        g_clear_object(&P2S_NETWORKS_GROUP(object)->service);
        G_OBJECT_CLASS(p2s_networks_group_parent_class)->dispose(object);
}

static void p2s_networks_group_class_init(P2sNetworksGroupClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_networks_group_dispose;
}

static void p2s_networks_group_init(P2sNetworksGroup *self)
{
        adw_preferences_group_set_title(ADW_PREFERENCES_GROUP(self), _("Remembered Speeds"));
        adw_preferences_group_set_description(
                ADW_PREFERENCES_GROUP(self),
                _("The speed you give on a network is used whenever you are on it."));
}

GtkWidget *p2s_networks_group_new(P2sService *service)
{
        P2sNetworksGroup *self = g_object_new(P2S_TYPE_NETWORKS_GROUP, NULL);
        GListModel *networks = p2s_service_get_networks(service);
        GtkWidget *list = gtk_list_box_new();

        self->service = g_object_ref(service);
        gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
        gtk_widget_add_css_class(list, "boxed-list");
        gtk_list_box_bind_model(GTK_LIST_BOX(list), networks, create_row, NULL, NULL);
        adw_preferences_group_add(ADW_PREFERENCES_GROUP(self), list);
        g_signal_connect_object(networks, "items-changed", G_CALLBACK(on_networks), self,
                                G_CONNECT_SWAPPED);
        on_networks(self);
        return GTK_WIDGET(self);
}
