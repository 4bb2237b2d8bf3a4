/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call measures: rates, losses, jitter, by class and direction. */
#include "call-flows.h"

static uint64_t bitrate(const CallTable *t)
{
        return call_table_next_flow(t, call_table_next_call(t, NULL), NULL)->bitrate_bps;
}

static void test_bitrate(void **state)
{
        struct told told;
        struct call_table_handler handler;
        struct kernel_flow f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 100, 101);

        for (unsigned period_ms = 100; period_ms <= 1000; period_ms += 300) {
                _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
                uint64_t step = period_ms * UINT64_C(1000000);

                for (uint64_t now = 100 * SEC + step; now <= 104 * SEC; now += step) {
                        f.flow.last_ns = now;
                        f.flow.bytes = (now - 100 * SEC) / 100000; /* 80 kbit/s */
                        assert_int_equal(call_table_update(t, LINK, &f, 1, now, &handler), 0);
                        if (now >= 100 * SEC + SEC / 2)
                                assert_in_range(bitrate(t), 79990, 80010);
                        else
                                assert_in_range(bitrate(t), 0, 80010);
                }
                /* then nothing: 0 within a second */
                for (uint64_t now = 104 * SEC + step; now <= 106 * SEC; now += step)
                        assert_int_equal(call_table_update(t, LINK, &f, 1, now, &handler), 0);
                assert_int_equal(bitrate(t), 0);
        }
}

/* Two rates in turn, then silence: that is no variation until the flow speaks again. */
static void test_spread(void **state)
{
        struct told told;
        struct call_table_handler handler;
        struct kernel_flow f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 100, 101);
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        const struct call_flow *cf;
        uint64_t now = 100 * SEC;
        double cv;

        f.flow.bytes = 0;
        for (unsigned i = 0; i < 8; i++) {
                now += SEC / 2;
                f.flow.bytes += i % 2 ? 3000 : 1000; /* 48 and 16 kbit/s */
                f.flow.last_ns = now;
                assert_int_equal(call_table_update(t, LINK, &f, 1, now, &handler), 0);
        }
        cf = call_table_next_flow(t, call_table_next_call(t, NULL), NULL);
        assert_int_equal(spread_cv(&cf->spread, &cv), 0);
        assert_in_range(cv * 1e6, 499999, 500001);
        now += 4 * SEC;
        assert_int_equal(call_table_update(t, LINK, &f, 1, now, &handler), 0);
        assert_int_equal(spread_cv(&cf->spread, &cv), 0);
        assert_in_range(cv * 1e6, 499999, 500001);
        now += SEC / 2;
        f.flow.bytes += 2000;
        f.flow.last_ns = now;
        assert_int_equal(call_table_update(t, LINK, &f, 1, now, &handler), 0);
        assert_int_equal(spread_cv(&cf->spread, &cv), 0);
        assert_in_range(cv * 1e6, 1000000, 1200000);
}

static void update(CallTable *t, const struct kernel_flow *f, uint64_t now_s,
                   struct call_figures *ret)
{
        assert_int_equal(call_table_update(t, LINK, f, 1, now_s * SEC, NULL), 0);
        call_table_figures(t, LINK, ret);
}

