/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "absence-page.h"
#include "error.h"
#include "main-page.h"
#include "window.h"

struct _P2sWindow {
        AdwApplicationWindow parent_instance;
        AdwToastOverlay *toasts;
        GtkStack *stack;
        P2sAbsencePage *absence_page;
        P2sMainPage *main_page;
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sWindow, p2s_window, ADW_TYPE_APPLICATION_WINDOW)

static void on_details(P2sWindow *self, AdwToast *toast)
{
        const char *message = g_object_get_data(G_OBJECT(toast), "message");
        GtkWidget *dialog =
                adw_message_dialog_new(GTK_WINDOW(self), adw_toast_get_title(toast), message);

        adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("Close"));
        gtk_window_present(GTK_WINDOW(dialog));
}

/* What the panel itself says fits a toast; what the service says can be long. */
static void on_failed(P2sWindow *self, const GError *error)
{
        gboolean foreign = g_error_matches(error, P2S_ERROR, P2S_ERROR_FAILED) ||
                           g_error_matches(error, P2S_ERROR, P2S_ERROR_NOT_SUPPORTED);
        AdwToast *toast = adw_toast_new(foreign ? _("That did not work") : error->message);

        if (foreign) {
                g_object_set_data_full(G_OBJECT(toast), "message", g_strdup(error->message),
                                       g_free);
                adw_toast_set_button_label(toast, _("Details"));
                adw_toast_set_timeout(toast, 0); /* who is slow to read it can still open it */
                g_signal_connect_object(toast, "button-clicked", G_CALLBACK(on_details), self,
                                        G_CONNECT_SWAPPED);
        }
        adw_toast_overlay_add_toast(self->toasts, toast);
}

/* The other page is taken away, not just covered: a screen reader would read it. */
static void show_page(P2sWindow *self, GtkWidget *page)
{
        GtkWidget *pages[] = {GTK_WIDGET(self->absence_page), GTK_WIDGET(self->main_page)};

        gtk_widget_set_visible(page, TRUE);
        gtk_stack_set_visible_child(self->stack, page);
        for (guint i = 0; i < G_N_ELEMENTS(pages); i++)
                gtk_widget_set_visible(pages[i], pages[i] == page);
}

static void on_state(P2sWindow *self)
{
        switch (p2s_service_get_state(self->service)) {
        case P2S_SERVICE_CONNECTING:
                break;
        case P2S_SERVICE_AWAY:
                /* It may be back in a moment: the page stays, its switch waits. */
                break;
        case P2S_SERVICE_RUNNING:
                show_page(self, GTK_WIDGET(self->main_page));
                break;
        default:
                show_page(self, GTK_WIDGET(self->absence_page));
        }
}

/* Samples cost the service work: they are asked for only while somebody can see them. */
static void update_live(P2sWindow *self)
{
        GtkWidget *widget = GTK_WIDGET(self);
        GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(self));
        gboolean minimised =
                GDK_IS_TOPLEVEL(surface) &&
                (gdk_toplevel_get_state(GDK_TOPLEVEL(surface)) & GDK_TOPLEVEL_STATE_MINIMIZED);

        if (self->service)
                p2s_service_set_live(self->service, gtk_widget_get_mapped(widget) && !minimised);
}

static void p2s_window_map(GtkWidget *widget)
{
        GTK_WIDGET_CLASS(p2s_window_parent_class)->map(widget);
        update_live(P2S_WINDOW(widget));
}

static void p2s_window_unmap(GtkWidget *widget)
{
        GTK_WIDGET_CLASS(p2s_window_parent_class)->unmap(widget);
        update_live(P2S_WINDOW(widget));
}

static void p2s_window_realize(GtkWidget *widget)
{
        GTK_WIDGET_CLASS(p2s_window_parent_class)->realize(widget);
        g_signal_connect_object(gtk_native_get_surface(GTK_NATIVE(widget)), "notify::state",
                                G_CALLBACK(update_live), widget, G_CONNECT_SWAPPED);
}

static void p2s_window_dispose(GObject *object)
{
        P2sWindow *self = P2S_WINDOW(object);

        if (self->service)
                p2s_service_set_live(self->service, FALSE);
        g_clear_object(&self->service);
        G_OBJECT_CLASS(p2s_window_parent_class)->dispose(object);
}

static void p2s_window_class_init(P2sWindowClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_window_dispose;
        widget_class->map = p2s_window_map;
        widget_class->unmap = p2s_window_unmap;
        widget_class->realize = p2s_window_realize;

        g_type_ensure(P2S_TYPE_ABSENCE_PAGE);
        g_type_ensure(P2S_TYPE_MAIN_PAGE);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/window.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, toasts);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, stack);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, absence_page);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, main_page);
        gtk_widget_class_bind_template_callback(widget_class, on_failed);
}

static void p2s_window_init(P2sWindow *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *p2s_window_new(GtkApplication *application, P2sService *service)
{
        P2sWindow *self = g_object_new(P2S_TYPE_WINDOW, "application", application, NULL);

        self->service = g_object_ref(service);
        p2s_main_page_set_service(self->main_page, service);
        p2s_absence_page_set_service(self->absence_page, service);
        g_signal_connect_object(service, "notify::state", G_CALLBACK(on_state), self,
                                G_CONNECT_SWAPPED);
        on_state(self);
        return GTK_WIDGET(self);
}
