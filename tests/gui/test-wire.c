/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An hour of samples at 10 Hz, from the bus's message to the ring, and painted: none of
 * them leaves anything behind.  The whole panel is watched by bench-panel --samples. */
#include <malloc.h>

#include "plot.h"
#include "wire.h"

#define SAMPLES   36000
#define RING      6000 /* as the panel's own */
#define STEP_USEC 100000

static GVariant *figures(guint64 n)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE("a(tttttt)"));
        for (guint class = 0; class < P2S_N_CLASSES; class ++)
                g_variant_builder_add(&builder, "(tttttt)", 80000 + n % 7, (guint64)5, (guint64)0,
                                      (guint64)0, 900 + n % 300, (guint64)0);
        return g_variant_builder_end(&builder);
}

static void feed(P2sSeries *series, guint64 from, guint64 n)
{
        for (guint64 i = from; i < from + n; i++) {
                g_autoptr(GVariant) row = g_variant_ref_sink(
                        g_variant_new("(sttsu@a(tttttt)@a(tttttt))", "eth0", (i + 1) * STEP_USEC,
                                      (guint64)STEP_USEC, i % 600 < 300 ? "monitor" : "shape", 1,
                                      figures(i), figures(i)));
                g_autoptr(P2sSample) sample = p2s_wire_sample(row);

                p2s_series_append(series, sample);
        }
}

static void paint(P2sSeries *series)
{
        const P2sMetric *metric = p2s_metric_get("jitter");
        const guint64 until = p2s_series_newest(series)->time_usec;
        const P2sPlot plot = {.series = series,
                              .metric = metric,
                              .axis = p2s_axis_fit(10, 1, 4),
                              .since_usec = until - 600 * (guint64)G_USEC_PER_SEC,
                              .until_usec = until,
                              .width = 400,
                              .height = 100};
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 400, 100);
        cairo_t *cr = cairo_create(surface);
        GdkRGBA black = {0, 0, 0, 1};

        p2s_plot_draw_layer(&plot, &metric->layers[0], &black, cr);
        cairo_destroy(cr);
        cairo_surface_destroy(surface);
}

/* Bytes in use. */
static gsize in_use(void)
{
        return mallinfo2().uordblks;
}

static void test_memory(void)
{
        g_autoptr(P2sSeries) series = p2s_series_new(RING, 600 * (guint64)G_USEC_PER_SEC);
        gsize before, after;

        /* Once the ring is full, a row that comes takes the place of one that goes. */
        feed(series, 0, 2 * RING);
        paint(series);
        before = in_use();
        feed(series, 2 * RING, SAMPLES);
        paint(series);
        after = in_use();
        g_test_message("%zu bytes in use before, %zu after %d samples", before, after, SAMPLES);
        g_assert_cmpuint(after, <, before + SAMPLES);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/wire/memory", test_memory);
        return g_test_run();
}
