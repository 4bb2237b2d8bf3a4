/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "graph.h"
#include "mode.h"
#include "plot.h"

/* px between the plot and its labels. */
#define SPACING 6

struct _P2sGraph {
        GtkWidget parent_instance;
        P2sSeries *series;
        const P2sMetric *metric;
        guint64 span_usec;
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

/* The plain text colour, made fainter. */
static GdkRGBA faint(GtkWidget *widget, float alpha)
{
        GdkRGBA colour;

        gtk_style_context_get_color(gtk_widget_get_style_context(widget), &colour);
        colour.alpha *= alpha;
        return colour;
}

/* Draws text; x_align and y_align tell which point of it lies at (x, y). */
static void draw_text(GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x,
                      double y, double x_align, double y_align, float alpha)
{
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
        GdkRGBA colour = faint(widget, alpha);
        int width, height;

        pango_layout_get_pixel_size(layout, &width, &height);
        gtk_snapshot_save(snapshot);
        gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)round(x - width * x_align),
                                                              (float)round(y - height * y_align)));
        gtk_snapshot_append_layout(snapshot, layout, &colour);
        gtk_snapshot_restore(snapshot);
}

static void text_size(GtkWidget *widget, const char *text, int *width, int *height)
{
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);

        pango_layout_get_pixel_size(layout, width, height);
}

static char *tick_text(const P2sGraph *self, const P2sAxis *axis, guint tick)
{
        P2sAxis shown = *axis;
        double divisor;
        const char *unit = self->metric->unit(axis->top, &divisor);
        g_autofree char *number = NULL;

        shown.step /= divisor;
        number = g_strdup_printf("%.*f", (int)p2s_axis_decimals(&shown), shown.step * tick);
        if (tick < axis->n_steps)
                return g_steal_pointer(&number);
        /* Translators: the topmost number of a graph’s axis and its unit */
        return g_strdup_printf(_("%s %s"), number, unit);
}

static void draw_grid(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        GtkWidget *widget = GTK_WIDGET(self);

        for (guint tick = 0; tick <= plot->axis.n_steps; tick++) {
                g_autofree char *text = tick_text(self, &plot->axis, tick);
                double y = round(plot->y + plot->height * (1 - (double)tick / plot->axis.n_steps));
                GdkRGBA colour = faint(widget, tick == 0 ? 0.4f : 0.12f);

                gtk_snapshot_append_color(
                        snapshot, &colour,
                        &GRAPHENE_RECT_INIT((float)plot->x, (float)y, (float)plot->width, 1));
                draw_text(widget, snapshot, text, plot->x - SPACING, y, 1, 0.5, 0.7f);
        }
}

static char *ago_text(guint64 ago_usec)
{
        guint seconds = (guint)(ago_usec / G_USEC_PER_SEC);

        if (seconds == 0)
                /* Translators: the right end of a graph’s time axis */
                return g_strdup(_("now"));
        if (seconds % 60 == 0)
                /* Translators: so many minutes ago, on a graph’s time axis */
                return g_strdup_printf(_("−%u min"), seconds / 60);
        /* Translators: so many seconds ago, on a graph’s time axis */
        return g_strdup_printf(_("−%u s"), seconds);
}

static void draw_times(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        guint64 step = p2s_axis_time_step(self->span_usec, plot->width < 400 ? 3 : 6);

        for (guint64 ago = 0; ago <= self->span_usec; ago += step) {
                g_autofree char *text = ago_text(ago);
                double x = plot->x + plot->width * (1 - (double)ago / (double)self->span_usec);
                double align = ago == 0 ? 1 : ago == self->span_usec ? 0 : 0.5;

                draw_text(GTK_WIDGET(self), snapshot, text, x, plot->y + plot->height + SPACING,
                          align, 0, 0.7f);
        }
}

static void draw_marks(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot, cairo_t *cr)
{
        GtkWidget *widget = GTK_WIDGET(self);
        GdkRGBA colour = faint(widget, 0.7f);
        const double dash[] = {2, 2};
        const P2sSample *sample;
        guint position = 0;

        gdk_cairo_set_source_rgba(cr, &colour);
        cairo_set_line_width(cr, 1);
        cairo_set_dash(cr, dash, 2, 0);
        while ((sample = p2s_plot_next_mark(plot, &position))) {
                double x = floor(p2s_plot_x(plot, sample->time_usec - sample->interval_usec)) + 0.5;
                gboolean right = x < plot->x + plot->width / 2;

                if (x < plot->x)
                        continue;
                cairo_move_to(cr, x, plot->y);
                cairo_line_to(cr, x, plot->y + plot->height);
                cairo_stroke(cr);
                draw_text(widget, snapshot, p2s_mode_title(sample->mode),
                          right ? x + SPACING : x - SPACING, plot->y + 2, right ? 0 : 1, 0, 0.9f);
        }
}

static void draw_series(P2sGraph *self, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        /* A line at the very top or bottom keeps its whole width. */
        graphene_rect_t area = GRAPHENE_RECT_INIT((float)plot->x, (float)plot->y - 2,
                                                  (float)plot->width, (float)plot->height + 4);
        cairo_t *cr;

        gtk_snapshot_push_clip(snapshot, &area);
        cr = gtk_snapshot_append_cairo(snapshot, &area);
        draw_marks(self, snapshot, plot, cr);
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
        int text_width, text_height;

        if (!self->metric)
                return;

        plot.until_usec = newest ? MAX(newest->time_usec, self->span_usec) : self->span_usec;
        plot.since_usec = plot.until_usec - self->span_usec;
        plot.axis = p2s_axis_fit(newest ? p2s_plot_peak(&plot) : 0, self->metric->least_top, 4);

        /* As wide as the widest label an axis can have: the plot never shifts. */
        text_size(widget, _("000 kbit/s"), &text_width, &text_height);
        plot.x = text_width + SPACING;
        plot.y = text_height / 2.0;
        plot.width = gtk_widget_get_width(widget) - plot.x - 2;
        plot.height = gtk_widget_get_height(widget) - plot.y - text_height - SPACING - 1;
        if (plot.width <= 0 || plot.height <= 0)
                return;

        draw_grid(self, snapshot, &plot);
        draw_times(self, snapshot, &plot);
        if (newest)
                draw_series(self, snapshot, &plot);
}

static void p2s_graph_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
        *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 120;
        *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 600 : 160;
}

static void p2s_graph_dispose(GObject *object)
{
        p2s_graph_set_series(P2S_GRAPH(object), NULL);
        G_OBJECT_CLASS(p2s_graph_parent_class)->dispose(object);
}

static void p2s_graph_class_init(P2sGraphClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_graph_dispose;
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
        if (self->series)
                g_signal_handlers_disconnect_by_func(self->series, gtk_widget_queue_draw, self);
        if (!g_set_object(&self->series, series) && !series)
                return;
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
