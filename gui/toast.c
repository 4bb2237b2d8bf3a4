/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "error.h"
#include "toast.h"

static void add(GtkWidget *from, AdwToast *toast)
{
        GtkWidget *overlay = gtk_widget_get_ancestor(from, ADW_TYPE_TOAST_OVERLAY);

        if (overlay)
                adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(overlay), toast);
        else
                g_object_unref(g_object_ref_sink(toast)); /* its window is closed already */
}

void p2s_toast_say(GtkWidget *from, const char *title)
{
        add(from, adw_toast_new(title));
}

static void on_details(GtkWidget *from, AdwToast *toast)
{
        GtkRoot *root = gtk_widget_get_root(from);
        const char *message = g_object_get_data(G_OBJECT(toast), "message");
        GtkWidget *dialog =
                adw_message_dialog_new(GTK_WINDOW(root), adw_toast_get_title(toast), message);

        adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("Close"));
        gtk_window_present(GTK_WINDOW(dialog));
}

void p2s_toast_error(GtkWidget *from, const GError *error)
{
        gboolean foreign = g_error_matches(error, P2S_ERROR, P2S_ERROR_FAILED) ||
                           g_error_matches(error, P2S_ERROR, P2S_ERROR_LINK_BUSY) ||
                           g_error_matches(error, P2S_ERROR, P2S_ERROR_NOT_SUPPORTED);
        AdwToast *toast;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        toast = adw_toast_new(foreign ? _("That did not work") : error->message);
        if (foreign) {
                g_object_set_data_full(G_OBJECT(toast), "message", g_strdup(error->message),
                                       g_free);
                adw_toast_set_button_label(toast, _("Details"));
                adw_toast_set_timeout(toast, 0); /* who is slow to read it can still open it */
                g_signal_connect_object(toast, "button-clicked", G_CALLBACK(on_details), from,
                                        G_CONNECT_SWAPPED);
        }
        add(from, toast);
}

typedef struct Undo {
        void (*undo)(gpointer data);
        gpointer data;
        GDestroyNotify free;
} Undo;

static void undo_free(gpointer data)
{
        Undo *undo = data;

        undo->free(undo->data);
        g_free(undo);
}

static void on_undo(AdwToast *toast)
{
        Undo *undo = g_object_get_data(G_OBJECT(toast), "undo");

        undo->undo(undo->data);
}

AdwToast *p2s_toast_undo(GtkWidget *from, const char *title, void (*undo)(gpointer data),
                         gpointer data, GDestroyNotify free)
{
        AdwToast *toast = adw_toast_new(title);
        Undo *u = g_new(Undo, 1);

        *u = (Undo){undo, data, free};
        g_object_set_data_full(G_OBJECT(toast), "undo", u, undo_free);
        adw_toast_set_button_label(toast, _("Undo"));
        adw_toast_set_timeout(toast, 15); /* s: time to see what was done */
        /* What was done last is shown at once; what it covers comes back after it. */
        adw_toast_set_priority(toast, ADW_TOAST_PRIORITY_HIGH);
        g_signal_connect(toast, "button-clicked", G_CALLBACK(on_undo), NULL);
        add(from, toast);
        return toast;
}
