/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "absence-page.h"
#include "connection-page.h"
#include "main-page.h"
#include "rules-page.h"
#include "memory.h"
#include "window.h"

#define WELCOMED "Welcomed" /* the explanation was read */

struct _P2sWindow {
        AdwApplicationWindow parent_instance;
        GtkStack *stack;
        P2sAbsencePage *absence_page;
        GtkWidget *welcome, *begin;
        AdwViewSwitcherTitle *switcher;
        AdwViewSwitcherBar *bar;
        AdwViewStack *pages;
        P2sMainPage *main_page;
        AdwBin *main_bin, *rules_bin, *connection_bin; /* the pages, made when first shown */
        P2sService *service;
};

G_DEFINE_FINAL_TYPE(P2sWindow, p2s_window, ADW_TYPE_APPLICATION_WINDOW)

/* The switcher moves to the bottom where the top has no room for it. */
static void update_bar(P2sWindow *self)
{
        adw_view_switcher_bar_set_reveal(
                self->bar, gtk_widget_get_visible(GTK_WIDGET(self->pages)) &&
                                   adw_view_switcher_title_get_title_visible(self->switcher));
}

/* Most who open the window never go further than its first page. */
static void make_page(P2sWindow *self, GtkWidget *bin)
{
        if (adw_bin_get_child(ADW_BIN(bin)) || !self->service)
                return;
        if (bin == GTK_WIDGET(self->rules_bin)) {
                P2sRulesPage *page = g_object_new(P2S_TYPE_RULES_PAGE, NULL);

                p2s_rules_page_set_service(page, self->service);
                adw_bin_set_child(self->rules_bin, GTK_WIDGET(page));
        } else {
                P2sConnectionPage *page = g_object_new(P2S_TYPE_CONNECTION_PAGE, NULL);

                p2s_connection_page_set_service(page, self->service);
                adw_bin_set_child(self->connection_bin, GTK_WIDGET(page));
        }
}

/* A page that is not shown is not there for a screen reader either. */
static void on_page(P2sWindow *self)
{
        AdwBin *bins[] = {self->main_bin, self->rules_bin, self->connection_bin};
        GtkWidget *shown = adw_view_stack_get_visible_child(self->pages);

        if (shown)
                make_page(self, shown);
        for (guint i = 0; i < G_N_ELEMENTS(bins); i++) {
                GtkWidget *page = adw_bin_get_child(bins[i]);

                if (page)
                        gtk_widget_set_visible(page, GTK_WIDGET(bins[i]) == shown);
        }
}

/* The other page is taken away, not just covered: a screen reader would read it. */
static void show_page(P2sWindow *self, GtkWidget *page)
{
        GtkWidget *pages[] = {GTK_WIDGET(self->absence_page), self->welcome,
                              GTK_WIDGET(self->pages)};

        gtk_widget_set_visible(page, TRUE);
        gtk_stack_set_visible_child(self->stack, page);
        for (guint i = 0; i < G_N_ELEMENTS(pages); i++)
                gtk_widget_set_visible(pages[i], pages[i] == page);
        /* Without pages there is nothing to switch between. */
        adw_view_switcher_title_set_view_switcher_enabled(self->switcher,
                                                          page == GTK_WIDGET(self->pages));
        update_bar(self);
}

static void on_state(P2sWindow *self)
{
        switch (p2s_service_get_state(self->service)) {
        case P2S_SERVICE_CONNECTING:
        case P2S_SERVICE_AWAY:
                /* It may be back in a moment: the page stays, its switch waits. */
                break;
        case P2S_SERVICE_RUNNING:
                if (p2s_memory_get(WELCOMED, FALSE)) {
                        show_page(self, GTK_WIDGET(self->pages));
                } else {
                        show_page(self, self->welcome);
                        gtk_widget_grab_focus(self->begin);
                }
                break;
        default:
                show_page(self, GTK_WIDGET(self->absence_page));
        }
}

static void on_begin(P2sWindow *self)
{
        p2s_memory_set(WELCOMED, TRUE);
        show_page(self, GTK_WIDGET(self->pages));
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
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, stack);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, absence_page);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, main_page);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, switcher);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, welcome);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, begin);
        gtk_widget_class_bind_template_callback(widget_class, on_begin);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, bar);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, pages);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, main_bin);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, rules_bin);
        gtk_widget_class_bind_template_child(widget_class, P2sWindow, connection_bin);
}

static void p2s_window_init(P2sWindow *self)
{
        g_autoptr(GAction) page = NULL;

        gtk_widget_init_template(GTK_WIDGET(self));
        adw_view_switcher_title_set_stack(self->switcher, self->pages);
        page = G_ACTION(g_property_action_new("page", self->pages, "visible-child-name"));
        g_action_map_add_action(G_ACTION_MAP(self), page);
        adw_view_switcher_bar_set_stack(self->bar, self->pages);
        g_signal_connect_object(self->pages, "notify::visible-child", G_CALLBACK(on_page), self,
                                G_CONNECT_SWAPPED);
        on_page(self);
        g_signal_connect_object(self->switcher, "notify::title-visible", G_CALLBACK(update_bar),
                                self, G_CONNECT_SWAPPED);
}

GtkWidget *p2s_window_new(GtkApplication *application, P2sService *service)
{
        P2sWindow *self = g_object_new(P2S_TYPE_WINDOW, "application", application, NULL);

        self->service = g_object_ref(service);
        p2s_main_page_set_service(self->main_page, service);
        gtk_widget_insert_action_group(GTK_WIDGET(self), "graphs",
                                       p2s_main_page_get_actions(self->main_page));
        p2s_absence_page_set_service(self->absence_page, service);
        g_signal_connect_object(service, "notify::state", G_CALLBACK(on_state), self,
                                G_CONNECT_SWAPPED);
        on_state(self);
        return GTK_WIDGET(self);
}
