/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-flows.h"

static void test_begin_and_end(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f[2];
        const struct call *call;

        for (uint64_t now = 100; now <= 120; now++) {
                f[0] = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 100, MIN(now, UINT64_C(110)));
                f[1] = flow(9, 2, P2S_INCOMING, P2S_CLASS_VOICE, 101, MIN(now + 1, UINT64_C(105)));
                assert_int_equal(call_table_update(t, LINK, f, 2, now * SEC, &handler), 0);
                assert_int_equal(told.n_added, 1);
                assert_int_equal(told.n_removed, now >= 120);
                assert_int_equal(call_table_n_calls(t, LINK), now < 120);
                assert_int_equal(call_table_n_calls(t, 0), now < 120);
                assert_int_equal(call_table_n_calls(t, LINK + 1), 0);
                if (now == 112) /* the flow that was silent for longer does not count */
                        assert_int_equal(call_table_find(t, told.added[0])->last_ns, 110 * SEC);
                if (now == 119) {
                        call = call_table_find(t, told.added[0]);
                        assert_non_null(call);
                        assert_int_equal(call->begin_ns, 100 * SEC);
                        assert_int_equal(call->last_ns, 110 * SEC);
                        assert_int_equal(call->n_flows, 2);
                        assert_int_equal(call->key.ssrc, 0);
                        assert_ptr_equal(call_table_next_call(t, NULL), call);
                        assert_null(call_table_next_call(t, call));
                }
        }
        assert_int_equal(told.removed[0], told.added[0]);
        assert_int_equal(told.removed_flows[0], 2);
        assert_null(call_table_next_call(t, NULL));
        assert_null(call_table_find(t, told.added[0]));
}

/* Whether a call runs with this one flow. */
static bool calls(struct kernel_flow f)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);

        assert_int_equal(call_table_update(t, LINK, &f, 1, 100 * SEC, &handler), 0);
        assert_int_equal(call_table_n_calls(t, LINK), told.n_added);
        return told.n_added > 0;
}

static void test_what_is_a_call(void **state)
{
        struct kernel_flow odd = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);

        assert_true(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100)));
        assert_true(calls(flow(9, 1, P2S_INCOMING, P2S_CLASS_VIDEO, 90, 100)));
        assert_true(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 101))); /* after now */
        assert_true(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 80, 91)));
        assert_false(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 80, 90)));  /* silent */
        assert_false(calls(flow(9, 0, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100))); /* no RTP */
        assert_false(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_GENERAL, 90, 100)));
        assert_false(calls(flow(9, 1, P2S_OUTGOING, P2S_CLASS_NONE, 90, 100)));
        odd.key.direction = 7;
        assert_false(calls(odd));
        odd = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);
        odd.flow.class = 200;
        assert_false(calls(odd));
}

/* One call a 5-tuple and link, whatever the SSRC and direction. */
static void test_grouping(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f[4] = {
                flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100),
                flow(9, 2, P2S_OUTGOING, P2S_CLASS_VIDEO, 90, 100),
                flow(9, 1, P2S_INCOMING, P2S_CLASS_VOICE, 90, 100),
                flow(8, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100),
        };
        const struct call *call = NULL;
        uint32_t n_flows = 0;

        assert_int_equal(call_table_update(t, LINK, f, 4, 100 * SEC, &handler), 0);
        assert_int_equal(call_table_update(t, LINK + 1, f, 1, 100 * SEC, &handler), 0);
        assert_int_equal(told.n_added, 3);
        assert_int_equal(call_table_n_calls(t, LINK), 2);
        assert_int_equal(call_table_n_calls(t, LINK + 1), 1);
        while ((call = call_table_next_call(t, call)))
                n_flows += call->n_flows;
        assert_int_equal(n_flows, 5);

        f[3].key.remote_port++; /* another 5-tuple; the old one is gone from the kernel */
        assert_int_equal(call_table_update(t, LINK, f, 4, 101 * SEC, &handler), 0);
        assert_int_equal(told.n_added, 4);
        assert_int_equal(call_table_n_calls(t, LINK), 3);

        call_table_drop_link(t, LINK, &handler);
        assert_int_equal(told.n_removed, 3);
        assert_int_equal(call_table_n_calls(t, LINK), 0);
        assert_int_equal(call_table_n_calls(t, 0), 1);
        call_table_drop_link(t, LINK, &handler);
        call_table_drop_link(t, LINK + 1, NULL);
        assert_int_equal(call_table_n_calls(t, 0), 0);
}

/* A flow that the kernel's table lost ends its call by silence all the same. */
static void test_flow_vanishes(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);

        assert_int_equal(call_table_update(t, LINK, &f, 1, 100 * SEC, &handler), 0);
        assert_int_equal(call_table_update(t, LINK, NULL, 0, 101 * SEC, &handler), 0);
        assert_int_equal(call_table_n_calls(t, LINK), 1);
        assert_int_equal(call_table_find(t, told.added[0])->n_flows, 0);
        assert_int_equal(call_table_update(t, LINK, NULL, 0, 109 * SEC, &handler), 0);
        assert_int_equal(told.n_removed, 0);
        assert_int_equal(call_table_update(t, LINK, NULL, 0, 110 * SEC, &handler), 0);
        assert_int_equal(told.n_removed, 1);

        /* and is a new one when it is met again */
        f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 112, 114);
        assert_int_equal(call_table_update(t, LINK, &f, 1, 114 * SEC, &handler), 0);
        assert_int_equal(call_table_find(t, told.added[1])->begin_ns, 112 * SEC);
}

