/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph.h"

#include <math.h>

#include "frame.h"
#include "plot.h"

struct _P2sGraph {
        GtkWidget parent_instance;
        P2sSeries *series;
        const P2sMetric *metric;
        guint64 span_usec;
        guint64 until_usec; /* 0: the newest sample */
        char *note;
        double pointer_x; /* where the pointer reads; below 0: nowhere */
        /* Time of the sample that the keys read; 0: none, G_MAXUINT64: the newest. */
        guint64 read_usec;
};

G_DEFINE_FINAL_TYPE(P2sGraph, p2s_graph, GTK_TYPE_WIDGET)

static guint read_signal;

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

/* Where things lie; FALSE: there is nothing, or no room. */
static gboolean layout(P2sGraph *self, P2sPlot *plot)
{
        *plot = (P2sPlot){.series = self->series, .metric = self->metric};
        p2s_graph_get_window(self, &plot->since_usec, &plot->until_usec);
        return self->metric && p2s_frame_layout(GTK_WIDGET(self), plot);
}

const P2sSample *p2s_graph_get_read(P2sGraph *self)
{
        const P2sSample *sample;
        P2sPlot plot;

        if (self->note || !self->series || !layout(self, &plot))
                return NULL;
        if (self->pointer_x >= 0)
                return p2s_plot_nearest(&plot, p2s_plot_time(&plot, self->pointer_x));
        if (self->read_usec == 0)
                return NULL;
        sample = p2s_plot_nearest(&plot, self->read_usec);
        /* It has moved out of the picture. */
        if (sample && sample->time_usec != self->read_usec && self->read_usec < plot.since_usec)
                self->read_usec = sample->time_usec;
        return sample;
}

/* A line through the sample that is read, a dot on each of its values. */
static void draw_read(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        const P2sSample *sample = p2s_graph_get_read(self);
        GdkRGBA colour;
        float x;

        if (!sample)
                return;
        x = (float)round(p2s_plot_x(plot, sample->time_usec));
        gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(self)), &colour);
        gtk_snapshot_append_color(
                snapshot, &colour,
                &GRAPHENE_RECT_INIT(x, (float)plot->y - 4, 1, (float)plot->height + 4));
        for (guint i = self->metric->n_layers; i-- > 0;) {
                const P2sLayer *layer = &self->metric->layers[i];
                double value = self->metric->value(sample, layer);
                graphene_rect_t dot;
                GskRoundedRect round_dot;

                if (isnan(value))
                        continue;
                colour = named_colour(GTK_WIDGET(self), layer->colour);
                dot = GRAPHENE_RECT_INIT(x - 3.5f, (float)p2s_plot_y(plot, value) - 4, 8, 8);
                gsk_rounded_rect_init_from_rect(&round_dot, &dot, 4);
                gtk_snapshot_push_rounded_clip(snapshot, &round_dot);
                gtk_snapshot_append_color(snapshot, &colour, &dot);
                gtk_snapshot_pop(snapshot);
        }
}

static void p2s_graph_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
        P2sGraph *self = P2S_GRAPH(widget);
        gboolean any = self->series && p2s_series_newest(self->series);
        P2sPlot plot;

        if (!layout(self, &plot))
                return;
        plot.axis = p2s_axis_fit(any ? p2s_plot_peak(&plot) : 0, self->metric->least_top, 4);

        p2s_frame_draw_values(widget, snapshot, &plot);
        p2s_frame_draw_times(widget, snapshot, &plot, any && !self->note && !self->until_usec);
        if (any) {
                p2s_frame_draw_marks(widget, snapshot, &plot);
                gtk_snapshot_push_opacity(snapshot, self->note ? 0.3 : 1);
                draw_layers(self, snapshot, &plot);
                gtk_snapshot_pop(snapshot);
                draw_read(self, snapshot, &plot);
        }
        if (self->note)
                p2s_frame_draw_note(widget, snapshot, &plot, self->note);
}

/* Something that is seen has changed, and with it perhaps what is read. */
static void changed(P2sGraph *self)
{
        gtk_widget_queue_draw(GTK_WIDGET(self));
        g_signal_emit(self, read_signal, 0);
}

static void on_motion(P2sGraph *self, double x, double y)
{
        if (x == self->pointer_x)
                return;
        self->pointer_x = x;
        changed(self);
}

static void on_leave(P2sGraph *self)
{
        self->pointer_x = -1;
        changed(self);
}

