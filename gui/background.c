/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "announce.h"
#include "background.h"
#include "notifier.h"
#include "tray.h"

struct _P2sBackground {
        GObject parent_instance;
        GtkApplication *application;
        P2sService *service;
        P2sPreferences *preferences;
        P2sNotifier *notifier;
        P2sStatus *status;
        P2sTray *tray;
        GtkWindow *window; /* weak */
        gboolean held;
};

G_DEFINE_FINAL_TYPE(P2sBackground, p2s_background, G_TYPE_OBJECT)

static GParamSpec *tray_prop;

static void tell_failure(GApplication *application, const char *message)
{
        g_autoptr(GNotification) notification = g_notification_new(_("That did not work"));

        g_notification_set_body(notification, message);
        p2s_announce(application, "failure", notification, NULL);
}

static void on_mode_set(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GApplication) application = G_APPLICATION(data);
        g_autoptr(GError) error = NULL;

        if (!p2s_service_set_mode_finish(P2S_SERVICE(source), result, &error) &&
            !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                tell_failure(application, error->message);
}

/* From the tray or a notification, where nothing else can say that it failed. */
static void on_prioritise(GSimpleAction *action, GVariant *on, gpointer data)
{
        P2sBackground *self = data;

        if (p2s_service_get_state(self->service) != P2S_SERVICE_RUNNING)
                tell_failure(G_APPLICATION(self->application), _("The P2S service is not running"));
        else if (!p2s_service_get_pending(self->service))
                p2s_service_prioritise_async(self->service, g_variant_get_boolean(on), on_mode_set,
                                             g_object_ref(self->application));
}

static const GActionEntry entries[] = {{"prioritise", on_prioritise, "b"}};

static void update(P2sBackground *self)
{
        gboolean shown = p2s_tray_get_shown(self->tray);
        gboolean keep = shown && p2s_preferences_get_keep_in_tray(self->preferences);

        if (self->window)
                gtk_window_set_hide_on_close(self->window, keep || self->held);
        p2s_service_set_watched(self->service, shown || p2s_notifier_listens(self->notifier));
}

static void on_tray(P2sBackground *self)
{
        update(self);
        g_object_notify_by_pspec(G_OBJECT(self), tray_prop);
}

void p2s_background_hold(P2sBackground *self)
{
        if (!self->held)
                g_application_hold(G_APPLICATION(self->application));
        self->held = TRUE;
        update(self);
}

void p2s_background_add_window(P2sBackground *self, GtkWindow *window)
{
        g_set_weak_pointer(&self->window, window);
        update(self);
}

char *p2s_background_take_token(P2sBackground *self)
{
        return p2s_tray_take_token(self->tray);
}

gboolean p2s_background_get_tray(P2sBackground *self)
{
        return p2s_tray_get_shown(self->tray);
}

static void p2s_background_get_property(GObject *object, guint prop, GValue *value,
                                        GParamSpec *pspec)
{
        g_value_set_boolean(value, p2s_background_get_tray(P2S_BACKGROUND(object)));
}

static void p2s_background_dispose(GObject *object)
{
        P2sBackground *self = P2S_BACKGROUND(object);

        g_clear_weak_pointer(&self->window);
        g_clear_object(&self->tray);
        g_clear_object(&self->notifier);
        g_clear_object(&self->status);
        g_clear_object(&self->preferences);
        g_clear_object(&self->service);
        G_OBJECT_CLASS(p2s_background_parent_class)->dispose(object);
}

static void p2s_background_class_init(P2sBackgroundClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);

        object_class->get_property = p2s_background_get_property;
        object_class->dispose = p2s_background_dispose;
        tray_prop = g_param_spec_boolean("tray", NULL, NULL, FALSE,
                                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                 G_PARAM_STATIC_STRINGS);
        g_object_class_install_property(object_class, 1, tray_prop);
}

static void p2s_background_init(P2sBackground *self)
{
}

P2sBackground *p2s_background_new(GtkApplication *application, P2sService *service,
                                  P2sPreferences *preferences)
{
        P2sBackground *self = g_object_new(P2S_TYPE_BACKGROUND, NULL);

        self->application = application;
        self->service = g_object_ref(service);
        self->preferences = g_object_ref(preferences);
        self->status = p2s_status_new(service);
        self->notifier = p2s_notifier_new(G_APPLICATION(application), service, preferences);
        self->tray = p2s_tray_new(G_APPLICATION(application), self->status);
        g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries),
                                        self);
        g_signal_connect_object(self->tray, "notify::shown", G_CALLBACK(on_tray), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(preferences, "notify", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::effective-mode", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        update(self);
        return self;
}
