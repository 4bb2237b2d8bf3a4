/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "alarm.h"
#include "announce.h"
#include "call.h"
#include "mode.h"
#include "notifier.h"

#define ID "poor-call"

struct _P2sNotifier {
        GObject parent_instance;
        GApplication *application;
        P2sService *service;
        P2sPreferences *preferences;
        GHashTable *alarms;        /* P2sCall: P2sAlarm, of calls that run */
        guint64 last_usec;         /* when a call was told of last; 0: never */
        P2sCall *told;             /* the call that the notification on the screen is about */
        GCancellable *cancellable; /* of that notification, on its way there */
};

G_DEFINE_FINAL_TYPE(P2sNotifier, p2s_notifier, G_TYPE_OBJECT)

gboolean p2s_notifier_listens(P2sNotifier *self)
{
        const char *mode = p2s_service_get_effective_mode(self->service);

        return p2s_preferences_get_notify(self->preferences) && p2s_mode_is_known(mode) &&
               p2s_mode_measures(mode) && !p2s_mode_prioritises(mode);
}

static void withdraw(P2sNotifier *self)
{
        if (!self->told)
                return;
        g_clear_object(&self->told);
        g_cancellable_cancel(self->cancellable);
        g_application_withdraw_notification(self->application, ID);
}

static void send(P2sNotifier *self, P2sCall *call)
{
        g_autoptr(GNotification) notification =
                /* Translators: a notification */
                g_notification_new(_("Call Quality Is Poor"));

        g_notification_set_body(
                notification,
                _("Other traffic may be in the way. Prioritising sends calls ahead of it."));
        g_notification_set_priority(notification, G_NOTIFICATION_PRIORITY_HIGH);
        /* Translators: button of a notification: turns the prioritising of calls on */
        g_notification_add_button_with_target(notification, _("Prioritise Calls"), "app.prioritise",
                                              "b", TRUE);
        g_set_object(&self->told, call);
        g_clear_object(&self->cancellable);
        self->cancellable = g_cancellable_new();
        p2s_announce(self->application, ID, notification, self->cancellable);
}

static void on_updated(P2sNotifier *self, P2sCall *call)
{
        P2sAlarm *alarm = g_hash_table_lookup(self->alarms, call);

        if (alarm && p2s_notifier_listens(self) &&
            p2s_alarm_read(alarm, call->mos, (guint64)g_get_monotonic_time(), &self->last_usec))
                send(self, call);
}

static void forget(P2sNotifier *self, P2sCall *call)
{
        if (call == self->told)
                withdraw(self);
        g_signal_handlers_disconnect_by_func(call, on_updated, self);
}

/* The model tells how many went, not which. */
static void on_calls(P2sNotifier *self, guint position, guint removed, guint added,
                     GListModel *calls)
{
        GHashTableIter iter;
        gpointer call;

        for (guint i = position; i < position + added; i++) {
                g_autoptr(P2sCall) one = g_list_model_get_item(calls, i);

                g_signal_connect_object(one, "updated", G_CALLBACK(on_updated), self,
                                        G_CONNECT_SWAPPED);
                g_hash_table_insert(self->alarms, g_object_ref(one), g_new0(P2sAlarm, 1));
        }
        if (removed == 0)
                return;
        g_hash_table_iter_init(&iter, self->alarms);
        while (g_hash_table_iter_next(&iter, &call, NULL)) {
                guint i;

                if (g_list_store_find(G_LIST_STORE(calls), call, &i))
                        continue;
                forget(self, call);
                g_hash_table_iter_remove(&iter);
        }
}

static void on_change(P2sNotifier *self)
{
        if (!p2s_notifier_listens(self))
                withdraw(self);
}

static void p2s_notifier_dispose(GObject *object)
{
        P2sNotifier *self = P2S_NOTIFIER(object);

        withdraw(self);
        g_clear_object(&self->cancellable);
        g_clear_pointer(&self->alarms, g_hash_table_unref);
        g_clear_object(&self->service);
        g_clear_object(&self->preferences);
        G_OBJECT_CLASS(p2s_notifier_parent_class)->dispose(object);
}

static void p2s_notifier_class_init(P2sNotifierClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_notifier_dispose;
}

static void p2s_notifier_init(P2sNotifier *self)
{
        self->alarms = g_hash_table_new_full(NULL, NULL, g_object_unref, g_free);
}

P2sNotifier *p2s_notifier_new(GApplication *application, P2sService *service,
                              P2sPreferences *preferences)
{
        P2sNotifier *self = g_object_new(P2S_TYPE_NOTIFIER, NULL);
        GListModel *calls = p2s_service_get_calls(service);

        self->application = application;
        self->service = g_object_ref(service);
        self->preferences = g_object_ref(preferences);
        g_signal_connect_object(calls, "items-changed", G_CALLBACK(on_calls), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::effective-mode", G_CALLBACK(on_change), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(preferences, "notify::notify", G_CALLBACK(on_change), self,
                                G_CONNECT_SWAPPED);
        on_calls(self, 0, 0, g_list_model_get_n_items(calls), calls);
        return self;
}
