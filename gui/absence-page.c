/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "absence-page.h"
#include "toast.h"

struct _P2sAbsencePage {
        AdwBin parent_instance;
        AdwStatusPage *status;
        GtkWidget *start;
        P2sService *service;
        gboolean starting;
};

G_DEFINE_FINAL_TYPE(P2sAbsencePage, p2s_absence_page, ADW_TYPE_BIN)

static void show(P2sAbsencePage *self, const char *icon, const char *title, const char *description)
{
        adw_status_page_set_icon_name(self->status, icon);
        adw_status_page_set_title(self->status, title);
        adw_status_page_set_description(self->status, description);
}

static void update(P2sAbsencePage *self)
{
        P2sServiceState state = p2s_service_get_state(self->service);

        gtk_widget_set_visible(self->start, state == P2S_SERVICE_STOPPED);
        gtk_widget_set_sensitive(self->start, !self->starting);
        switch (state) {
        case P2S_SERVICE_NO_BUS:
                show(self, "network-error-symbolic", _("No System Bus"),
                     _("P2S talks to its service over the system bus, which cannot be reached. "
                       "Restart the computer, then open P2S again."));
                break;
        case P2S_SERVICE_MISSING:
                show(self, "system-software-install-symbolic", _("P2S Is Not Installed"),
                     _("The service that prioritises calls is not on this computer. "
                       "Install p2sd, and it will appear here."));
                break;
        case P2S_SERVICE_STOPPED:
                show(self, "org.p2s.Panel-symbolic", _("P2S Is Not Running"),
                     _("Calls are neither measured nor prioritised."));
                break;
        default:
                break;
        }
}

static void on_started(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(P2sAbsencePage) self = P2S_ABSENCE_PAGE(data);
        g_autoptr(GError) error = NULL;

        self->starting = FALSE;
        if (!p2s_service_start_finish(P2S_SERVICE(source), result, &error))
                p2s_toast_error(GTK_WIDGET(self), error);
        if (self->service)
                update(self);
}

static void on_start(P2sAbsencePage *self)
{
        self->starting = TRUE;
        update(self);
        p2s_service_start_async(self->service, on_started, g_object_ref(self));
}

static void p2s_absence_page_dispose(GObject *object)
{
        g_clear_object(&P2S_ABSENCE_PAGE(object)->service);
        G_OBJECT_CLASS(p2s_absence_page_parent_class)->dispose(object);
}

static void p2s_absence_page_class_init(P2sAbsencePageClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_absence_page_dispose;
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/absence-page.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sAbsencePage, status);
        gtk_widget_class_bind_template_child(widget_class, P2sAbsencePage, start);
        gtk_widget_class_bind_template_callback(widget_class, on_start);
}

static void p2s_absence_page_init(P2sAbsencePage *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

void p2s_absence_page_set_service(P2sAbsencePage *self, P2sService *service)
{
        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        g_signal_connect_object(service, "notify::state", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        update(self);
}
