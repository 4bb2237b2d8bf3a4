/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "application.h"
#include "background.h"
#include "preferences-window.h"
#include "service.h"
#include "window.h"

struct _P2sApplication {
        AdwApplication parent_instance;
        P2sService *service;
        P2sPreferences *preferences;
        P2sBackground *background;
        gboolean quiet; /* the first activation opens no window */
};

G_DEFINE_FINAL_TYPE(P2sApplication, p2s_application, ADW_TYPE_APPLICATION)

static void on_about(GSimpleAction *action, GVariant *parameter, gpointer data)
{
        GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(data));

        adw_show_about_window(window, "application-name", "P2S", "application-icon",
                              "org.p2s.Panel", "version", P2S_VERSION, "developer-name",
                              _("The P2S developers"), "license-type", GTK_LICENSE_GPL_2_0,
                              "comments", _("Keeps calls clear while the line is full"),
                              /* Translators: your names, one a line */
                              "translator-credits", _("translator-credits"), NULL);
}

/* That which the other windows belong to; NULL: it is not open. */
static GtkWindow *main_window(P2sApplication *self)
{
        GList *windows = gtk_application_get_windows(GTK_APPLICATION(self));

        for (; windows; windows = windows->next)
                if (P2S_IS_WINDOW(windows->data))
                        return windows->data;
        return NULL;
}

static void on_preferences(GSimpleAction *action, GVariant *parameter, gpointer data)
{
        P2sApplication *self = P2S_APPLICATION(data);
        GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(self)),
                  *parent = main_window(self);

        if (!P2S_IS_PREFERENCES_WINDOW(window)) {
                window = p2s_preferences_window_new(self->preferences, self->background);
                gtk_window_set_application(window, GTK_APPLICATION(self));
                if (parent && gtk_widget_get_visible(GTK_WIDGET(parent)))
                        gtk_window_set_transient_for(window, parent);
        }
        gtk_window_present(window);
}

static void on_close(GSimpleAction *action, GVariant *parameter, gpointer data)
{
        GtkWindow *window = gtk_application_get_active_window(GTK_APPLICATION(data));

        if (window)
                gtk_window_close(window);
}

static void on_quit(GSimpleAction *action, GVariant *parameter, gpointer data)
{
        g_application_quit(G_APPLICATION(data));
}

static const GActionEntry entries[] = {
        {"about", on_about},
        {"close", on_close},
        {"preferences", on_preferences},
        {"quit", on_quit},
};

static void p2s_application_activate(GApplication *application)
{
        P2sApplication *self = P2S_APPLICATION(application);
        GtkWindow *window = main_window(self);
        g_autofree char *token = NULL;

        if (self->quiet) {
                self->quiet = FALSE;
                p2s_background_hold(self->background);
                return;
        }
        if (!window) {
                window = GTK_WINDOW(p2s_window_new(GTK_APPLICATION(self), self->service));
                p2s_background_add_window(self->background, window);
        }
        /* From a second start GTK has it by itself. */
        token = p2s_background_take_token(self->background);
        if (token)
                gtk_window_set_startup_id(window, token);
        gtk_window_present(window);
}

static void set_accel(P2sApplication *self, const char *action, const char *accel)
{
        const char *const accels[] = {accel, NULL};

        gtk_application_set_accels_for_action(GTK_APPLICATION(self), action, accels);
}

static void p2s_application_startup(GApplication *application)
{
        P2sApplication *self = P2S_APPLICATION(application);

        G_APPLICATION_CLASS(p2s_application_parent_class)->startup(application);
        gtk_window_set_default_icon_name("org.p2s.Panel");
        self->service = p2s_service_new();
        self->preferences = p2s_preferences_new();
        self->background =
                p2s_background_new(GTK_APPLICATION(self), self->service, self->preferences);
        g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
        set_accel(self, "app.quit", "<Control>q");
        set_accel(self, "app.close", "<Control>w");
        set_accel(self, "app.preferences", "<Control>comma");
        set_accel(self, "graphs.span-seconds(uint32 60)", "<Control>1");
        set_accel(self, "graphs.span-seconds(uint32 300)", "<Control>2");
        set_accel(self, "graphs.span-seconds(uint32 600)", "<Control>3");
        set_accel(self, "win.page('calls')", "<Alt>1");
        set_accel(self, "win.page('rules')", "<Alt>2");
        set_accel(self, "win.page('connection')", "<Alt>3");
        set_accel(self, "graphs.paused", "<Control>space");
        set_accel(self, "graphs.copy-figures", "<Control><Shift>c");
        set_accel(self, "graphs.copy-picture('jitter')", "<Control><Shift>j");
        set_accel(self, "graphs.copy-picture('bitrate')", "<Control><Shift>b");
}

static void p2s_application_shutdown(GApplication *application)
{
        P2sApplication *self = P2S_APPLICATION(application);

        g_clear_object(&self->background);
        g_clear_object(&self->preferences);
        g_clear_object(&self->service);
        G_APPLICATION_CLASS(p2s_application_parent_class)->shutdown(application);
}

/* 0 ends the process, -1 goes on. */
static int p2s_application_handle_local_options(GApplication *application, GVariantDict *options)
{
        P2sApplication *self = P2S_APPLICATION(application);
        g_autoptr(GError) error = NULL;

        if (g_variant_dict_contains(options, "version")) {
                g_print("p2s-panel %s\n", P2S_VERSION);
                return 0;
        }
        if (!g_variant_dict_contains(options, "background"))
                return -1;
        if (!g_application_register(application, NULL, &error)) {
                g_printerr("p2s-panel: %s\n", error->message);
                return 1;
        }
        /* One that runs already is all that was asked for. */
        if (g_application_get_is_remote(application))
                return 0;
        self->quiet = TRUE;
        return -1;
}

static void p2s_application_class_init(P2sApplicationClass *klass)
{
        GApplicationClass *application_class = G_APPLICATION_CLASS(klass);

        application_class->activate = p2s_application_activate;
        application_class->handle_local_options = p2s_application_handle_local_options;
        application_class->startup = p2s_application_startup;
        application_class->shutdown = p2s_application_shutdown;
}

static void p2s_application_init(P2sApplication *self)
{
        static const GOptionEntry options[] = {
                {"background", 0, 0, G_OPTION_ARG_NONE, NULL,
                 N_("Start without a window, and stay until told to quit"), NULL},
                {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and exit"), NULL},
                {NULL},
        };

        g_application_add_main_option_entries(G_APPLICATION(self), options);
        g_application_set_option_context_summary(
                G_APPLICATION(self),
                _("Shows your calls and how clear they are, and prioritises them."));
}

P2sApplication *p2s_application_new(void)
{
        return g_object_new(P2S_TYPE_APPLICATION, "application-id", "org.p2s.Panel",
                            "resource-base-path", "/org/p2s/Panel", NULL);
}
