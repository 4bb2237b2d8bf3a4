/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "axis.h"

static void assert_axis(double peak, double least, double top, double step)
{
        P2sAxis axis = p2s_axis_fit(peak, least, 4);

        g_assert_cmpfloat_with_epsilon(axis.top, top, top * 1e-9);
        g_assert_cmpfloat_with_epsilon(axis.step, step, step * 1e-9);
        g_assert_cmpfloat_with_epsilon(axis.n_steps * axis.step, axis.top, top * 1e-9);
}

static void a_peak_fits_under_a_round_top(void)
{
        assert_axis(3.1, 5, 6, 2);
        assert_axis(5, 5, 6, 2);
        assert_axis(7.9, 5, 8, 2);
        assert_axis(8.1, 5, 10, 5);
        assert_axis(13, 5, 15, 5);
        assert_axis(19, 5, 20, 5);
        assert_axis(86400, 100e3, 100e3, 50e3);
        assert_axis(46.2e6, 100e3, 60e6, 20e6);
        assert_axis(0.3, 0.1, 0.3, 0.1);
}

static void any_peak_is_held_by_few_nice_steps(void)
{
        for (guint i = 0; i < 8 * 14; i++) /* a thousandth to 100 thousand million */
                for (guint steps = 1; steps <= 8; steps++) {
                        double peak = 1e-3 * pow(10, i / 8.0);
                        P2sAxis axis = p2s_axis_fit(peak, 0, steps);
                        double mantissa = axis.step / pow(10, floor(log10(axis.step) + 1e-9));

                        g_assert_cmpfloat(axis.top, >=, peak * (1 - 1e-6));
                        g_assert_cmpuint(axis.n_steps, >=, 1);
                        g_assert_cmpuint(axis.n_steps, <=, steps);
                        g_assert_true(fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 ||
                                      fabs(mantissa - 5) < 1e-6);
                }
}

static void no_peak_leaves_the_least_top(void)
{
        assert_axis(0, 5, 6, 2);
        assert_axis(-3, 5, 6, 2);
        assert_axis(NAN, 5, 6, 2);
        assert_axis(INFINITY, 5, 6, 2);
        assert_axis(0, 0, 1, 0.5);
}

static void values_land_between_origin_and_top(void)
{
        P2sAxis axis = p2s_axis_fit(20, 5, 4);

        g_assert_cmpfloat(p2s_axis_scale(&axis, 0), ==, 0);
        g_assert_cmpfloat(p2s_axis_scale(&axis, 5), ==, 0.25);
        g_assert_cmpfloat(p2s_axis_scale(&axis, 20), ==, 1);
        g_assert_cmpfloat(p2s_axis_scale(&axis, 21), ==, 1);
        g_assert_cmpfloat(p2s_axis_scale(&axis, -1), ==, 0);
        g_assert_true(isnan(p2s_axis_scale(&axis, NAN)));
}

static void decimals_tell_ticks_apart(void)
{
        g_assert_cmpuint(p2s_axis_decimals(&(P2sAxis){.step = 50}), ==, 0);
        g_assert_cmpuint(p2s_axis_decimals(&(P2sAxis){.step = 1}), ==, 0);
        g_assert_cmpuint(p2s_axis_decimals(&(P2sAxis){.step = 0.5}), ==, 1);
        g_assert_cmpuint(p2s_axis_decimals(&(P2sAxis){.step = 0.1}), ==, 1);
        g_assert_cmpuint(p2s_axis_decimals(&(P2sAxis){.step = 0.02}), ==, 2);
}

static void time_ticks_are_round(void)
{
        g_assert_cmpuint(p2s_axis_time_step(60 * G_USEC_PER_SEC, 6), ==, 10 * G_USEC_PER_SEC);
        g_assert_cmpuint(p2s_axis_time_step(60 * G_USEC_PER_SEC, 3), ==, 30 * G_USEC_PER_SEC);
        g_assert_cmpuint(p2s_axis_time_step(300 * G_USEC_PER_SEC, 6), ==, 60 * G_USEC_PER_SEC);
        g_assert_cmpuint(p2s_axis_time_step(600 * G_USEC_PER_SEC, 6), ==, 120 * G_USEC_PER_SEC);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/axis/fit/round-top", a_peak_fits_under_a_round_top);
        g_test_add_func("/axis/fit/any-peak", any_peak_is_held_by_few_nice_steps);
        g_test_add_func("/axis/fit/no-peak", no_peak_leaves_the_least_top);
        g_test_add_func("/axis/scale", values_land_between_origin_and_top);
        g_test_add_func("/axis/decimals", decimals_tell_ticks_apart);
        g_test_add_func("/axis/time", time_ticks_are_round);
        return g_test_run();
}
