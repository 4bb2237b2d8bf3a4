/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "alarm.h"
#include "call.h"
#include "mode.h"
#include "status.h"
#include "words.h"

enum {
        PROP_LINE = 1,
        PROP_POOR,
        N_PROPS,
};

struct _P2sStatus {
        GObject parent_instance;
        P2sService *service;
        char *line;
        gboolean poor;
};

G_DEFINE_FINAL_TYPE(P2sStatus, p2s_status, G_TYPE_OBJECT)

static GParamSpec *props[N_PROPS];

/* Of all calls that have an estimate; 0: none has. */
static double worst_mos(P2sService *service)
{
        GListModel *calls = p2s_service_get_calls(service);
        double worst = INFINITY;

        for (guint i = 0; i < g_list_model_get_n_items(calls); i++) {
                g_autoptr(P2sCall) call = g_list_model_get_item(calls, i);

                if (call->mos > 0)
                        worst = fmin(worst, call->mos);
        }
        return isinf(worst) ? 0 : worst;
}

static char *line(P2sService *service, double mos)
{
        const char *mode = p2s_service_get_effective_mode(service), *quality = p2s_words_mos(mos);
        g_autofree char *summary = NULL;

        switch (p2s_service_get_state(service)) {
        case P2S_SERVICE_RUNNING:
                break;
        case P2S_SERVICE_MISSING:
                return g_strdup(_("The P2S service is not installed"));
        case P2S_SERVICE_STOPPED:
                return g_strdup(_("The P2S service is not running"));
        case P2S_SERVICE_NO_BUS:
                return g_strdup(_("The system bus went away"));
        default:
                return g_strdup(_("Waiting for the P2S service"));
        }
        if (p2s_service_get_calls_hidden(service))
                return g_strdup(p2s_mode_description(mode));
        summary = p2s_words_summary(mode, NULL,
                                    g_list_model_get_n_items(p2s_service_get_calls(service)), NAN);
        return quality ? g_strdup_printf("%s · %s", summary, quality) : g_steal_pointer(&summary);
}

static void update(P2sStatus *self)
{
        const char *mode = p2s_service_get_effective_mode(self->service);
        double mos = worst_mos(self->service);
        gboolean poor =
                p2s_alarm_is_poor(mos) && p2s_mode_is_known(mode) && !p2s_mode_prioritises(mode);
        g_autofree char *text = line(self->service, mos);

        if (g_strcmp0(text, self->line) != 0) {
                g_free(self->line);
                self->line = g_steal_pointer(&text);
                g_object_notify_by_pspec(G_OBJECT(self), props[PROP_LINE]);
        }
        if (poor != self->poor) {
                self->poor = poor;
                g_object_notify_by_pspec(G_OBJECT(self), props[PROP_POOR]);
        }
}

static void on_calls(P2sStatus *self, guint position, guint removed, guint added, GListModel *calls)
{
        for (guint i = position; i < position + added; i++) {
                g_autoptr(P2sCall) call = g_list_model_get_item(calls, i);

                g_signal_connect_object(call, "updated", G_CALLBACK(update), self,
                                        G_CONNECT_SWAPPED);
        }
        update(self);
}

P2sService *p2s_status_get_service(P2sStatus *self)
{
        return self->service;
}

const char *p2s_status_get_line(P2sStatus *self)
{
        return self->line;
}

gboolean p2s_status_get_poor(P2sStatus *self)
{
        return self->poor;
}

static void p2s_status_get_property(GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
        P2sStatus *self = P2S_STATUS(object);

        if (prop == PROP_LINE)
                g_value_set_string(value, self->line);
        else
                g_value_set_boolean(value, self->poor);
}

static void p2s_status_finalize(GObject *object)
{
        P2sStatus *self = P2S_STATUS(object);

        g_clear_object(&self->service);
        g_free(self->line);
        G_OBJECT_CLASS(p2s_status_parent_class)->finalize(object);
}

static void p2s_status_class_init(P2sStatusClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);
        const GParamFlags flags =
                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

        object_class->get_property = p2s_status_get_property;
        object_class->finalize = p2s_status_finalize;
        props[PROP_LINE] = g_param_spec_string("line", NULL, NULL, NULL, flags);
        props[PROP_POOR] = g_param_spec_boolean("poor", NULL, NULL, FALSE, flags);
        g_object_class_install_properties(object_class, N_PROPS, props);
}

static void p2s_status_init(P2sStatus *self)
{
}

P2sStatus *p2s_status_new(P2sService *service)
{
        static const char *const watched[] = {"notify::state", "notify::effective-mode",
                                              "notify::calls-hidden"};
        P2sStatus *self = g_object_new(P2S_TYPE_STATUS, NULL);
        GListModel *calls = p2s_service_get_calls(service);

        self->service = g_object_ref(service);
        for (guint i = 0; i < G_N_ELEMENTS(watched); i++)
                g_signal_connect_object(service, watched[i], G_CALLBACK(update), self,
                                        G_CONNECT_SWAPPED);
        g_signal_connect_object(calls, "items-changed", G_CALLBACK(on_calls), self,
                                G_CONNECT_SWAPPED);
        on_calls(self, 0, 0, g_list_model_get_n_items(calls), calls);
        return self;
}
