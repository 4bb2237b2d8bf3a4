/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "preset-row.h"

struct _P2sPresetRow {
        AdwActionRow parent_instance;
        GtkWidget *add, *added;
        P2sPreset *preset;
        GListModel *rules;
};

G_DEFINE_FINAL_TYPE(P2sPresetRow, p2s_preset_row, ADW_TYPE_ACTION_ROW)

static guint add_signal;

static void update(P2sPresetRow *self)
{
        GPtrArray *rules = self->preset->rules;
        gboolean covered = rules->len > 0;

        for (guint i = 0; covered && i < rules->len; i++)
                covered = p2s_rules_cover(self->rules, g_ptr_array_index(rules, i));
        gtk_widget_set_visible(self->add, rules->len > 0 && !covered);
        gtk_widget_set_visible(self->added, covered);
}

static void on_add(P2sPresetRow *self)
{
        g_signal_emit(self, add_signal, 0, self->preset);
}

static void p2s_preset_row_dispose(GObject *object)
{
        g_clear_object(&P2S_PRESET_ROW(object)->preset);
        g_clear_object(&P2S_PRESET_ROW(object)->rules);
        G_OBJECT_CLASS(p2s_preset_row_parent_class)->dispose(object);
}

static void p2s_preset_row_class_init(P2sPresetRowClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_preset_row_dispose;
        add_signal = g_signal_new("add", P2S_TYPE_PRESET_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, P2S_TYPE_PRESET);
}

static void p2s_preset_row_init(P2sPresetRow *self)
{
}

static void add_suffix(P2sPresetRow *self, GtkWidget *widget)
{
        gtk_widget_set_valign(widget, GTK_ALIGN_CENTER);
        adw_action_row_add_suffix(ADW_ACTION_ROW(self), widget);
}

GtkWidget *p2s_preset_row_new(P2sPreset *preset, GListModel *rules)
{
        P2sPresetRow *self = g_object_new(P2S_TYPE_PRESET_ROW, NULL);
        GtkWidget *source = gtk_link_button_new_with_label(preset->source, "");
        g_autofree char *ports = p2s_preset_ports(preset);
        /* Translators: %s is the name of a program */
        g_autofree char *add_label = g_strdup_printf(_("Add the Ports of %s"), preset->name);
        g_autofree char *source_label =
                /* Translators: %s is the name of a program; opens a web page of its maker */
                g_strdup_printf(_("Where %s Publishes Its Ports"), preset->name);

        self->preset = g_object_ref(preset);
        self->rules = g_object_ref(rules);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), preset->name);
        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(self), 0);
        adw_action_row_set_subtitle(
                ADW_ACTION_ROW(self),
                *ports ? ports : _("Publishes no ports; its calls are recognised by themselves"));

        gtk_button_set_child(GTK_BUTTON(source),
                             gtk_image_new_from_icon_name("web-browser-symbolic"));
        gtk_widget_set_tooltip_text(source, source_label);
        gtk_accessible_update_property(GTK_ACCESSIBLE(source), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       source_label, -1);
        gtk_widget_add_css_class(source, "flat");
        add_suffix(self, source);

        self->added = gtk_image_new_from_icon_name("object-select-symbolic");
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->added), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       _("Added"), -1);
        gtk_widget_set_tooltip_text(self->added, _("Added"));
        gtk_widget_set_size_request(self->added, 34, -1);
        add_suffix(self, self->added);

        self->add = gtk_button_new_from_icon_name("list-add-symbolic");
        gtk_widget_set_tooltip_text(self->add, add_label);
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->add), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       add_label, -1);
        gtk_widget_add_css_class(self->add, "flat");
        g_signal_connect_swapped(self->add, "clicked", G_CALLBACK(on_add), self);
        add_suffix(self, self->add);

        g_signal_connect_object(rules, "items-changed", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        update(self);
        return GTK_WIDGET(self);
}
