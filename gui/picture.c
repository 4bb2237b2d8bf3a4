/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "picture.h"

#define SCALE  2
#define MARGIN 12 /* px around the widget: its shadow */

GdkTexture *p2s_picture_of(GtkWidget *widget)
{
        g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
        GtkNative *native = gtk_widget_get_native(widget);
        GtkSnapshot *snapshot = gtk_snapshot_new();
        float width = (float)gtk_widget_get_width(widget) + 2 * MARGIN;
        float height = (float)gtk_widget_get_height(widget) + 2 * MARGIN;
        graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, width * SCALE, height * SCALE);
        g_autoptr(GskRenderNode) node = NULL;
        GdkRGBA background;

        if (gtk_style_context_lookup_color(gtk_widget_get_style_context(widget), "window_bg_color",
                                           &background))
                gtk_snapshot_append_color(snapshot, &background, &area);
        gtk_snapshot_scale(snapshot, SCALE, SCALE);
        gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(MARGIN, MARGIN));
        gdk_paintable_snapshot(paintable, snapshot, (double)gtk_widget_get_width(widget),
                               (double)gtk_widget_get_height(widget));
        node = gtk_snapshot_free_to_node(snapshot);
        if (!node || !native)
                return NULL;
        return gsk_renderer_render_texture(gtk_native_get_renderer(native), node, &area);
}
