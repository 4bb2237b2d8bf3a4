/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "graph-card.h"
#include "graph.h"
#include "legend-entry.h"
#include "mode.h"

/* How often the values as text change: slowly enough to read, and to hear. */
#define TEXT_USEC ((guint64)G_USEC_PER_SEC)

struct _P2sGraphCard {
        GtkBox parent_instance;
        GtkBox *header;
        GtkLabel *title, *subtitle;
        GtkGrid *legend;
        P2sGraph *graph;

        P2sSeries *series;
        const P2sMetric *metric;
        char *usual_subtitle;
        gboolean idle;     /* no samples come */
        gboolean reads;    /* the text tells of a sample that is read */
        guint64 text_usec; /* time of the sample that the text tells of */
};

enum {
        PROP_METRIC = 1,
        PROP_SUBTITLE,
        N_PROPS,
};

static GParamSpec *props[N_PROPS];
static GtkBuildableIface *parent_buildable;

static void add_child(GtkBuildable *buildable, GtkBuilder *builder, GObject *child,
                      const char *type)
{
        if (g_strcmp0(type, "suffix") == 0)
                gtk_box_append(P2S_GRAPH_CARD(buildable)->header, GTK_WIDGET(child));
        else
                parent_buildable->add_child(buildable, builder, child, type);
}

static void buildable_init(GtkBuildableIface *iface)
{
        parent_buildable = g_type_interface_peek_parent(iface);
        iface->add_child = add_child;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(P2sGraphCard, p2s_graph_card, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(GTK_TYPE_BUILDABLE, buildable_init))

/* When the sample that is read was taken, and what was done then. */
static char *read_words(P2sGraphCard *self, const P2sSample *sample)
{
        const P2sSample *newest = p2s_series_newest(self->series);
        double seconds = (double)(newest->time_usec - sample->time_usec) / 1e6;
        g_autofree char *ago = NULL;

        if (seconds < 60)
                /* Translators: how long ago a value was measured; keep it short */
                ago = g_strdup_printf(_("%.1f s ago"), seconds);
        else
                /* Translators: how long ago a value was measured, minutes and seconds; keep
                 * it short */
                ago = g_strdup_printf(_("%u min %u s ago"), (guint)seconds / 60,
                                      (guint)seconds % 60);
        /* Translators: the first is "12.4 s ago", the second a mode such as "Measuring" */
        return g_strdup_printf(C_("time and mode", "%s · %s"), ago, p2s_mode_title(sample->mode));
}

/* Says the current values, or those that are read, in the legend and to a screen
 * reader. */
static void say_values(P2sGraphCard *self)
{
        const P2sSample *read = p2s_graph_get_read(self->graph);
        g_autofree char *words = read ? read_words(self, read) : NULL;
        g_autoptr(GString) label = g_string_new(_(self->metric->title));
        const char *separator = ": ";

        gtk_label_set_label(self->subtitle, words ? words : self->usual_subtitle);
        if (words)
                g_string_append_printf(label, ", %s", words);
        for (guint i = 0; i < self->metric->n_layers; i++) {
                const P2sLayer *layer = &self->metric->layers[i];
                GtkWidget *entry = gtk_grid_get_child_at(self->legend, (int)i % 2, (int)i / 2);
                double value = read         ? self->metric->value(read, layer)
                               : self->idle ? NAN
                                            : p2s_metric_current(self->metric, layer, self->series);
                g_autofree char *value_words = self->metric->words(value);

                p2s_legend_entry_set_value(P2S_LEGEND_ENTRY(entry), value_words);
                g_string_append_printf(label, "%s%s %s", separator, _(layer->name), value_words);
                separator = ", ";
        }
        gtk_accessible_update_property(GTK_ACCESSIBLE(self->graph), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       label->str, -1);
        self->reads = read != NULL;
}

static void on_read(P2sGraphCard *self)
{
        if (self->series && (self->reads || p2s_graph_get_read(self->graph)))
                say_values(self);
}

static void on_samples(P2sGraphCard *self)
{
        const P2sSample *newest = p2s_series_newest(self->series);
        guint64 now = newest ? newest->time_usec : 0;

        if (newest && now >= self->text_usec && now < self->text_usec + TEXT_USEC)
                return;
        self->text_usec = now;
        say_values(self);
}

static void fill_legend(P2sGraphCard *self)
{
        GtkWidget *child;

        while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->legend))))
                gtk_grid_remove(self->legend, child);
        for (guint i = 0; i < self->metric->n_layers; i++)
                gtk_grid_attach(self->legend, p2s_legend_entry_new(&self->metric->layers[i]),
                                (int)i % 2, (int)i / 2, 1, 1);
}

