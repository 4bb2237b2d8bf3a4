/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample-ring.h"
#include "sample.h"
#include "test.h"

static void test_make(void **state)
{
        static struct sample_counters a, b; /* large; zeroed */
        struct sample s;
        const struct sample_figures *f;

        a.time_usec = 1000000;
        b.time_usec = 3000000;

        a.totals.of[P2S_OUTGOING][P2S_CLASS_VOICE] = (struct p2s_total){100, 20000, 0};
        b.totals.of[P2S_OUTGOING][P2S_CLASS_VOICE] = (struct p2s_total){200, 40000, 50};
        a.calls.of[P2S_OUTGOING][P2S_CLASS_VOICE] = (struct call_sums){5, 1000000, 100};
        b.calls.of[P2S_OUTGOING][P2S_CLASS_VOICE] = (struct call_sums){7, 1600600, 200};
        a.queues[P2S_OUTGOING][P2S_QUEUE_VOICE] = (struct kernel_queue_stats){1, 999, 9};
        b.queues[P2S_OUTGOING][P2S_QUEUE_VOICE] = (struct kernel_queue_stats){4, 1500, 1};

        /* general is what no rule named, what one named general, and the ACK queue */
        b.totals.of[P2S_INCOMING][P2S_CLASS_NONE] = (struct p2s_total){10, 1000, 0};
        b.totals.of[P2S_INCOMING][P2S_CLASS_GENERAL] = (struct p2s_total){1, 250, 0};
        b.queues[P2S_INCOMING][P2S_QUEUE_GENERAL] = (struct kernel_queue_stats){2, 3000, 2};
        b.queues[P2S_INCOMING][P2S_QUEUE_ACK] = (struct kernel_queue_stats){1, 80, 2};
        b.queues[P2S_INCOMING][P2S_QUEUE_VIDEO] = (struct kernel_queue_stats){0, 7, 1};

        sample_make(&a, &b, MODE_SHAPE, 3, &s);
        assert_int_equal(s.time_usec, 3000000);
        assert_int_equal(s.interval_usec, 2000000);
        assert_int_equal(s.mode, MODE_SHAPE);
        assert_int_equal(s.calls, 3);

        f = &s.figures[P2S_OUTGOING][SAMPLE_VOICE];
        assert_int_equal(f->bitrate_bps, 80000);
        assert_int_equal(f->packets, 100);
        assert_int_equal(f->drops, 3);
        assert_int_equal(f->lost, 2);
        assert_int_equal(f->jitter_usec, 6); /* 6006 ns */
        assert_int_equal(f->backlog_bytes, 1500);

        f = &s.figures[P2S_INCOMING][SAMPLE_GENERAL];
        assert_int_equal(f->bitrate_bps, 5000);
        assert_int_equal(f->packets, 11);
        assert_int_equal(f->drops, 3);
        assert_int_equal(f->backlog_bytes, 3080);
        assert_int_equal(f->jitter_usec, 0);
        assert_int_equal(s.figures[P2S_INCOMING][SAMPLE_VIDEO].backlog_bytes, 7);
        assert_int_equal(s.figures[P2S_OUTGOING][SAMPLE_GENERAL].packets, 0);
}

