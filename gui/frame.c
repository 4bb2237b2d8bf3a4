/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "frame.h"
#include "mode.h"

/* The plain text colour, made fainter. */
static GdkRGBA faint(GtkWidget *widget, float alpha)
{
        GdkRGBA colour;

        gtk_style_context_get_color(gtk_widget_get_style_context(widget), &colour);
        colour.alpha *= alpha;
        return colour;
}

static int text_width(GtkWidget *widget, const char *text)
{
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, text);
        int width;

        pango_layout_get_pixel_size(layout, &width, NULL);
        return width;
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

gboolean p2s_frame_layout(GtkWidget *widget, P2sPlot *plot)
{
        /* As wide as the widest label an axis can have: the plot never shifts. */
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, _("000 kbit/s"));
        int width, height;

        pango_layout_get_pixel_size(layout, &width, &height);
        plot->x = width + P2S_FRAME_SPACING;
        plot->y = height + 2;
        plot->width = gtk_widget_get_width(widget) - plot->x - 2;
        plot->height = gtk_widget_get_height(widget) - plot->y - height - P2S_FRAME_SPACING - 1;
        return plot->width > 0 && plot->height > 0;
}

static char *tick_text(const P2sPlot *plot, guint tick)
{
        P2sAxis shown = plot->axis;
        double divisor;
        const char *unit = plot->metric->unit(plot->axis.top, &divisor);
        g_autofree char *number = NULL;

        shown.step /= divisor;
        number = g_strdup_printf("%.*f", (int)p2s_axis_decimals(&shown), shown.step * tick);
        if (tick < plot->axis.n_steps)
                return g_steal_pointer(&number);
        /* Translators: the topmost number of a graph’s axis and its unit */
        return g_strdup_printf(_("%s %s"), number, unit);
}

void p2s_frame_draw_values(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        for (guint tick = 0; tick <= plot->axis.n_steps; tick++) {
                g_autofree char *text = tick_text(plot, tick);
                double y = round(plot->y + plot->height * (1 - (double)tick / plot->axis.n_steps));
                GdkRGBA colour = faint(widget, tick == 0 ? 0.4f : 0.12f);

                gtk_snapshot_append_color(
                        snapshot, &colour,
                        &GRAPHENE_RECT_INIT((float)plot->x, (float)y, (float)plot->width, 1));
                draw_text(widget, snapshot, text, plot->x - P2S_FRAME_SPACING, y, 1, 0.5, 0.7f);
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

void p2s_frame_draw_times(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot,
                          gboolean live)
{
        guint64 span = plot->until_usec - plot->since_usec;
        guint64 step = p2s_axis_time_step(span, plot->width < 400 ? 3 : 6);

        for (guint64 ago = live ? 0 : step; ago <= span; ago += step) {
                g_autofree char *text = ago_text(ago);
                double x = plot->x + plot->width * (1 - (double)ago / (double)span);
                double align = ago == 0 ? 1 : ago == span ? 0 : 0.5;

                draw_text(widget, snapshot, text, x, plot->y + plot->height + P2S_FRAME_SPACING,
                          align, 0, 0.7f);
        }
}

void p2s_frame_draw_marks(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot)
{
        g_autoptr(GPtrArray) marks = g_ptr_array_new();
        double limit = plot->x + plot->width;
        GdkRGBA colour = faint(widget, 0.6f);
        const P2sSample *mark;
        guint position = 0;

        while ((mark = p2s_plot_next_mark(plot, &position)))
                g_ptr_array_add(marks, (gpointer)mark);

        /* The newest first: where names would lie on one another, its own stays,
         * and of the others the line alone tells. */
        for (guint i = marks->len; i-- > 0;) {
                double x, start;
                int width;

                mark = g_ptr_array_index(marks, i);
                x = floor(p2s_plot_x(plot, mark->time_usec - mark->interval_usec));
                if (x < plot->x)
                        break;
                gtk_snapshot_append_color(snapshot, &colour,
                                          &GRAPHENE_RECT_INIT((float)x, (float)plot->y - 4, 1,
                                                              (float)plot->height + 4));
                width = text_width(widget, p2s_mode_title(mark->mode));
                start = x + width <= limit ? x : MIN(x, limit) - width;
                if (start < 0 || start + width > limit)
                        continue;
                draw_text(widget, snapshot, p2s_mode_title(mark->mode), start, 0, 0, 0, 0.9f);
                limit = start - P2S_FRAME_SPACING;
        }
}

void p2s_frame_draw_note(GtkWidget *widget, GtkSnapshot *snapshot, const P2sPlot *plot,
                         const char *note)
{
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, note);
        GdkRGBA colour = faint(widget, 0.8f);
        int height;

        pango_layout_set_width(layout, (int)plot->width * PANGO_SCALE);
        pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
        pango_layout_get_pixel_size(layout, NULL, &height);
        gtk_snapshot_save(snapshot);
        gtk_snapshot_translate(
                snapshot, &GRAPHENE_POINT_INIT((float)plot->x,
                                               (float)(plot->y + (plot->height - height) / 2)));
        gtk_snapshot_append_layout(snapshot, layout, &colour);
        gtk_snapshot_restore(snapshot);
}
