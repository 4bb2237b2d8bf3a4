/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "legend-entry.h"

/* px of line shown as a sample: two dashes and the space between. */
#define SWATCH_WIDTH  24
#define SWATCH_HEIGHT 12

struct _P2sLegendEntry {
        GtkBox parent_instance;
        const P2sLayer *layer;
        GtkLabel *value;
};

G_DEFINE_FINAL_TYPE(P2sLegendEntry, p2s_legend_entry, GTK_TYPE_BOX)

static void draw_swatch(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
        const P2sLayer *layer = data;
        GtkStyleContext *context = gtk_widget_get_style_context(GTK_WIDGET(area));
        GdkRGBA colour;

        if (!gtk_style_context_lookup_color(context, layer->colour, &colour))
                gtk_style_context_get_color(context, &colour);
        gdk_cairo_set_source_rgba(cr, &colour);
        cairo_set_line_width(cr, layer->width);
        cairo_set_dash(cr, layer->dash, (int)layer->n_dash, 0);
        cairo_move_to(cr, 0, height / 2.0);
        cairo_line_to(cr, width, height / 2.0);
        cairo_stroke(cr);
}

static void p2s_legend_entry_class_init(P2sLegendEntryClass *klass)
{
        gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void p2s_legend_entry_init(P2sLegendEntry *self)
{
        gtk_box_set_spacing(GTK_BOX(self), 6);
}

GtkWidget *p2s_legend_entry_new(const P2sLayer *layer)
{
        P2sLegendEntry *self = g_object_new(P2S_TYPE_LEGEND_ENTRY, NULL);
        GtkWidget *name = gtk_label_new(_(layer->name));
        /* One above the other, so that a narrow window need not cut the name. */
        GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
        GtkWidget *swatch = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
                                         GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

        self->layer = layer;
        gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(swatch), SWATCH_WIDTH);
        gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(swatch), SWATCH_HEIGHT);
        gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(swatch), draw_swatch, (gpointer)layer,
                                       NULL);
        gtk_widget_set_valign(swatch, GTK_ALIGN_CENTER);
        gtk_box_append(GTK_BOX(self), swatch);

        gtk_label_set_ellipsize(GTK_LABEL(name), PANGO_ELLIPSIZE_END);
        gtk_label_set_xalign(GTK_LABEL(name), 0);
        gtk_widget_add_css_class(name, "caption");
        gtk_widget_add_css_class(name, "dim-label");
        gtk_box_append(GTK_BOX(words), name);

        self->value = GTK_LABEL(gtk_label_new(NULL));
        gtk_widget_add_css_class(GTK_WIDGET(self->value), "caption-heading");
        gtk_widget_add_css_class(GTK_WIDGET(self->value), "numeric");
        gtk_label_set_xalign(self->value, 0);
        gtk_box_append(GTK_BOX(words), GTK_WIDGET(self->value));
        gtk_widget_set_hexpand(words, TRUE);
        gtk_box_append(GTK_BOX(self), words);
        return GTK_WIDGET(self);
}

void p2s_legend_entry_set_value(P2sLegendEntry *self, const char *words)
{
        gtk_label_set_label(self->value, words);
}
