/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <math.h>

#include "metric.h"
#include "mode.h"
#include "switch-row.h"
#include "words.h"

/* How often the sentence under the switch may change. */
#define TEXT_USEC ((guint64)G_USEC_PER_SEC)

struct _P2sSwitchRow {
        AdwActionRow parent_instance;
        GtkSwitch *toggle;
        P2sService *service;
        gboolean focused; /* had the focus when it stopped reacting */
        guint64 text_usec;
};

G_DEFINE_FINAL_TYPE(P2sSwitchRow, p2s_switch_row, ADW_TYPE_ACTION_ROW)

static guint failed_signal;

/* The worse direction of all calls together, ms. */
static double worst_jitter(P2sSeries *series)
{
        const P2sMetric *metric = p2s_metric_get("jitter");
        double worst = NAN;

        for (guint i = 0; i < metric->n_layers; i++)
                worst = fmax(worst, p2s_metric_current(metric, &metric->layers[i], series));
        return worst;
}

static void say_summary(P2sSwitchRow *self)
{
        P2sSeries *series = p2s_service_get_series(self->service);
        const P2sSample *newest = p2s_series_newest(series);
        P2sLink *link = p2s_service_get_link(self->service);
        guint calls = p2s_service_get_n_calls(self->service);
        g_autofree char *title = link ? p2s_link_get_title(link) : NULL;
        g_autofree char *summary =
                /* Where calls run on more than one link, no one of them is named. */
                p2s_words_summary(p2s_service_get_effective_mode(self->service),
                                  link && link->calls == calls ? title : NULL, calls,
                                  newest ? worst_jitter(series) : NAN);

        self->text_usec = newest ? newest->time_usec : 0;
        adw_action_row_set_subtitle(ADW_ACTION_ROW(self), summary);
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->toggle),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary, -1);
}

static void on_samples(P2sSwitchRow *self)
{
        const P2sSample *newest = p2s_series_newest(p2s_service_get_series(self->service));

        if (!newest || newest->time_usec < self->text_usec ||
            newest->time_usec >= self->text_usec + TEXT_USEC)
                say_summary(self);
}

static gboolean on_state_set(P2sSwitchRow *self, gboolean on, GtkSwitch *toggle);

/* Shows what the service says.  Not while it is asked: the position is the user's. */
static void update(P2sSwitchRow *self)
{
        const char *mode = p2s_service_get_effective_mode(self->service);
        gboolean on = p2s_mode_prioritises(mode);
        gboolean pending = p2s_service_get_pending(self->service);
        gboolean able =
                mode && !pending && p2s_service_get_state(self->service) == P2S_SERVICE_RUNNING;

        if (!able && gtk_widget_has_focus(GTK_WIDGET(self->toggle)))
                self->focused = TRUE;
        gtk_widget_set_sensitive(GTK_WIDGET(self->toggle), able);
        if (able && self->focused) {
                gtk_widget_grab_focus(GTK_WIDGET(self->toggle));
                self->focused = FALSE;
        }

        if (!pending) {
                g_signal_handlers_block_by_func(self->toggle, on_state_set, self);
                gtk_switch_set_active(self->toggle, on);
                gtk_switch_set_state(self->toggle, on);
                g_signal_handlers_unblock_by_func(self->toggle, on_state_set, self);
        }
        say_summary(self);
}

static void on_mode_set(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(P2sSwitchRow) self = P2S_SWITCH_ROW(data);
        g_autoptr(GError) error = NULL;

        if (p2s_service_set_mode_finish(P2S_SERVICE(source), result, &error))
                return;
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        g_signal_emit(self, failed_signal, 0, error);
}

static gboolean on_state_set(P2sSwitchRow *self, gboolean on, GtkSwitch *toggle)
{
        p2s_service_prioritise_async(self->service, on, on_mode_set, g_object_ref(self));
        /* The state follows when the service has answered. */
        return TRUE;
}

static void p2s_switch_row_dispose(GObject *object)
{
        g_clear_object(&P2S_SWITCH_ROW(object)->service);
        G_OBJECT_CLASS(p2s_switch_row_parent_class)->dispose(object);
}

static void p2s_switch_row_class_init(P2sSwitchRowClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        object_class->dispose = p2s_switch_row_dispose;
        failed_signal = g_signal_new("failed", P2S_TYPE_SWITCH_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);

        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/switch-row.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sSwitchRow, toggle);
        gtk_widget_class_bind_template_callback(widget_class, on_state_set);
}

static void p2s_switch_row_init(P2sSwitchRow *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

void p2s_switch_row_set_service(P2sSwitchRow *self, P2sService *service)
{
        static const char *const watched[] = {"notify::state", "notify::effective-mode",
                                              "notify::pending", "notify::link"};

        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        for (guint i = 0; i < G_N_ELEMENTS(watched); i++)
                g_signal_connect_object(service, watched[i], G_CALLBACK(update), self,
                                        G_CONNECT_SWAPPED);
        g_signal_connect_object(p2s_service_get_series(service), "items-changed",
                                G_CALLBACK(on_samples), self, G_CONNECT_SWAPPED);
        update(self);
}
