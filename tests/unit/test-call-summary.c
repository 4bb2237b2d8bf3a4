/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-summary.h"
#include "test.h"

#define SEC NSEC_PER_SEC

/* 20 s of G.711 with so much jitter and loss. */
static struct kernel_flow flow(enum p2s_direction direction, uint64_t jitter_usec, uint32_t lost)
{
        return (struct kernel_flow){
                .key = {.local = {[15] = 1},
                        .remote = {[15] = 2},
                        .ssrc = 7,
                        .direction = (uint8_t)direction},
                .flow = {.first_ns = 100 * SEC,
                         .last_ns = 120 * SEC,
                         .packets = 1000 - lost,
                         .received = 1000 - lost,
                         .bytes = 200000,
                         .base_ext_seq = 1,
                         .max_ext_seq = 1000,
                         .clock_hz = 8000,
                         .jitter_sum_ns = jitter_usec * 1000 * 900,
                         .jitter_packets = 900,
                         .class = P2S_CLASS_VOICE,
                         .rule = P2S_RULE_RTP},
        };
}

static void summary_of(const struct kernel_flow *flows, size_t n, struct call_summary *ret)
{
        static const uint8_t seed[16];
        _cleanup_(call_table_freep) CallTable *t = NULL;

        assert_int_equal(call_table_new(seed, &t), 0);
        assert_int_equal(call_table_update(t, 1, flows, n, 121 * SEC, NULL), 0);
        assert_int_equal(call_table_n_calls(t, 1), 1);
        call_summary_make(t, call_table_next_call(t, NULL), ret);
}

static void test_worst_flow_counts(void **state)
{
        const struct kernel_flow flows[] = {flow(P2S_OUTGOING, 1400, 0),
                                            flow(P2S_INCOMING, 30000, 50)};
        struct call_summary all, good;
        char text[CALL_SUMMARY_MAX];

        summary_of(flows, 1, &good);
        summary_of(flows, 2, &all);
        assert_int_equal(all.duration_usec, 20 * USEC_PER_SEC);
        assert_int_equal(all.jitter_usec, 30000);
        assert_int_equal(all.expected, 2000);
        assert_int_equal(all.lost, 50);
        assert_true(good.mos > 4.0 && good.mos <= 4.5);
        assert_true(all.mos >= 1.0 && all.mos < good.mos - 0.3);
        assert_true(strstr(call_summary_format(&all, text), "20 s, MOS "));
        assert_true(strstr(text, ", jitter 30 ms, 2.50 % lost"));
        assert_true(strstr(call_summary_format(&good, text), ", jitter 1.4 ms, 0 % lost"));
}

static void test_nothing_honest_to_say(void **state)
{
        struct kernel_flow f = flow(P2S_OUTGOING, 0, 0);
        struct call_summary s;
        char text[CALL_SUMMARY_MAX];

        /* duplicates, no clock, a codec that nobody knows */
        f.flow.received = 1010;
        f.flow.clock_hz = 0;
        f.flow.jitter_packets = 0;
        f.flow.jitter_sum_ns = 0;
        f.flow.payload_type = 100;
        summary_of(&f, 1, &s);
        assert_int_equal(s.lost, -10);
        assert_true(s.mos < 1.0);
        assert_string_equal(call_summary_format(&s, text), "20 s, jitter 0 µs, 0 % lost");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_worst_flow_counts),
                cmocka_unit_test(test_nothing_honest_to_say),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