/* Demoted to general: still shown, but keeps no call alive. */
static void test_demotion(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);

        assert_int_equal(call_table_update(t, LINK, &f, 1, 100 * SEC, &handler), 0);
        for (uint64_t now = 101; now <= 110; now++) {
                f = flow(9, 1, P2S_OUTGOING, P2S_CLASS_NONE, 90, now);
                assert_int_equal(call_table_update(t, LINK, &f, 1, now * SEC, &handler), 0);
                assert_int_equal(told.n_removed, now >= 110);
        }
}

static void test_forget_and_return(void **state)
{
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f = flow(9, 77, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);
        struct kernel_flow stun = flow(9, 0, P2S_OUTGOING, P2S_CLASS_NONE, 90, 100);

        assert_int_equal(call_table_update(t, LINK, &f, 1, 100 * SEC, &handler), 0);
        assert_int_equal(call_table_update(t, LINK, &f, 1, 115 * SEC, &handler), 0);
        assert_int_equal(told.n_removed, 1);

        /* speaks again after 15 s: a new call under a new id, from then on */
        f = flow(9, 77, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 116);
        assert_int_equal(call_table_update(t, LINK, &f, 1, 116 * SEC, &handler), 0);
        assert_int_equal(told.n_added, 2);
        assert_int_not_equal(told.added[0], told.added[1]);
        assert_int_equal(call_table_find(t, told.added[1])->begin_ns, 116 * SEC);

        assert_int_equal(call_table_update(t, LINK, &f, 1, 175 * SEC, &handler), 0);
        assert_int_equal(told.n_forgotten, 0);
        assert_int_equal(call_table_update(t, LINK, &f, 1, 176 * SEC, &handler), 0);
        assert_int_equal(told.n_forgotten, 1);
        assert_int_equal(told.forgotten_ssrc, 77);
        assert_int_equal(told.n_added, 2);
        assert_int_equal(call_table_update(t, LINK, &stun, 1, 160 * SEC, &handler), 0);
        assert_int_equal(told.n_forgotten, 2);
}

static void test_limit(void **state)
{
        enum { N = CALL_TABLE_CALLS_MAX + 100 };
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        _cleanup_free_ struct kernel_flow *f = calloc(N, sizeof(*f));

        for (unsigned i = 0; i < N; i++) {
                f[i] = flow(9, 1, P2S_OUTGOING, P2S_CLASS_VOICE, 90, 100);
                f[i].key.local_port = (uint16_t)i;
        }
        assert_int_equal(call_table_update(t, LINK, f, N, 100 * SEC, &handler), 1);
        assert_int_equal(call_table_n_calls(t, LINK), CALL_TABLE_CALLS_MAX);
        assert_int_equal(told.n_added, CALL_TABLE_CALLS_MAX);

        /* those who waited get in once others end */
        for (unsigned i = CALL_TABLE_CALLS_MAX; i < N; i++)
                f[i].flow.last_ns = 110 * SEC;
        assert_int_equal(call_table_update(t, LINK, f, N, 110 * SEC, &handler), 1);
        assert_int_equal(call_table_n_calls(t, LINK), 0);
        assert_int_equal(call_table_update(t, LINK, f, N, 110 * SEC, &handler), 0);
        assert_int_equal(call_table_n_calls(t, LINK), 100);
}

/* Random flows come, go and change; the table keeps its books. */
static void test_churn(void **state)
{
        enum { N = 300 };
        struct told told;
        struct call_table_handler handler;
        _cleanup_(call_table_freep) CallTable *t = new_table(&told, &handler);
        struct kernel_flow f[N];
        uint64_t random = 99;

        for (uint64_t now = 100; now < 1000; now += 1 + test_random(&random) % 5) {
                size_t n = 0, in_calls = 0, n_calls = 0;
                const struct call *call = NULL;

                for (unsigned i = 0; i < N; i++) {
                        if (test_random(&random) % 4 == 0)
                                continue;
                        f[n] = flow((uint8_t)(i % 20), i % 7, i % 2, i % 5 ? i % 4 : 3, 50,
                                    now - test_random(&random) % 80 % (now - 50));
                        f[n++].flow.received = (uint32_t)test_random(&random);
                }
                assert_int_equal(
                        call_table_update(t, (unsigned)(1 + now % 3), f, n, now * SEC, &handler),
                        0);
                if (now % 17 == 0)
                        call_table_drop_link(t, (unsigned)(1 + now % 3), &handler);

                while ((call = call_table_next_call(t, call))) {
                        const struct call_flow *cf = NULL;
                        uint32_t k = 0;

                        while ((cf = call_table_next_flow(t, call, cf))) {
                                assert_int_equal(cf->key.remote[15], call->key.remote[15]);
                                k++;
                        }
                        assert_int_equal(k, call->n_flows);
                        in_calls += k;
                        n_calls++;
                }
                assert_int_equal(n_calls, call_table_n_calls(t, 0));
                assert_int_equal(n_calls, told.n_added - told.n_removed);
                assert_int_equal(n_calls, call_table_n_calls(t, 1) + call_table_n_calls(t, 2) +
                                                  call_table_n_calls(t, 3));
                assert_true(in_calls <= 3 * N);
        }
        assert_true(told.n_added > 100);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_begin_and_end), cmocka_unit_test(test_what_is_a_call),
                cmocka_unit_test(test_grouping),      cmocka_unit_test(test_flow_vanishes),
                cmocka_unit_test(test_demotion),      cmocka_unit_test(test_forget_and_return),
                cmocka_unit_test(test_limit),         cmocka_unit_test(test_churn),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