/* Counters that began again, clocks that stand, loss that came back. */
static void test_backwards(void **state)
{
        static struct sample_counters a, b;
        struct sample s = {};
        const struct sample_figures *f = &s.figures[P2S_OUTGOING][SAMPLE_VIDEO];

        a.time_usec = b.time_usec = 1000000;
        a.totals.of[P2S_OUTGOING][P2S_CLASS_VIDEO] = (struct p2s_total){1000, 1000000, 0};
        b.totals.of[P2S_OUTGOING][P2S_CLASS_VIDEO] = (struct p2s_total){10, 1000, 0};
        a.queues[P2S_OUTGOING][P2S_QUEUE_VIDEO].drops = 50;
        b.queues[P2S_OUTGOING][P2S_QUEUE_VIDEO].drops = 3;
        a.calls.of[P2S_OUTGOING][P2S_CLASS_VIDEO].lost = 5;
        b.calls.of[P2S_OUTGOING][P2S_CLASS_VIDEO].lost = -2;

        sample_make(&a, &b, MODE_MONITOR, 0, &s);
        assert_int_equal(s.interval_usec, 0);
        assert_int_equal(f->bitrate_bps, 0);
        assert_int_equal(f->packets, 10);
        assert_int_equal(f->drops, 3);
        assert_int_equal(f->lost, 0);

        a.time_usec = 2000000; /* later than b */
        sample_make(&a, &b, MODE_MONITOR, 0, &s);
        assert_int_equal(s.interval_usec, 0);
}

static struct sample row(uint64_t time_usec)
{
        struct sample s = {
                .time_usec = time_usec, .interval_usec = 1000000, .mode = MODE_MARK, .calls = 2};

        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned c = 0; c < _SAMPLE_CLASS_MAX; c++)
                        s.figures[d][c] =
                                (struct sample_figures){.bitrate_bps = UINT64_C(100000000000) + d,
                                                        .packets = time_usec + c,
                                                        .drops = 10 * d + c,
                                                        .lost = 20 * d + c,
                                                        .jitter_usec = 30 * d + c,
                                                        .backlog_bytes = 40 * d + c};
        return s;
}

static void test_ring(void **state)
{
        _cleanup_(sample_ring_freep) SampleRing *ring = NULL;
        struct sample expected, s;

        assert_int_equal(sample_ring_new(&ring), 0);
        assert_int_equal(sample_ring_n(ring), 0);
        assert_int_equal(sample_ring_since(ring, 0), 0);

        for (uint64_t i = 1; i <= 3 * SAMPLE_RING_ROWS + 17; i++) {
                size_t n = (size_t)MIN(i, UINT64_C(600));

                s = row(i * 1000);
                sample_ring_push(ring, &s);
                assert_int_equal(sample_ring_n(ring), n);
                sample_ring_get(ring, n - 1, &s);
                expected = row(i * 1000);
                assert_memory_equal(&s, &expected, sizeof(s));
                sample_ring_get(ring, 0, &s);
                assert_int_equal(s.time_usec, (i - n + 1) * 1000);

                assert_int_equal(sample_ring_since(ring, 0), 0);
                assert_int_equal(sample_ring_since(ring, i * 1000), n);
                assert_int_equal(sample_ring_since(ring, i * 1000 - 1), n - 1);
                assert_int_equal(sample_ring_since(ring, UINT64_MAX), n);
        }
        sample_ring_clear(ring);
        assert_int_equal(sample_ring_n(ring), 0);
}

static void test_saturation(void **state)
{
        _cleanup_(sample_ring_freep) SampleRing *ring = NULL;
        struct sample s = row(1);

        assert_int_equal(sample_ring_new(&ring), 0);
        s.calls = UINT32_MAX;
        s.interval_usec = UINT64_MAX;
        s.figures[1][2] = (struct sample_figures){UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                                  UINT64_MAX, UINT64_MAX, UINT64_MAX};
        sample_ring_push(ring, &s);
        sample_ring_get(ring, 0, &s);
        assert_int_equal(s.calls, 0xffffff);
        assert_int_equal(s.mode, MODE_MARK);
        assert_true(s.interval_usec == UINT64_MAX);
        assert_int_equal(s.figures[1][2].bitrate_bps, UINT64_MAX);
        assert_int_equal(s.figures[1][2].packets, UINT32_MAX);
        assert_int_equal(s.figures[1][2].backlog_bytes, UINT32_MAX);
        assert_int_equal(s.figures[1][1].packets, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_make),
                cmocka_unit_test(test_backwards),
                cmocka_unit_test(test_ring),
                cmocka_unit_test(test_saturation),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
