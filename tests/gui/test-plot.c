/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of a graph as it is painted: where it is joined and where it is broken. */
#include <string.h>

#include "plot.h"

#define SECOND ((guint64)G_USEC_PER_SEC)
#define WIDTH  400 /* px for 40 s: 10 px a sample */

static void append(P2sSeries *series, guint64 seconds)
{
        g_autoptr(P2sSample) sample =
                p2s_sample_new("eth0", (1000 + seconds) * SECOND, SECOND, "shape", 1);

        sample->figures[P2S_OUTGOING][P2S_VOICE].packets = 50;
        sample->figures[P2S_OUTGOING][P2S_VOICE].jitter_usec = 5000;
        p2s_series_append(series, sample);
}

/* Whether anything is painted in the columns from … to - 1. */
static gboolean inked(cairo_surface_t *surface, int from, int to)
{
        const guint8 *data = cairo_image_surface_get_data(surface);
        int stride = cairo_image_surface_get_stride(surface);

        for (int y = 0; y < cairo_image_surface_get_height(surface); y++)
                for (int x = from; x < to; x++)
                        if (data[y * stride + x] != 0)
                                return TRUE;
        return FALSE;
}

static cairo_surface_t *paint(P2sSeries *series)
{
        const P2sMetric *metric = p2s_metric_get("jitter");
        const P2sPlot plot = {.series = series,
                              .metric = metric,
                              .axis = p2s_axis_fit(10, 1, 4),
                              .since_usec = 1000 * SECOND,
                              .until_usec = 1040 * SECOND,
                              .width = WIDTH,
                              .height = 100};
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, WIDTH, 100);
        cairo_t *cr = cairo_create(surface);
        GdkRGBA black = {0, 0, 0, 1};

        p2s_plot_draw_layer(&plot, &metric->layers[0], &black, cr);
        cairo_destroy(cr);
        cairo_surface_flush(surface);
        return surface;
}

static void test_joined(void)
{
        g_autoptr(P2sSeries) series = p2s_series_new(100, 600 * SECOND);
        cairo_surface_t *surface;

        for (guint64 s = 5; s <= 35; s++)
                append(series, s);
        surface = paint(series);
        for (int x = 50; x < 350; x++)
                g_assert_true(inked(surface, x, x + 1));
        g_assert_false(inked(surface, 0, 45));
        g_assert_false(inked(surface, 355, WIDTH));
        cairo_surface_destroy(surface);
}

/* The service was away from 15 to 25 s. */
static void test_gap(void)
{
        g_autoptr(P2sSeries) series = p2s_series_new(100, 600 * SECOND);
        cairo_surface_t *surface;

        for (guint64 s = 5; s <= 15; s++)
                append(series, s);
        for (guint64 s = 26; s <= 35; s++)
                append(series, s);
        surface = paint(series);
        g_assert_true(inked(surface, 145, 150));
        g_assert_false(inked(surface, 155, 255));
        g_assert_true(inked(surface, 260, 265));
        cairo_surface_destroy(surface);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/plot/joined", test_joined);
        g_test_add_func("/plot/gap", test_gap);
        return g_test_run();
}
