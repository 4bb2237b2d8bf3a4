/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-table.h"
#include "test.h"

#define SEC  NSEC_PER_SEC
#define LINK 3u

/* What the handler was told. */
struct told {
        uint32_t added[16], removed[16], removed_flows[16];
        size_t n_added, n_removed, n_forgotten;
        uint32_t forgotten_ssrc;
        const CallTable *table;
};

static void on_added(const struct call *call, void *userdata)
{
        struct told *t = userdata;

        assert_int_equal(call->n_flows, 1);
        if (t->n_added < ELEMENTSOF(t->added))
                t->added[t->n_added] = call->id;
        t->n_added++;
}

static void on_removed(const struct call *call, void *userdata)
{
        struct told *t = userdata;
        const struct call_flow *f = NULL;
        uint32_t n = 0;

        while ((f = call_table_next_flow(t->table, call, f)))
                n++;
        assert_int_equal(n, call->n_flows);
        if (t->n_removed < ELEMENTSOF(t->removed)) {
                t->removed[t->n_removed] = call->id;
                t->removed_flows[t->n_removed] = n;
        }
        t->n_removed++;
}

static void on_forget(unsigned link, const struct p2s_flow_key *key, void *userdata)
{
        struct told *t = userdata;

        t->n_forgotten++;
        t->forgotten_ssrc = key->ssrc;
}

static CallTable *new_table(struct told *told, struct call_table_handler *handler)
{
        static const uint8_t seed[16] = {1, 2, 3};
        CallTable *t = NULL;

        assert_int_equal(call_table_new(seed, &t), 0);
        *told = (struct told){.table = t};
        *handler = (struct call_table_handler){on_added, on_removed, on_forget, told};
        return t;
}

/* A flow of 50 packets/s without loss that began at begin_s and was last seen at
 * last_s. */
static struct kernel_flow flow(uint8_t peer, uint32_t ssrc, enum p2s_direction direction,
                               enum p2s_class class, uint64_t begin_s, uint64_t last_s)
{
        uint32_t packets = (uint32_t)(last_s - begin_s) * 50 + 1;

        return (struct kernel_flow){
                .key = {.local = {[15] = 1},
                        .remote = {[15] = peer},
                        .local_port = 1000,
                        .remote_port = 2000,
                        .ssrc = ssrc,
                        .direction = (uint8_t)direction},
                .flow = {.first_ns = begin_s * SEC,
                         .last_ns = last_s * SEC,
                         .packets = packets,
                         .bytes = UINT64_C(200) * packets,
                         .received = packets,
                         .base_ext_seq = 1,
                         .max_ext_seq = packets,
                         .class = (uint8_t) class},
        };
}

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
        struct call_figures figures;
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
        struct call_figures figures;
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
                cmocka_unit_test(test_bitrate),       cmocka_unit_test(test_spread),
                cmocka_unit_test(test_figures),       cmocka_unit_test(test_restarts),
                cmocka_unit_test(test_limit),         cmocka_unit_test(test_churn),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
