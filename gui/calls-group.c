/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "call-row.h"
#include "calls-group.h"
#include "mode.h"

struct _P2sCallsGroup {
        AdwPreferencesGroup parent_instance;
        GtkListBox *list, *quiet, *ended;
        GtkWidget *hidden, *ended_title;
        AdwActionRow *none;
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sCallsGroup, p2s_calls_group, ADW_TYPE_PREFERENCES_GROUP)

static void update(P2sCallsGroup *self)
{
        GListModel *calls = p2s_service_get_calls(self->service);
        gboolean any = g_list_model_get_n_items(calls) > 0;
        gboolean over = g_list_model_get_n_items(p2s_service_get_ended_calls(self->service)) > 0;
        gboolean hidden = p2s_service_get_calls_hidden(self->service);
        gboolean measures = p2s_mode_measures(p2s_service_get_effective_mode(self->service));

        gtk_widget_set_visible(GTK_WIDGET(self->list), any);
        gtk_widget_set_visible(GTK_WIDGET(self->quiet), !any);
        gtk_widget_set_visible(self->hidden, hidden);
        gtk_widget_set_visible(self->ended_title, over);
        gtk_widget_set_visible(GTK_WIDGET(self->ended), over);
        gtk_widget_set_visible(GTK_WIDGET(self->none), !hidden);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self->none),
                                      measures ? _("No call at present")
                                               : _("Calls are not looked for while P2S is off"));
}

static GtkWidget *create_row(gpointer item, gpointer data)
{
        return p2s_call_row_new(P2S_CALL(item));
}

static void on_unhide(P2sCallsGroup *self)
{
        p2s_service_unhide_calls(self->service);
}

static void p2s_calls_group_dispose(GObject *object)
{
        g_clear_object(&P2S_CALLS_GROUP(object)->service);
        G_OBJECT_CLASS(p2s_calls_group_parent_class)->dispose(object);
}

static void p2s_calls_group_class_init(P2sCallsGroupClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_calls_group_dispose;
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/calls-group.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, list);
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, quiet);
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, ended);
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, ended_title);
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, hidden);
        gtk_widget_class_bind_template_child(widget_class, P2sCallsGroup, none);
        gtk_widget_class_bind_template_callback(widget_class, on_unhide);
}

static void p2s_calls_group_init(P2sCallsGroup *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

void p2s_calls_group_set_service(P2sCallsGroup *self, P2sService *service)
{
        GListModel *calls = p2s_service_get_calls(service);

        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        gtk_list_box_bind_model(self->list, calls, create_row, NULL, NULL);
        gtk_list_box_bind_model(self->ended, p2s_service_get_ended_calls(service), create_row, NULL,
                                NULL);
        g_signal_connect_object(p2s_service_get_ended_calls(service), "items-changed",
                                G_CALLBACK(update), self, G_CONNECT_SWAPPED);
        g_signal_connect_object(calls, "items-changed", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::calls-hidden", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::effective-mode", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        update(self);
}
