/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph.h"

#include "frame.h"
#include "plot.h"

struct _P2sGraph {
        GtkWidget parent_instance;
        P2sSeries *series;
        const P2sMetric *metric;
        guint64 span_usec;
        char *note;
};

G_DEFINE_FINAL_TYPE(P2sGraph, p2s_graph, GTK_TYPE_WIDGET)

static GdkRGBA named_colour(GtkWidget *widget, const char *name)
{
        GtkStyleContext *context = gtk_widget_get_style_context(widget);
        GdkRGBA colour;

        if (!gtk_style_context_lookup_color(context, name, &colour))
                gtk_style_context_get_color(context, &colour);
        return colour;
}

static void draw_layers(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        /* A line at the very top or bottom keeps its whole width. */
        graphene_rect_t area = GRAPHENE_RECT_INIT((float)plot->x, (float)plot->y - 2,
                                                  (float)plot->width + 2, (float)plot->height + 4);
        cairo_t *cr;

        gtk_snapshot_push_clip(snapshot, &area);
        cr = gtk_snapshot_append_cairo(snapshot, &area);
        /* The first layer is the one that matters most: on top. */
        for (guint i = self->metric->n_layers; i-- > 0;) {
                const P2sLayer *layer = &self->metric->layers[i];
                GdkRGBA colour = named_colour(GTK_WIDGET(self), layer->colour);

                p2s_plot_draw_layer(plot, layer, &colour, cr);
        }
        cairo_destroy(cr);
        gtk_snapshot_pop(snapshot);
}

static void p2s_graph_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
        P2sGraph *self = P2S_GRAPH(widget);
        const P2sSample *newest = self->series ? p2s_series_newest(self->series) : NULL;
        P2sPlot plot = {.series = self->series, .metric = self->metric};

        if (!self->metric || !p2s_frame_layout(widget, &plot))
                return;

        /* The right end is the newest sample, not the clock: nothing moves between two. */
        plot.until_usec = newest ? MAX(newest->time_usec, self->span_usec) : self->span_usec;
        plot.since_usec = plot.until_usec - self->span_usec;
        plot.axis = p2s_axis_fit(newest ? p2s_plot_peak(&plot) : 0, self->metric->least_top, 4);

        p2s_frame_draw_values(widget, snapshot, &plot);
        p2s_frame_draw_times(widget, snapshot, &plot, newest && !self->note);
        if (newest) {
                p2s_frame_draw_marks(widget, snapshot, &plot);
                gtk_snapshot_push_opacity(snapshot, self->note ? 0.3 : 1);
                draw_layers(self, snapshot, &plot);
                gtk_snapshot_pop(snapshot);
        }
        if (self->note)
                p2s_frame_draw_note(widget, snapshot, &plot, self->note);
}

static void p2s_graph_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
        *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 120;
        *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 600 : 165;
}

static void p2s_graph_dispose(GObject *object)
{
        p2s_graph_set_series(P2S_GRAPH(object), NULL);
        G_OBJECT_CLASS(p2s_graph_parent_class)->dispose(object);
}

static void p2s_graph_finalize(GObject *object)
{
        g_free(P2S_GRAPH(object)->note);
        G_OBJECT_CLASS(p2s_graph_parent_class)->finalize(object);
}

static void p2s_graph_class_init(P2sGraphClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_graph_dispose;
        G_OBJECT_CLASS(klass)->finalize = p2s_graph_finalize;
        widget_class->snapshot = p2s_graph_snapshot;
        widget_class->measure = p2s_graph_measure;
        gtk_widget_class_set_css_name(widget_class, "p2s-graph");
        gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void p2s_graph_init(P2sGraph *self)
{
        self->span_usec = 60 * (guint64)G_USEC_PER_SEC;
        gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}

void p2s_graph_set_series(P2sGraph *self, P2sSeries *series)
{
        if (self->series == series)
                return;
        if (self->series)
                g_signal_handlers_disconnect_by_func(self->series, gtk_widget_queue_draw, self);
        g_set_object(&self->series, series);
        if (series)
                g_signal_connect_swapped(series, "items-changed", G_CALLBACK(gtk_widget_queue_draw),
                                         self);
        gtk_widget_queue_draw(GTK_WIDGET(self));
}

void p2s_graph_set_metric(P2sGraph *self, const P2sMetric *metric)
{
        self->metric = metric;
        gtk_widget_queue_draw(GTK_WIDGET(self));
}

void p2s_graph_set_span(P2sGraph *self, guint64 span_usec)
{
        self->span_usec = span_usec;
        gtk_widget_queue_draw(GTK_WIDGET(self));
}

void p2s_graph_set_note(P2sGraph *self, const char *note)
{
        if (g_strcmp0(self->note, note) == 0)
                return;
        g_free(self->note);
        self->note = g_strdup(note);
        gtk_widget_queue_draw(GTK_WIDGET(self));
}
