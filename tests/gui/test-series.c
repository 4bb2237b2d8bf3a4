/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "series.h"

typedef struct Log {
        guint n_emitted;
        guint length; /* as the signals told it */
} Log;

static void on_changed(GListModel *model, guint position, guint removed, guint added, Log *log)
{
        g_assert_cmpuint(position + removed, <=, log->length);
        log->length = log->length - removed + added;
        log->n_emitted++;
        g_assert_cmpuint(g_list_model_get_n_items(model), ==, log->length);
}

static P2sSeries *new_series(guint capacity, guint64 span, Log *log)
{
        P2sSeries *series = p2s_series_new(capacity, span);

        *log = (Log){0};
        g_signal_connect(series, "items-changed", G_CALLBACK(on_changed), log);
        return series;
}

static void append(P2sSeries *series, guint64 time)
{
        g_autoptr(P2sSample) sample = p2s_sample_new("eth0", time, 1, "shape", 1);

        p2s_series_append(series, sample);
}

static GPtrArray *samples(guint64 from, guint64 to)
{
        GPtrArray *array = g_ptr_array_new_with_free_func(g_object_unref);

        for (guint64 time = from; time <= to; time++)
                g_ptr_array_add(array, p2s_sample_new("eth0", time, 1, "shape", 1));
        return array;
}

static void assert_times(P2sSeries *series, guint64 first, guint64 last)
{
        guint n = (guint)(last - first + 1);

        g_assert_cmpuint(p2s_series_get_length(series), ==, n);
        for (guint i = 0; i < n; i++)
                g_assert_cmpuint(p2s_series_peek(series, i)->time_usec, ==, first + i);
        g_assert_cmpuint(p2s_series_newest(series)->time_usec, ==, last);
}

static void the_oldest_give_way_when_full(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(4, 1000, &log);

        g_assert_null(p2s_series_newest(series));
        for (guint64 time = 1; time <= 11; time++)
                append(series, time);
        assert_times(series, 8, 11);
        g_assert_cmpuint(log.length, ==, 4);
}

static void the_oldest_give_way_to_time(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(100, 10, &log);

        for (guint64 time = 1; time <= 30; time++)
                append(series, time);
        assert_times(series, 20, 30);
        append(series, 1000);
        assert_times(series, 1000, 1000);
}

static void what_is_told_twice_counts_once(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(100, 1000, &log);
        g_autoptr(GPtrArray) history = samples(1, 20);

        append(series, 10);
        append(series, 10);
        append(series, 9);
        p2s_series_extend(series, history);
        assert_times(series, 10, 20);
        log.n_emitted = 0;
        p2s_series_extend(series, history);
        g_assert_cmpuint(log.n_emitted, ==, 0);
}

static void history_longer_than_the_ring_keeps_its_end(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(5, 1000, &log);
        g_autoptr(GPtrArray) history = samples(3, 20);

        append(series, 1);
        append(series, 2);
        p2s_series_extend(series, history);
        assert_times(series, 16, 20);
        g_assert_cmpuint(log.length, ==, 5);
}

static void history_beyond_the_span_is_left_out(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(100, 5, &log);
        g_autoptr(GPtrArray) history = samples(1, 20);

        p2s_series_extend(series, history);
        assert_times(series, 15, 20);
        g_assert_cmpuint(log.n_emitted, ==, 1);
}

static void a_break_marks_the_next_sample_alone(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(100, 1000, &log);

        p2s_series_break(series);
        append(series, 1);
        g_assert_false(p2s_series_peek(series, 0)->after_gap);
        p2s_series_break(series);
        append(series, 2);
        append(series, 3);
        g_assert_true(p2s_series_peek(series, 1)->after_gap);
        g_assert_false(p2s_series_peek(series, 2)->after_gap);
}

static void find_gives_the_first_at_or_after(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(8, 1000, &log);

        g_assert_cmpuint(p2s_series_find(series, 0), ==, 0);
        for (guint64 time = 10; time <= 100; time += 10)
                append(series, time);
        /* 30 … 100 are left, and the ring has wrapped. */
        g_assert_cmpuint(p2s_series_find(series, 0), ==, 0);
        g_assert_cmpuint(p2s_series_find(series, 30), ==, 0);
        g_assert_cmpuint(p2s_series_find(series, 31), ==, 1);
        g_assert_cmpuint(p2s_series_find(series, 100), ==, 7);
        g_assert_cmpuint(p2s_series_find(series, 101), ==, 8);
}

static void items_are_referenced_and_released(void)
{
        Log log;
        g_autoptr(P2sSeries) series = new_series(2, 1000, &log);
        P2sSample *sample = p2s_sample_new("eth0", 1, 1, "shape", 1);
        gpointer weak = sample;

        g_object_add_weak_pointer(G_OBJECT(sample), &weak);
        p2s_series_append(series, sample);
        g_object_unref(sample);
        {
                g_autoptr(P2sSample) item = g_list_model_get_item(G_LIST_MODEL(series), 0);

                g_assert_true(item == sample);
                g_assert_null(g_list_model_get_item(G_LIST_MODEL(series), 1));
        }
        g_assert_nonnull(weak);
        p2s_series_clear(series);
        g_assert_null(weak);
        g_assert_cmpuint(log.length, ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/series/full", the_oldest_give_way_when_full);
        g_test_add_func("/series/span", the_oldest_give_way_to_time);
        g_test_add_func("/series/twice", what_is_told_twice_counts_once);
        g_test_add_func("/series/long-history", history_longer_than_the_ring_keeps_its_end);
        g_test_add_func("/series/old-history", history_beyond_the_span_is_left_out);
        g_test_add_func("/series/break", a_break_marks_the_next_sample_alone);
        g_test_add_func("/series/find", find_gives_the_first_at_or_after);
        g_test_add_func("/series/references", items_are_referenced_and_released);
        return g_test_run();
}
