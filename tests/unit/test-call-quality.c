/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-quality.h"
#include "test.h"

static void test_loss(void **state)
{
        static const struct {
                uint32_t base, max, received;
                uint64_t expected;
                int64_t lost;
        } cases[] = {
                {0, 0, 0, 0, 0}, /* nothing yet */
                {0, 0, 1, 1, 0}, /* one packet */
                {100, 199, 100, 100, 0},
                {100, 199, 90, 100, 10},
                {100, 199, 103, 100, -3},      /* duplicates */
                {65530, 65536 + 5, 12, 12, 0}, /* 16 bits wrap */
                {65530, 65536 + 5, 11, 12, 1},
                {65535, 3 * 65536u, 131074, 131074, 0}, /* twice around */
                {0xfffffff0u, 0x0000000fu, 32, 32, 0},  /* 32 bits wrap */
                {0xfffffff0u, 0x0000000fu, 30, 32, 2},
                {1, 0, 1, UINT64_C(1) << 32, (INT64_C(1) << 32) - 1},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct p2s_flow f = {.base_ext_seq = cases[i].base,
                                     .max_ext_seq = cases[i].max,
                                     .received = cases[i].received};
                double fraction = flow_loss_fraction(&f);

                if (flow_expected(&f) != cases[i].expected || flow_lost(&f) != cases[i].lost)
                        fail_msg("case %zu: expected %llu lost %lld", i,
                                 (unsigned long long)flow_expected(&f), (long long)flow_lost(&f));
                assert_true(fraction >= 0.0 && fraction <= 1.0);
                if (cases[i].lost <= 0)
                        assert_true(fraction == 0.0);
        }
}

static void test_jitter(void **state)
{
        struct p2s_flow f = {.jitter_ns16 = (1234567u << 4) + 15,
                             .jitter_sum_ns = 3000 * 1000,
                             .jitter_packets = 4,
                             .jitter_max_ns = 1500};

        assert_int_equal(flow_jitter_usec(&f), 1235);
        assert_int_equal(flow_jitter_mean_usec(&f), 750);
        assert_int_equal(flow_jitter_max_usec(&f), 2); /* half rounds up */
        f.jitter_max_ns = 1499;
        assert_int_equal(flow_jitter_max_usec(&f), 1);
        f.jitter_packets = 0;
        assert_int_equal(flow_jitter_mean_usec(&f), 0);
        f.jitter_max_ns = UINT64_MAX;
        assert_int_equal(flow_jitter_max_usec(&f), UINT64_MAX / 1000 + 1);
}

static void test_bitrate(void **state)
{
        assert_int_equal(bitrate_bps(125, 1000000), 1000);
        assert_int_equal(bitrate_bps(1, 3000000), 2);
        assert_int_equal(bitrate_bps(1000, 0), 0);
        assert_int_equal(bitrate_bps(0, 5), 0);
        assert_int_equal(bitrate_bps(UINT64_C(125000000000), 10000000), UINT64_C(100000000000));
        assert_int_equal(bitrate_bps(UINT64_MAX, 1), UINT64_MAX);
        assert_int_equal(bitrate_bps(UINT64_MAX, 8000000), UINT64_MAX);
}

static void assert_near(double a, double b, double within)
{
        if (!(a >= b - within && a <= b + within))
                fail_msg("%f is not within %f of %f", a, within, b);
}

/* Figures worked out by hand from the formulas of G.107 and G.113. */
static void test_e_model(void **state)
{
        const struct codec *pcmu = codec_find(0, 8000), *g729 = codec_find(18, 8000);

        assert_near(quality_r(pcmu, 0.0, 0), 93.2, 1e-9);
        assert_near(quality_r(g729, 0.0, 0), 82.2, 1e-9);
        /* 1 %: 95 × 1 / 26.1 = 3.640 */
        assert_near(quality_r(pcmu, 0.01, 0), 89.560, 1e-3);
        /* 5 %: 11 + 84 × 5 / 24 = 28.5 */
        assert_near(quality_r(g729, 0.05, 0), 64.7, 1e-6);
        /* 100 ms: 2.4; 300 ms: 7.2 + 0.11 × 122.7 = 20.697 */
        assert_near(quality_r(pcmu, 0.0, 100000), 90.8, 1e-6);
        assert_near(quality_r(pcmu, 0.0, 175000), 89.0, 1e-6);
        assert_near(quality_r(pcmu, 0.0, 300000), 72.503, 1e-6);
        assert_near(quality_r(pcmu, 0.0, UINT64_MAX), 0.0, 1e-9);
        assert_near(quality_r(pcmu, 7.0, 0), quality_r(pcmu, 1.0, 0), 1e-9);
        assert_near(quality_r(pcmu, -1.0, 0), 93.2, 1e-9);

        /* G.107 annex B */
        assert_near(quality_mos(93.2), 4.409, 1e-3);
        assert_near(quality_mos(90.0), 4.339, 1e-3);
        assert_near(quality_mos(80.0), 4.024, 1e-3);
        assert_near(quality_mos(70.0), 3.597, 1e-3);
        assert_near(quality_mos(60.0), 3.100, 1e-3);
        assert_near(quality_mos(50.0), 2.575, 1e-3);
        assert_near(quality_mos(0.0), 1.0, 1e-9);
        assert_near(quality_mos(-5.0), 1.0, 1e-9);
        assert_near(quality_mos(3.0), 1.0, 1e-9); /* where the cubic dips */
        assert_near(quality_mos(100.0), 4.5, 1e-9);
        assert_near(quality_mos(200.0), 4.5, 1e-9);
}

