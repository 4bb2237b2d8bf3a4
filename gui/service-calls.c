/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of calls.  The bus tells when one begins or ends; its figures move all
 * the while, so they are read anew as samples tell that calls go on. */
#include "call.h"
#include "service-private.h"
#include "wire.h"

/* Figures in rows need not move faster than one can read. */
#define ENDED_MAX    50 /* calls of this session that are remembered */
#define REFRESH_USEC ((guint64)2 * G_USEC_PER_SEC)

static void set_hidden(P2sService *self, gboolean hidden)
{
        if (self->calls_hidden == hidden)
                return;
        self->calls_hidden = hidden;
        p2s_service_notify(self, P2S_SERVICE_PROP_CALLS_HIDDEN);
}

/* A service that was started anew counts from 1 again. */
static P2sCall *find_call(GPtrArray *calls, const P2sCall *like)
{
        for (guint i = 0; i < calls->len; i++) {
                P2sCall *call = g_ptr_array_index(calls, i);

                if (call->id == like->id && g_strcmp0(call->peer, like->peer) == 0)
                        return call;
        }
        return NULL;
}

/* The latest to end stands first; the oldest are forgotten. */
static void end_call(P2sService *self, guint position)
{
        g_autoptr(P2sCall) call = g_list_model_get_item(G_LIST_MODEL(self->calls), position);
        guint n = g_list_model_get_n_items(G_LIST_MODEL(self->ended_calls));

        g_list_store_remove(self->calls, position);
        p2s_call_end(call);
        g_list_store_insert(self->ended_calls, 0, call);
        if (n >= ENDED_MAX)
                g_list_store_remove(self->ended_calls, n);
}

/* Rows that stay keep their object, and so their place and their focus. */
static void merge(P2sService *self, GPtrArray *calls)
{
        guint64 now = (guint64)g_get_monotonic_time();
        GListModel *model = G_LIST_MODEL(self->calls);

        for (guint i = g_list_model_get_n_items(model); i-- > 0;) {
                g_autoptr(P2sCall) call = g_list_model_get_item(model, i);
                P2sCall *newer = find_call(calls, call);

                if (!newer) {
                        end_call(self, i);
                        continue;
                }
                p2s_call_update(call, newer);
                p2s_call_record(call, self->effective_mode, now);
                g_ptr_array_remove(calls, newer);
        }
        for (guint i = 0; i < calls->len; i++) {
                p2s_call_record(g_ptr_array_index(calls, i), self->effective_mode, now);
                g_list_store_append(self->calls, g_ptr_array_index(calls, i));
        }
}

static void on_calls(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
        g_autoptr(GPtrArray) calls = NULL;
        P2sService *self;

        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_SERVICE(data);
        self->calls_pending = FALSE;
        if (!reply) {
                g_autofree char *name = g_dbus_error_get_remote_error(error);

                g_debug("GetCalls: %s", error->message);
                if (g_strcmp0(name, "org.freedesktop.DBus.Error.AccessDenied") == 0 ||
                    g_strcmp0(name,
                              "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired") == 0) {
                        self->calls_refused = TRUE;
                        p2s_service_calls_clear(self);
                        set_hidden(self, TRUE);
                }
                return;
        }
        self->calls_refused = FALSE;
        set_hidden(self, FALSE);
        calls = p2s_wire_calls(reply);
        merge(self, calls);
}

void p2s_service_calls_refresh(P2sService *self, gboolean interactive)
{
        GDBusCallFlags flags = G_DBUS_CALL_FLAGS_NO_AUTO_START;

        /* Once refused, nobody asks again but the user. */
        if (self->state != P2S_SERVICE_RUNNING || self->calls_pending ||
            (self->calls_refused && !interactive))
                return;
        if (interactive)
                flags |= G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
        self->calls_pending = TRUE;
        g_dbus_proxy_call(self->proxy, "GetCalls", NULL, flags, interactive ? G_MAXINT : -1,
                          self->cancellable, on_calls, self);
}

/* A new service: what the last one refused, it may allow. */
void p2s_service_calls_owner(P2sService *self)
{
        self->calls_refused = FALSE;
        self->calls_pending = FALSE;
        p2s_service_calls_refresh(self, FALSE);
}

void p2s_service_calls_sample(P2sService *self, const P2sSample *sample)
{
        guint calls = p2s_service_get_n_calls(self);
        gboolean changed = calls != self->n_calls;

        if (!changed && (calls == 0 || sample->time_usec < self->calls_read_usec + REFRESH_USEC))
                return;
        self->n_calls = calls;
        self->calls_read_usec = sample->time_usec;
        p2s_service_calls_refresh(self, FALSE);
}

void p2s_service_calls_end(P2sService *self)
{
        while (g_list_model_get_n_items(G_LIST_MODEL(self->calls)) > 0)
                end_call(self, 0);
        self->n_calls = 0;
}

void p2s_service_calls_clear(P2sService *self)
{
        g_list_store_remove_all(self->ended_calls);
        g_list_store_remove_all(self->calls);
        self->n_calls = 0;
}

void p2s_service_unhide_calls(P2sService *self)
{
        p2s_service_calls_refresh(self, TRUE);
}