static void test_figures(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);
        struct call_figures figures = {};
        const struct call_sums *voice = &figures.of[P2S_OUTGOING][P2S_CLASS_VOICE];
        const struct call_sums *video = &figures.of[P2S_OUTGOING][P2S_CLASS_VIDEO];

        call_table_figures(t, LINK, &figures);
        assert_int_equal(voice->jitter_packets, 0);

        f.flow.base_ext_seq = 1;
        f.flow.max_ext_seq = 100;
        f.flow.received = 98;
        f.flow.jitter_packets = 97;
        f.flow.jitter_sum_ns = 9700;
        update(t, &f, 100, &figures);
        assert_int_equal(voice->lost, 2);
        assert_int_equal(voice->jitter_packets, 97);
        assert_int_equal(voice->jitter_sum_ns, 9700);

        /* one of the lost arrives late: the sum goes down */
        f.flow.last_ns = 101 * SEC;
        f.flow.max_ext_seq = 150;
        f.flow.received = 149;
        f.flow.packets += 51;
        f.flow.jitter_packets = 147;
        f.flow.jitter_sum_ns = 20000;
        update(t, &f, 101, &figures);
        assert_int_equal(voice->lost, 1);
        assert_int_equal(voice->jitter_packets, 147);
        assert_int_equal(voice->jitter_sum_ns, 20000);

        /* nothing new, nothing more */
        update(t, &f, 102, &figures);
        assert_int_equal(voice->lost, 1);
        assert_int_equal(voice->jitter_packets, 147);

        /* becomes video: what comes from now on is video's */
        f.flow.class = P2S_CLASS_VIDEO;
        f.flow.last_ns = 103 * SEC;
        f.flow.max_ext_seq = 160;
        f.flow.packets += 7;
        f.flow.received += 7;
        update(t, &f, 103, &figures);
        assert_int_equal(voice->lost, 1);
        assert_int_equal(video->lost, 3);
        assert_int_equal(video->jitter_packets, 0);
}

static void test_restarts(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f = flow(9, 1, P2S_INCOMING, P2S_CLASS_VOICE, 90, 100);
        struct call_figures figures = {};
        const struct call_sums *voice = &figures.of[P2S_INCOMING][P2S_CLASS_VOICE];

        f.flow.max_ext_seq += 5; /* 5 lost */
        f.flow.jitter_packets = 500;
        f.flow.jitter_sum_ns = 5000;
        update(t, &f, 100, &figures);
        assert_int_equal(voice->lost, 5);

        /* the sender begins a new sequence in the same flow: no 5 are given back */
        f.flow.last_ns = 101 * SEC;
        f.flow.packets += 3;
        f.flow.base_ext_seq = 40000;
        f.flow.max_ext_seq = 40003;
        f.flow.received = 3;
        f.flow.jitter_packets = 2;
        f.flow.jitter_sum_ns = 20;
        update(t, &f, 101, &figures);
        assert_int_equal(voice->lost, 6);
        assert_int_equal(voice->jitter_packets, 502);
        assert_int_equal(voice->jitter_sum_ns, 5020);

        /* and another, longer than the one before */
        f.flow.packets += 50;
        f.flow.base_ext_seq = 10;
        f.flow.max_ext_seq = 60;
        f.flow.received = 50;
        update(t, &f, 102, &figures);
        assert_int_equal(voice->lost, 7);

        /* the kernel's table lost the flow and met it again */
        f = flow(9, 1, P2S_INCOMING, P2S_CLASS_VOICE, 102, 102);
        update(t, &f, 102, &figures);
        assert_int_equal(voice->lost, 7);
        assert_int_equal(bitrate(t), 200 * 8 * 2);

        /* the same, when it was long unseen: with more packets than it had */
        f = flow(9, 1, P2S_INCOMING, P2S_CLASS_VOICE, 103, 104);
        f.flow.jitter_packets = 40;
        f.flow.jitter_sum_ns = 400;
        update(t, &f, 104, &figures);
        f = flow(9, 1, P2S_INCOMING, P2S_CLASS_VOICE, 105, 107);
        f.flow.max_ext_seq += 4;
        f.flow.jitter_packets = 60;
        f.flow.jitter_sum_ns = 600;
        update(t, &f, 107, &figures);
        assert_int_equal(voice->lost, 11);
        assert_int_equal(voice->jitter_packets, 602);
        assert_int_equal(voice->jitter_sum_ns, 6020);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bitrate),
                cmocka_unit_test(test_spread),
                cmocka_unit_test(test_figures),
                cmocka_unit_test(test_restarts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
