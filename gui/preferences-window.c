/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "autostart.h"
#include "preferences-window.h"

struct _P2sPreferencesWindow {
        AdwPreferencesWindow parent_instance;
        AdwActionRow *keep_row;
        GtkSwitch *keep, *notify, *autostart;
        P2sBackground *background;
};

G_DEFINE_FINAL_TYPE(P2sPreferencesWindow, p2s_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static void on_tray(P2sPreferencesWindow *self)
{
        gboolean tray = p2s_background_get_tray(self->background);

        gtk_widget_set_sensitive(GTK_WIDGET(self->keep), tray);
        adw_action_row_set_subtitle(
                self->keep_row,
                tray ? _("P2S goes on as an icon with a menu, until it is told to quit there")
                     /* Translators: the tray has the icons of programs that run without a window */
                     : _("This desktop shows no tray"));
}

static gboolean on_autostart(P2sPreferencesWindow *self, gboolean on, GtkSwitch *toggle)
{
        g_autoptr(GError) error = NULL;
        g_autofree char *title = NULL;

        if (p2s_autostart_set(on, &error)) {
                gtk_switch_set_state(toggle, on);
                return TRUE;
        }
        title = g_markup_escape_text(error->message, -1);
        adw_preferences_window_add_toast(ADW_PREFERENCES_WINDOW(self), adw_toast_new(title));
        /* Sets the state as well, and comes here again: for what is so already. */
        gtk_switch_set_active(toggle, p2s_autostart_get());
        return TRUE;
}

static void p2s_preferences_window_dispose(GObject *object)
{
        g_clear_object(&P2S_PREFERENCES_WINDOW(object)->background);
        G_OBJECT_CLASS(p2s_preferences_window_parent_class)->dispose(object);
}

static void p2s_preferences_window_class_init(P2sPreferencesWindowClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_preferences_window_dispose;
        gtk_widget_class_set_template_from_resource(widget_class,
                                                    "/org/p2s/Panel/preferences-window.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sPreferencesWindow, keep_row);
        gtk_widget_class_bind_template_child(widget_class, P2sPreferencesWindow, keep);
        gtk_widget_class_bind_template_child(widget_class, P2sPreferencesWindow, notify);
        gtk_widget_class_bind_template_child(widget_class, P2sPreferencesWindow, autostart);
        gtk_widget_class_bind_template_callback(widget_class, on_autostart);
}

static void p2s_preferences_window_init(P2sPreferencesWindow *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWindow *p2s_preferences_window_new(P2sPreferences *preferences, P2sBackground *background)
{
        P2sPreferencesWindow *self = g_object_new(P2S_TYPE_PREFERENCES_WINDOW, NULL);
        const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

        self->background = g_object_ref(background);
        g_object_bind_property(preferences, "keep-in-tray", self->keep, "active", both);
        g_object_bind_property(preferences, "notify", self->notify, "active", both);
        g_signal_handlers_block_by_func(self->autostart, on_autostart, self);
        gtk_switch_set_active(self->autostart, p2s_autostart_get());
        g_signal_handlers_unblock_by_func(self->autostart, on_autostart, self);
        g_signal_connect_object(background, "notify::tray", G_CALLBACK(on_tray), self,
                                G_CONNECT_SWAPPED);
        on_tray(self);
        return GTK_WINDOW(self);
}