static gboolean on_key(P2sGraph *self, guint key, guint code, GdkModifierType modifiers)
{
        const P2sSample *sample = p2s_graph_get_read(self);
        gboolean newest = FALSE;
        gint64 step = 0;
        P2sPlot plot;

        if ((modifiers & gtk_accelerator_get_default_mod_mask()) || !layout(self, &plot))
                return GDK_EVENT_PROPAGATE;
        switch (key) {
        case GDK_KEY_Left:
        case GDK_KEY_KP_Left:
                step = -1;
                break;
        case GDK_KEY_Right:
        case GDK_KEY_KP_Right:
                step = 1;
                break;
        case GDK_KEY_Home:
        case GDK_KEY_KP_Home:
                sample = p2s_plot_nearest(&plot, plot.since_usec);
                break;
        case GDK_KEY_End:
        case GDK_KEY_KP_End:
                sample = p2s_plot_nearest(&plot, plot.until_usec);
                newest = TRUE;
                break;
        case GDK_KEY_Escape:
                if (!sample)
                        return GDK_EVENT_PROPAGATE;
                sample = NULL;
                break;
        default:
                return GDK_EVENT_PROPAGATE;
        }
        self->pointer_x = -1;
        if (step != 0)
                sample = sample ? p2s_plot_step(&plot, sample, step)
                                : p2s_plot_nearest(&plot, plot.until_usec);
        /* At the right end one reads what is newest, whatever comes. */
        self->read_usec = !sample ? 0 : newest ? G_MAXUINT64 : sample->time_usec;
        changed(self);
        return GDK_EVENT_STOP;
}

/* Who tabs on does not read any more. */
static void on_focus_left(P2sGraph *self)
{
        self->read_usec = 0;
        changed(self);
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
        read_signal = g_signal_new("read", P2S_TYPE_GRAPH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
        widget_class->snapshot = p2s_graph_snapshot;
        widget_class->measure = p2s_graph_measure;
        gtk_widget_class_set_css_name(widget_class, "p2s-graph");
        gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void p2s_graph_init(P2sGraph *self)
{
        GtkEventController *motion = gtk_event_controller_motion_new();
        GtkEventController *keys = gtk_event_controller_key_new();
        GtkEventController *focus = gtk_event_controller_focus_new();

        self->span_usec = 60 * (guint64)G_USEC_PER_SEC;
        self->pointer_x = -1;
        gtk_widget_set_focusable(GTK_WIDGET(self), TRUE);
        g_signal_connect_swapped(motion, "motion", G_CALLBACK(on_motion), self);
        g_signal_connect_swapped(motion, "leave", G_CALLBACK(on_leave), self);
        g_signal_connect_swapped(keys, "key-pressed", G_CALLBACK(on_key), self);
        g_signal_connect_swapped(focus, "leave", G_CALLBACK(on_focus_left), self);
        gtk_widget_add_controller(GTK_WIDGET(self), motion);
        gtk_widget_add_controller(GTK_WIDGET(self), keys);
        gtk_widget_add_controller(GTK_WIDGET(self), focus);
        gtk_widget_set_overflow(GTK_WIDGET(self), GTK_OVERFLOW_HIDDEN);
}

/* Once a sample, and not at all where it stands still. */
static void on_samples(P2sGraph *self)
{
        const P2sSample *newest = p2s_series_newest(self->series);

        if (self->until_usec == 0 || !newest)
                gtk_widget_queue_draw(GTK_WIDGET(self));
}

void p2s_graph_set_series(P2sGraph *self, P2sSeries *series)
{
        if (self->series == series)
                return;
        if (self->series)
                g_signal_handlers_disconnect_by_func(self->series, on_samples, self);
        g_set_object(&self->series, series);
        if (series)
                g_signal_connect_swapped(series, "items-changed", G_CALLBACK(on_samples), self);
        gtk_widget_queue_draw(GTK_WIDGET(self));
}

void p2s_graph_set_metric(P2sGraph *self, const P2sMetric *metric)
{
        self->metric = metric;
        changed(self);
}

void p2s_graph_set_span(P2sGraph *self, guint64 span_usec)
{
        self->span_usec = span_usec;
        changed(self);
}

void p2s_graph_set_until(P2sGraph *self, guint64 until_usec)
{
        self->until_usec = until_usec;
        changed(self);
}

void p2s_graph_get_window(P2sGraph *self, guint64 *since_usec, guint64 *until_usec)
{
        const P2sSample *newest = self->series ? p2s_series_newest(self->series) : NULL;
        guint64 until = self->until_usec;

        /* The right end is the newest sample, not the clock: nothing moves between two. */
        if (until == 0 && newest)
                until = newest->time_usec;
        *until_usec = MAX(until, self->span_usec);
        *since_usec = *until_usec - self->span_usec;
}

void p2s_graph_set_note(P2sGraph *self, const char *note)
{
        if (g_strcmp0(self->note, note) == 0)
                return;
        g_free(self->note);
        self->note = g_strdup(note);
        changed(self);
}