void p2s_graph_card_set_metric(P2sGraphCard *self, const char *name)
{
        const P2sMetric *metric = p2s_metric_get(name);

        g_return_if_fail(metric);
        if (self->metric == metric)
                return;
        self->metric = metric;
        gtk_label_set_label(self->title, _(metric->title));
        fill_legend(self);
        p2s_graph_set_metric(self->graph, metric);
        if (self->series)
                say_values(self);
        g_object_notify_by_pspec(G_OBJECT(self), props[PROP_METRIC]);
}

void p2s_graph_card_set_series(P2sGraphCard *self, P2sSeries *series)
{
        g_return_if_fail(!self->series);
        self->series = g_object_ref(series);
        g_signal_connect_object(series, "items-changed", G_CALLBACK(on_samples), self,
                                G_CONNECT_SWAPPED);
        p2s_graph_set_series(self->graph, series);
        say_values(self);
}

void p2s_graph_card_set_span(P2sGraphCard *self, guint64 span_usec)
{
        p2s_graph_set_span(self->graph, span_usec);
}

void p2s_graph_card_set_until(P2sGraphCard *self, guint64 until_usec)
{
        p2s_graph_set_until(self->graph, until_usec);
}

void p2s_graph_card_get_window(P2sGraphCard *self, guint64 *since_usec, guint64 *until_usec)
{
        p2s_graph_get_window(self->graph, since_usec, until_usec);
}

void p2s_graph_card_set_note(P2sGraphCard *self, const char *note)
{
        self->idle = note != NULL;
        p2s_graph_set_note(self->graph, note);
        if (self->series)
                say_values(self);
}

static void p2s_graph_card_set_property(GObject *object, guint prop, const GValue *value,
                                        GParamSpec *pspec)
{
        P2sGraphCard *self = P2S_GRAPH_CARD(object);

        switch (prop) {
        case PROP_METRIC:
                p2s_graph_card_set_metric(self, g_value_get_string(value));
                break;
        case PROP_SUBTITLE:
                g_free(self->usual_subtitle);
                self->usual_subtitle = g_value_dup_string(value);
                gtk_label_set_label(self->subtitle, self->usual_subtitle);
                break;
        default:
                G_OBJECT_WARN_INVALID_PROPERTY_ID(object, prop, pspec);
        }
}

static void p2s_graph_card_dispose(GObject *object)
{
        g_clear_object(&P2S_GRAPH_CARD(object)->series);
        G_OBJECT_CLASS(p2s_graph_card_parent_class)->dispose(object);
}

static void p2s_graph_card_finalize(GObject *object)
{
        g_free(P2S_GRAPH_CARD(object)->usual_subtitle);
        G_OBJECT_CLASS(p2s_graph_card_parent_class)->finalize(object);
}

static void p2s_graph_card_class_init(P2sGraphCardClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
        const GParamFlags flags =
                G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

        object_class->set_property = p2s_graph_card_set_property;
        object_class->dispose = p2s_graph_card_dispose;
        object_class->finalize = p2s_graph_card_finalize;
        props[PROP_METRIC] = g_param_spec_string("metric", NULL, NULL, NULL, flags);
        props[PROP_SUBTITLE] = g_param_spec_string("subtitle", NULL, NULL, NULL, flags);
        g_object_class_install_properties(object_class, N_PROPS, props);

        g_type_ensure(P2S_TYPE_GRAPH);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/graph-card.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sGraphCard, header);
        gtk_widget_class_bind_template_child(widget_class, P2sGraphCard, title);
        gtk_widget_class_bind_template_child(widget_class, P2sGraphCard, subtitle);
        gtk_widget_class_bind_template_child(widget_class, P2sGraphCard, legend);
        gtk_widget_class_bind_template_child(widget_class, P2sGraphCard, graph);
        gtk_widget_class_bind_template_callback(widget_class, on_read);
}

static void p2s_graph_card_init(P2sGraphCard *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}
