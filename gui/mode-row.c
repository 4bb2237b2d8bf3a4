/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "mode-row.h"
#include "mode.h"

struct _P2sModeRow {
        AdwExpanderRow parent_instance;
        GtkCheckButton *checks[P2S_N_MODES];
        GtkWidget *rows[P2S_N_MODES];
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sModeRow, p2s_mode_row, ADW_TYPE_EXPANDER_ROW)

static guint failed_signal;

static void on_toggled(P2sModeRow *self, GtkCheckButton *check);

/* What is in force; the user's own choice too, where a program holds another. */
static void update(P2sModeRow *self)
{
        const char *mode = p2s_service_get_mode(self->service);
        const char *effective = p2s_service_get_effective_mode(self->service);
        gboolean pending = p2s_service_get_pending(self->service);
        gboolean able =
                mode && !pending && p2s_service_get_state(self->service) == P2S_SERVICE_RUNNING;

        for (guint i = 0; i < P2S_N_MODES; i++) {
                gtk_widget_set_sensitive(self->rows[i], able);
                if (pending)
                        continue;
                g_signal_handlers_block_by_func(self->checks[i], on_toggled, self);
                gtk_check_button_set_active(self->checks[i],
                                            g_strcmp0(p2s_mode_nth(i), effective) == 0);
                g_signal_handlers_unblock_by_func(self->checks[i], on_toggled, self);
        }
        if (!mode) {
                adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(self), "");
        } else if (g_strcmp0(mode, effective) == 0) {
                adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(self), p2s_mode_choice(mode));
        } else {
                g_autofree char *held =
                        /* Translators: the mode in force, as in "Send and Receive Calls First" */
                        g_strdup_printf(_("%s, as a program asks for it now"),
                                        p2s_mode_choice(effective));

                adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(self), held);
        }
}

static void on_mode_set(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(P2sModeRow) self = P2S_MODE_ROW(data);
        g_autoptr(GError) error = NULL;

        if (!p2s_service_set_mode_finish(P2S_SERVICE(source), result, &error) &&
            !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                g_signal_emit(self, failed_signal, 0, error);
}

static void on_toggled(P2sModeRow *self, GtkCheckButton *check)
{
        if (!gtk_check_button_get_active(check))
                return;
        for (guint i = 0; i < P2S_N_MODES; i++)
                if (self->checks[i] == check)
                        p2s_service_set_mode_async(self->service, p2s_mode_nth(i), on_mode_set,
                                                   g_object_ref(self));
}

static void add_choice(P2sModeRow *self, guint i)
{
        GtkWidget *row = adw_action_row_new(), *check = gtk_check_button_new();
        const char *mode = p2s_mode_nth(i);

        self->checks[i] = GTK_CHECK_BUTTON(check);
        self->rows[i] = row;
        if (i > 0)
                gtk_check_button_set_group(self->checks[i], self->checks[0]);
        gtk_widget_set_valign(check, GTK_ALIGN_CENTER);
        gtk_accessible_update_property(GTK_ACCESSIBLE(check), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       p2s_mode_description(mode), -1);
        g_signal_connect_swapped(check, "toggled", G_CALLBACK(on_toggled), self);
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), p2s_mode_choice(mode));
        adw_action_row_set_subtitle(ADW_ACTION_ROW(row), p2s_mode_description(mode));
        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
        adw_action_row_add_prefix(ADW_ACTION_ROW(row), check);
        adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), check);
        adw_expander_row_add_row(ADW_EXPANDER_ROW(self), row);
}

static void p2s_mode_row_dispose(GObject *object)
{
        g_clear_object(&P2S_MODE_ROW(object)->service);
        G_OBJECT_CLASS(p2s_mode_row_parent_class)->dispose(object);
}

static void p2s_mode_row_class_init(P2sModeRowClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_mode_row_dispose;
        failed_signal = g_signal_new("failed", P2S_TYPE_MODE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void p2s_mode_row_init(P2sModeRow *self)
{
        /* Translators: opens to a choice of how much P2S does */
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), _("What P2S Does"));
        for (guint i = 0; i < P2S_N_MODES; i++)
                add_choice(self, i);
}

void p2s_mode_row_set_service(P2sModeRow *self, P2sService *service)
{
        static const char *const watched[] = {"notify::state", "notify::mode",
                                              "notify::effective-mode", "notify::pending"};

        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        for (guint i = 0; i < G_N_ELEMENTS(watched); i++)
                g_signal_connect_object(service, watched[i], G_CALLBACK(update), self,
                                        G_CONNECT_SWAPPED);
        update(self);
}