static void test_delay(void **state)
{
        assert_int_equal(quality_delay_usec(0), 10000);
        assert_int_equal(quality_delay_usec(5000), 20000);
        assert_true(quality_delay_usec(UINT64_MAX) > UINT64_MAX / 4); /* no wrap */
}

static struct p2s_flow voice(void)
{
        return (struct p2s_flow){.base_ext_seq = 1,
                                 .max_ext_seq = 1000,
                                 .received = 1000,
                                 .jitter_packets = 999,
                                 .jitter_sum_ns = 999 * NSEC_PER_USEC * 1000,
                                 .clock_hz = 8000,
                                 .payload_type = 0,
                                 .class = P2S_CLASS_VOICE};
}

static void test_flow_mos(void **state)
{
        struct p2s_flow f = voice();
        double clear, mos = -1.0;

        assert_int_equal(flow_mos(&f, &clear), 0);
        assert_near(clear, 4.40, 0.02);

        f.received = 950;
        assert_int_equal(flow_mos(&f, &mos), 0);
        assert_true(mos < clear - 0.2);
        f = voice();
        f.jitter_sum_ns *= 150; /* 150 ms */
        assert_int_equal(flow_mos(&f, &mos), 0);
        assert_true(mos < clear - 0.5);
}

static void test_reports(void **state)
{
        struct p2s_flow f = voice();
        uint64_t usec = 7;
        double clear, mos, fraction = 7;

        assert_int_equal(flow_remote_loss_fraction(&f, &fraction), -ENODATA);
        assert_int_equal(flow_remote_jitter_usec(&f, &usec), -ENODATA);
        assert_int_equal(flow_rtt_usec(&f, &usec), -ENODATA);
        assert_true(fraction == 7 && usec == 7); /* untouched */
        assert_int_equal(flow_mos(&f, &clear), 0);

        f.remote_known = 1;
        f.remote_fraction = 64;
        f.remote_jitter = 80; /* 10 ms of 8 kHz */
        f.rtt_ns = 600 * 1000 * NSEC_PER_USEC;
        assert_int_equal(flow_remote_loss_fraction(&f, &fraction), 0);
        assert_near(fraction, 0.25, 1e-9);
        assert_int_equal(flow_remote_jitter_usec(&f, &usec), 0);
        assert_int_equal(usec, 10000);
        assert_int_equal(flow_rtt_usec(&f, &usec), 0);
        assert_int_equal(usec, 600000);
        assert_int_equal(flow_mos(&f, &mos), 0);
        assert_true(mos < clear - 0.5);
        f.clock_hz = 0;
        assert_int_equal(flow_remote_jitter_usec(&f, &usec), -ENODATA);
}

static void test_spread(void **state)
{
        struct spread s = {};
        double cv = 7;

        assert_int_equal(spread_cv(&s, &cv), -ENODATA);
        for (unsigned i = 0; i < 3; i++)
                spread_add(&s, 64000, USEC_PER_SEC / 2);
        assert_int_equal(spread_cv(&s, &cv), -ENODATA);
        assert_true(cv == 7); /* untouched */
        spread_add(&s, 64000, USEC_PER_SEC / 2);
        spread_add(&s, 1e9, 0); /* no time: no rate */
        assert_int_equal(spread_cv(&s, &cv), 0);
        assert_near(cv, 0.0, 1e-9);

        /* 30 for 3 s, 90 for 1 s: mean 45, variance (3 * 15^2 + 45^2) / 4 = 675 */
        s = (struct spread){};
        spread_add(&s, 30, 2 * USEC_PER_SEC);
        spread_add(&s, 90, USEC_PER_SEC);
        spread_add(&s, 30, USEC_PER_SEC);
        assert_int_equal(spread_cv(&s, &cv), 0);
        assert_near(cv, 0.5773502691896257, 1e-9);

        /* numbers that a sum of squares would drown in */
        s = (struct spread){};
        for (unsigned i = 0; i < 100000; i++)
                spread_add(&s, i % 2 ? 1e9 + 1 : 1e9 - 1, USEC_PER_SEC / 2);
        assert_int_equal(spread_cv(&s, &cv), 0);
        assert_near(cv, 1e-9, 1e-12);

        s = (struct spread){};
        spread_add(&s, 0, 9 * USEC_PER_SEC);
        assert_int_equal(spread_cv(&s, &cv), -ENODATA);
}

static void test_no_mos(void **state)
{
        double mos = -1.0;
        struct p2s_flow f;

        f = voice();
        f.class = P2S_CLASS_VIDEO;
        assert_int_equal(flow_mos(&f, &mos), -ENODATA);
        f = voice();
        f.payload_type = 96; /* dynamic, 8 kHz */
        assert_int_equal(flow_mos(&f, &mos), -ENODATA);
        f = voice();
        f.payload_type = 3; /* GSM: G.113 gives no Bpl */
        assert_int_equal(flow_mos(&f, &mos), -ENODATA);
        f = voice();
        f.max_ext_seq = f.received = 49;
        assert_int_equal(flow_mos(&f, &mos), -ENODATA);
        f = voice();
        f.jitter_packets = 0;
        assert_int_equal(flow_mos(&f, &mos), -ENODATA);
        assert_true(mos == -1.0); /* untouched */
        f = voice();
        f.max_ext_seq = f.received = 50;
        assert_int_equal(flow_mos(&f, &mos), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_loss),    cmocka_unit_test(test_jitter),
                cmocka_unit_test(test_bitrate), cmocka_unit_test(test_e_model),
                cmocka_unit_test(test_delay),   cmocka_unit_test(test_flow_mos),
                cmocka_unit_test(test_no_mos),  cmocka_unit_test(test_reports),
                cmocka_unit_test(test_spread),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
