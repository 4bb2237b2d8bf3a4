/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "dscp-row.h"

struct _P2sDscpRow {
        AdwComboRow parent_instance;
        P2sRule *dscp;
};

G_DEFINE_FINAL_TYPE(P2sDscpRow, p2s_dscp_row, ADW_TYPE_COMBO_ROW)

static const char *const classes[] = {"voice", "video", "general"};

enum {
        CLASS,
        REMOVED,
        N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void on_selected(P2sDscpRow *self)
{
        guint i = adw_combo_row_get_selected(ADW_COMBO_ROW(self));

        if (i < G_N_ELEMENTS(classes) && g_strcmp0(classes[i], self->dscp->class) != 0)
                g_signal_emit(self, signals[CLASS], 0, classes[i]);
}

static void on_remove(P2sDscpRow *self)
{
        g_signal_emit(self, signals[REMOVED], 0);
}

static void p2s_dscp_row_dispose(GObject *object)
{
        g_clear_object(&P2S_DSCP_ROW(object)->dscp);
        G_OBJECT_CLASS(p2s_dscp_row_parent_class)->dispose(object);
}

static void p2s_dscp_row_class_init(P2sDscpRowClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_dscp_row_dispose;
        signals[CLASS] = g_signal_new("class", P2S_TYPE_DSCP_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
        signals[REMOVED] = g_signal_new("removed", P2S_TYPE_DSCP_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
}

static void p2s_dscp_row_init(P2sDscpRow *self)
{
        g_autoptr(GtkStringList) titles = gtk_string_list_new(NULL);

        for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
                gtk_string_list_append(titles, p2s_class_title(classes[i]));
        adw_combo_row_set_model(ADW_COMBO_ROW(self), G_LIST_MODEL(titles));
}

GtkWidget *p2s_dscp_row_new(P2sRule *dscp)
{
        P2sDscpRow *self = g_object_new(P2S_TYPE_DSCP_ROW, NULL);
        GtkWidget *remove = gtk_button_new_from_icon_name("user-trash-symbolic");
        g_autofree char *title = p2s_rule_dscp(dscp);
        /* Translators: %s is a DSCP value, like "46 (EF)" */
        g_autofree char *label = g_strdup_printf(_("Remove %s"), title);

        self->dscp = g_object_ref(dscp);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), title);
        for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
                if (g_str_equal(classes[i], dscp->class))
                        adw_combo_row_set_selected(ADW_COMBO_ROW(self), i);
        g_signal_connect_swapped(self, "notify::selected", G_CALLBACK(on_selected), self);

        gtk_widget_set_valign(remove, GTK_ALIGN_CENTER);
        gtk_widget_set_tooltip_text(remove, label);
        gtk_accessible_update_property(GTK_ACCESSIBLE(remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                       -1);
        gtk_widget_add_css_class(remove, "flat");
        g_signal_connect_swapped(remove, "clicked", G_CALLBACK(on_remove), self);
        adw_action_row_add_suffix(ADW_ACTION_ROW(self), remove);
        return GTK_WIDGET(self);
}

P2sRule *p2s_dscp_row_get_dscp(P2sDscpRow *self)
{
        return self->dscp;
}
