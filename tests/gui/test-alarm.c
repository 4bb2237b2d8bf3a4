/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "alarm.h"

#define SECOND ((guint64)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)

static void test_two_readings(void)
{
        P2sAlarm alarm = {};
        guint64 last = 0;

        g_assert_false(p2s_alarm_read(&alarm, 2.5, 100 * SECOND, &last));
        /* the same moment once more */
        g_assert_false(p2s_alarm_read(&alarm, 2.5, 100 * SECOND + 1, &last));
        g_assert_false(p2s_alarm_read(&alarm, 4.2, 105 * SECOND, &last));
        g_assert_false(p2s_alarm_read(&alarm, 3.59, 110 * SECOND, &last));
        g_assert_true(p2s_alarm_read(&alarm, 3.59, 115 * SECOND, &last));
        g_assert_cmpuint(last, ==, 115 * SECOND);
}

static void test_not_poor(void)
{
        const double fine[] = {3.6, 4.4, 0, NAN};

        for (guint i = 0; i < G_N_ELEMENTS(fine); i++) {
                P2sAlarm alarm = {};
                guint64 last = 0;

                g_assert_false(p2s_alarm_is_poor(fine[i]));
                for (guint64 t = 1; t < 100; t++)
                        g_assert_false(p2s_alarm_read(&alarm, fine[i], t * 5 * SECOND, &last));
        }
}

static void test_once_a_call(void)
{
        P2sAlarm alarm = {};
        guint64 last = 0;
        guint told = 0;

        for (guint64 t = 1 * SECOND; t < 60 * MINUTE; t += 5 * SECOND)
                told += p2s_alarm_read(&alarm, 1.0, t, &last);
        g_assert_cmpuint(told, ==, 1);
}

static void test_once_in_ten_minutes(void)
{
        guint64 last = 0;
        guint told = 0;

        /* A new call each minute, poor from beginning to end. */
        for (guint64 t = 1 * SECOND; t < 60 * MINUTE; t += MINUTE) {
                P2sAlarm alarm = {};

                for (guint i = 0; i < 10; i++)
                        told += p2s_alarm_read(&alarm, 1.0, t + i * 5 * SECOND, &last);
        }
        g_assert_cmpuint(told, ==, 6);
}

/* Who was passed over because another was told is told when the time is up. */
static void test_later(void)
{
        P2sAlarm alarm = {};
        guint64 last = 1 * MINUTE;

        for (guint64 t = 2 * MINUTE; t < 11 * MINUTE; t += 5 * SECOND)
                g_assert_false(p2s_alarm_read(&alarm, 2.0, t, &last));
        g_assert_true(p2s_alarm_read(&alarm, 2.0, 11 * MINUTE, &last));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/alarm/two-readings", test_two_readings);
        g_test_add_func("/alarm/not-poor", test_not_poor);
        g_test_add_func("/alarm/once-a-call", test_once_a_call);
        g_test_add_func("/alarm/once-in-ten-minutes", test_once_in_ten_minutes);
        g_test_add_func("/alarm/later", test_later);
        return g_test_run();
}
