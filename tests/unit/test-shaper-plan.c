/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "shaper-plan.h"

#define MBIT UINT64_C(1000000)

static const struct link_facts ethernet = {
        .ifindex = 2, .name = "eth0", .mtu = 1500, .up = true, .ethernet = true};

static const uint64_t rates[] = {
        MBIT / 4,   MBIT / 2,   MBIT,       2 * MBIT,    5 * MBIT,    10 * MBIT,   50 * MBIT,
        100 * MBIT, 250 * MBIT, 500 * MBIT, 1000 * MBIT, 2500 * MBIT, 5000 * MBIT, 10000 * MBIT,
};

static struct link_plan plan(uint64_t up, uint64_t down, bool fq_codel)
{
        const struct shaper_wish wish = {
                .classify = true, .shape = true, .have_fq_codel = fq_codel, .rate_bps = {up, down}};
        struct link_plan p;

        shaper_plan(&ethernet, &wish, &p);
        return p;
}

static void test_off_is_nothing(void **state)
{
        static const struct link_plan nothing;
        const struct shaper_wish wish = {.rate_bps = {MBIT, MBIT}};
        struct link_plan p;

        shaper_plan(&ethernet, &wish, &p);
        assert_true(link_plan_equal(&p, &nothing));
}

/* Nobody behind a link that does not forward would see the mark, and XDP knows Ethernet.
 * Unasked it comes on a router alone, and not into the driver. */
static void test_xdp_where_it_forwards(void **state)
{
        static const enum link_xdp asked[] = {LINK_XDP_AUTO, LINK_XDP_OFF, LINK_XDP_NATIVE};

        for (unsigned i = 0; i < 16 * ELEMENTSOF(asked); i++) {
                const enum link_xdp xdp = asked[i / 16];
                const struct link_facts facts = {.name = "eth0",
                                                 .mtu = 1500,
                                                 .forwards = i & 1,
                                                 .ethernet = i & 2,
                                                 .leads_on = i & 8};
                const struct shaper_wish wish = {.classify = i & 4, .xdp = xdp};
                const bool could = (i & 7) == 7;
                struct link_plan plan;

                shaper_plan(&facts, &wish, &plan);
                assert_int_equal(plan.xdp, could && (xdp == LINK_XDP_NATIVE ||
                                                     (xdp == LINK_XDP_AUTO && (i & 8))));
                assert_int_equal(plan.xdp_native, could && xdp == LINK_XDP_NATIVE);
        }
}

static void test_unknown_rate_is_not_shaped(void **state)
{
        struct link_plan p = plan(0, 0, true);

        assert_true(p.classify);
        assert_false(p.outgoing.present);
        assert_false(p.incoming.present);
        assert_int_equal(p.gso_max_segs, 0);
        assert_int_equal(p.gro_max_size, 0);

        p = plan(10 * MBIT, 0, true);
        assert_true(p.outgoing.present);
        assert_false(p.incoming.present);
        p = plan(0, 10 * MBIT, true);
        assert_false(p.outgoing.present);
        assert_true(p.incoming.present);
}

/* Whatever the rate: voice before video before ACKs before general, nobody above
 * the line, and something left for general. */
static void test_every_rate(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                const struct link_plan p = plan(rates[i], rates[i], true);
                const struct shaper_tree *t = &p.outgoing;
                const struct shaper_class *voice = &t->class[P2S_QUEUE_VOICE],
                                          *video = &t->class[P2S_QUEUE_VIDEO],
                                          *ack = &t->class[P2S_QUEUE_ACK],
                                          *general = &t->class[P2S_QUEUE_GENERAL];
                uint64_t assured = 0, calls = 0;

                assert_true(t->present);
                assert_true(p.incoming.present);
                assert_int_equal(t->root.rate_bps, rates[i]);
                assert_int_equal(t->root.ceil_bps, rates[i]);
                assert_true(voice->prio < video->prio && video->prio < ack->prio &&
                            ack->prio < general->prio);
                assert_int_equal(voice->minor, 0x10);
                assert_int_equal(video->minor, 0x15);
                assert_int_equal(general->minor, 0x20);
                assert_int_equal(general->ceil_bps, rates[i]);
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                        const struct shaper_class *c = &t->class[q];

                        assured += c->rate_bps;
                        if (q == P2S_QUEUE_VOICE || q == P2S_QUEUE_VIDEO)
                                calls += c->ceil_bps;
                        assert_true(c->rate_bps >= 8000);
                        assert_true(c->rate_bps <= c->ceil_bps);
                        assert_true(c->ceil_bps <= rates[i]);
                        assert_in_range(c->quantum, 1500, 60000);
                        assert_true(c->burst > 0 && c->cburst > 0);
                }
                assert_true(assured <= rates[i]);
                /* a flood of calls leaves a tenth */
                assert_true(calls <= rates[i] / 10 * 9);
        }
}

/* Every number that changes with the rate, worked out by hand from the rules that
 * shaper-plan.c gives reasons for: Ethernet frames of 1514 bytes, fq_codel. */
static void test_table(void **state)
{
        static const struct {
                uint64_t bps;
                uint32_t burst;      /* bytes: 300 us up to 3/4 frame, 100 us; 200 at least */
                uint32_t call_burst; /* … 4000 at least */
                uint32_t gso_max_segs, gro_max_size; /* 100 us; 0 = no cap from 64 KiB on */
                uint32_t voice_target;               /* us: 1.5 packets, 5 ms at least … */
                uint32_t up_target, down_target;     /* … of general; 100 packets, 75 ms */
                uint32_t up_quantum, down_quantum;   /* of general's fq_codel, bytes */
                uint64_t down_ceil;                  /* of general: 1/16 or 0.5 Mbit/s spare */
        } rows[] = {
                /* clang-format off */
                {MBIT / 4, 200, 4000, 1, 1514, 145344, 72672, 5167700, 300, 300, 234375},
                {MBIT / 2, 200, 4000, 1, 1514, 72672, 36336, 2583800, 300, 300, 468750},
                {MBIT, 200, 4000, 1, 1514, 36336, 18168, 1291900, 300, 300, 937500},
                {2 * MBIT, 200, 4000, 1, 1514, 18168, 9084, 645900, 300, 300, 1875000},
                {5 * MBIT, 200, 4000, 1, 1514, 7266, 5000, 258300, 300, 300, 4687500},
                {10 * MBIT, 375, 4000, 1, 1514, 5000, 5000, 127400, 300, 300, 9500000},
                {50 * MBIT, 1135, 4000, 1, 1514, 5000, 5000, 75000, 300, 300, 49500000},
                {100 * MBIT, 1250, 4000, 1, 1514, 5000, 5000, 75000, 1514, 300, 99500000},
                {250 * MBIT, 3125, 4000, 2, 3125, 5000, 5000, 75000, 1514, 1514, 249500000},
                {500 * MBIT, 6250, 6250, 4, 6250, 5000, 5000, 75000, 1514, 1514, 499500000},
                {1000 * MBIT, 12500, 12500, 8, 12500, 5000, 5000, 75000, 1514, 1514, 999500000},
                {2500 * MBIT, 31250, 31250, 20, 31250, 5000, 5000, 75000, 1514, 1514, 2499500000},
                {5000 * MBIT, 62500, 62500, 41, 62500, 5000, 5000, 75000, 1514, 1514, 4999500000},
                {10000 * MBIT, 125000, 125000, 0, 0, 5000, 5000, 75000, 1514, 1514, 9999500000},
                /* clang-format on */
        };

        assert_int_equal(ELEMENTSOF(rows), ELEMENTSOF(rates));
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct link_plan p = plan(rows[i].bps, rows[i].bps, true);
                const struct shaper_tree *up = &p.outgoing, *down = &p.incoming;

                assert_int_equal(rows[i].bps, rates[i]);
                assert_int_equal(p.gso_max_segs, rows[i].gso_max_segs);
                assert_int_equal(p.gro_max_size, rows[i].gro_max_size);
                assert_int_equal(up->class[P2S_QUEUE_VOICE].rate_bps, rows[i].bps / 100 * 30);
                assert_int_equal(up->class[P2S_QUEUE_VOICE].ceil_bps, rows[i].bps / 100 * 50);
                assert_int_equal(up->class[P2S_QUEUE_VIDEO].rate_bps, rows[i].bps / 100 * 30);
                assert_int_equal(up->class[P2S_QUEUE_VIDEO].ceil_bps, rows[i].bps / 100 * 40);
                assert_int_equal(down->class[P2S_QUEUE_GENERAL].ceil_bps, rows[i].down_ceil);
                assert_int_equal(up->leaf[P2S_QUEUE_VOICE].target_usec, rows[i].voice_target);
                assert_int_equal(up->leaf[P2S_QUEUE_GENERAL].target_usec, rows[i].up_target);
                assert_int_equal(down->leaf[P2S_QUEUE_GENERAL].target_usec, rows[i].down_target);
                assert_int_equal(up->leaf[P2S_QUEUE_GENERAL].quantum, rows[i].up_quantum);
                assert_int_equal(down->leaf[P2S_QUEUE_GENERAL].quantum, rows[i].down_quantum);
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                        const bool call = q == P2S_QUEUE_VOICE || q == P2S_QUEUE_VIDEO;
                        const struct shaper_class *c = &up->class[q];
                        const struct shaper_leaf *l = &up->leaf[q];

                        assert_int_equal(c->burst, call ? rows[i].call_burst : rows[i].burst);
                        assert_int_equal(c->cburst, c->burst);
                        assert_int_equal(c->quantum, 1514);
                        if (!call) /* charged to the root from the first byte */
                                assert_int_equal(c->rate_bps, 8000);
                        assert_int_equal(l->interval_usec, MAX(100000u, l->target_usec * 4));
                        assert_int_equal(l->limit_packets, 10240);
                        assert_int_equal(l->flows, 1024);
                        assert_int_equal(l->memory_limit, 32u << 20);
                        assert_true(l->ecn);
                }
        }
}

/* A burst below one packet paces; no burst holds the line longer than 1.5 ms. */
static void test_bursts_are_short(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                const struct link_plan p = plan(rates[i], 0, true);
                uint32_t burst = p.outgoing.root.burst;

                if (rates[i] <= 100 * MBIT)
                        assert_true(burst < 1500);
                else
                        assert_true((uint64_t)burst * 8 * 1000000 / rates[i] <= 1500);
        }
}

/* fq_codel must not drop without a queue: its target is at least 1.5 packets. */
static void test_target_covers_packets(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                const struct link_plan p = plan(rates[i], 0, true);

                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                        const struct shaper_leaf *l = &p.outgoing.leaf[q];
                        uint64_t packet_usec =
                                UINT64_C(1514) * 8 * 1000000 / p.outgoing.class[q].ceil_bps;

                        assert_int_equal(l->aqm, SHAPER_AQM_FQ_CODEL);
                        assert_true(l->target_usec >= packet_usec * 3 / 2);
                        assert_true(l->interval_usec > l->target_usec);
                        assert_true(l->limit_packets > 0 && l->flows > 0 && l->memory_limit > 0);
                }
        }
}

/* Incoming general traffic may wait longer, the more so the thinner the line. */
static void test_downlink_waits_here(void **state)
{
        const struct link_plan thin = plan(10 * MBIT, 10 * MBIT, true),
                               fast = plan(1000 * MBIT, 1000 * MBIT, true);

        assert_in_range(thin.incoming.leaf[P2S_QUEUE_GENERAL].target_usec, 120000, 135000);
        assert_int_equal(thin.outgoing.leaf[P2S_QUEUE_GENERAL].target_usec, 5000);
        assert_int_equal(fast.incoming.leaf[P2S_QUEUE_GENERAL].target_usec, 75000);
        assert_int_equal(fast.incoming.leaf[P2S_QUEUE_GENERAL].interval_usec, 300000);
        /* a call does not */
        assert_int_equal(thin.incoming.leaf[P2S_QUEUE_VOICE].target_usec,
                         thin.outgoing.leaf[P2S_QUEUE_VOICE].target_usec);
}

/* … and leaves room for windows that grow, but nine tenths are general's at any rate. */
static void test_downlink_has_room(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                const struct link_plan p = plan(rates[i], rates[i], true);
                uint64_t general = p.incoming.class[P2S_QUEUE_GENERAL].ceil_bps;

                assert_true(general < rates[i]);
                assert_true(general >= rates[i] / 10 * 9);
                assert_true(rates[i] - general <= MBIT / 2);
                assert_int_equal(p.incoming.root.ceil_bps, rates[i]);
                assert_int_equal(p.incoming.class[P2S_QUEUE_ACK].ceil_bps, rates[i]);
        }
        assert_int_equal(plan(0, 10 * MBIT, true).incoming.class[P2S_QUEUE_GENERAL].ceil_bps,
                         9500000);
        assert_int_equal(plan(0, 2 * MBIT, true).incoming.class[P2S_QUEUE_GENERAL].ceil_bps,
                         1875000);
}

static void test_bfifo_holds_50_ms(void **state)
{
        const struct link_plan p = plan(10 * MBIT, 0, false);
        const struct shaper_leaf *l = &p.outgoing.leaf[P2S_QUEUE_GENERAL];

        assert_int_equal(l->aqm, SHAPER_AQM_BFIFO);
        assert_int_equal(l->limit_bytes, 10 * MBIT / 8 / 20);
        /* and is never less than a few packets */
        assert_true(plan(MBIT / 4, 0, false).outgoing.leaf[P2S_QUEUE_VOICE].limit_bytes >= 15000);
}

/* A super-packet of 64 KiB holds 10 Mbit/s for 52 ms. */
static void test_super_packets_are_capped(void **state)
{
        assert_int_equal(plan(10 * MBIT, 0, true).gso_max_segs, 1);
        assert_int_equal(plan(50 * MBIT, 0, true).gso_max_segs, 1);
        assert_int_equal(plan(0, 10 * MBIT, true).gso_max_segs, 0);
        assert_in_range(plan(0, 10 * MBIT, true).gro_max_size, 1, 3000);
        assert_int_equal(plan(10 * MBIT, 0, true).gro_max_size, 0);
}

/* The very same tree with other rates: nothing is made or taken away, nothing waits. */
static void test_loose(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(rates) * 2; i++) {
                const bool fq_codel = i % 2;
                const uint64_t rate = rates[i / 2];
                struct shaper_wish wish = {
                        .classify = true,
                        .shape = true,
                        .have_fq_codel = fq_codel,
                        .loose = true,
                        .rate_bps = {rate, i % 3 ? rate : 0},
                };
                struct link_plan loose, tight;

                shaper_plan(&ethernet, &wish, &loose);
                wish.loose = false;
                shaper_plan(&ethernet, &wish, &tight);
                assert_int_equal(loose.outgoing.present, tight.outgoing.present);
                assert_int_equal(loose.incoming.present, tight.incoming.present);
                assert_int_equal(loose.gso_max_segs, 0);
                assert_int_equal(loose.gro_max_size, 0);
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                        const struct shaper_class *a = &loose.outgoing.class[q],
                                                  *b = &tight.outgoing.class[q];

                        assert_int_equal(a->minor, b->minor);
                        assert_int_equal(a->prio, b->prio);
                        assert_int_equal(a->quantum, b->quantum);
                        assert_int_equal(a->ceil_bps, 100000 * MBIT);
                        assert_true(a->cburst >= 10 * 65536);
                        if (fq_codel)
                                assert_memory_equal(&loose.outgoing.leaf[q],
                                                    &tight.outgoing.leaf[q],
                                                    sizeof(struct shaper_leaf));
                        else /* a super-packet fits */
                                assert_true(loose.outgoing.leaf[q].limit_bytes >= 10 * 65536);
                }
        }
}

/* Plans are equal whatever stands between their members, and differ by any one of them. */
static void test_equal(void **state)
{
        struct link_plan a, b;
        struct shaper_tree *const trees[] = {&b.outgoing, &b.incoming};

        /* what a compiler leaves in the gaps of a local */
        memset(&b, 0xa5, sizeof b);
        a = plan(10 * MBIT, 20 * MBIT, true);
        b.classify = a.classify;
        b.xdp = a.xdp;
        b.xdp_native = a.xdp_native;
        b.gso_max_segs = a.gso_max_segs;
        b.gro_max_size = a.gro_max_size;
        b.outgoing = a.outgoing;
        b.incoming = a.incoming;
        assert_true(link_plan_equal(&a, &b));

#define DIFFERS(member)                                                                            \
        do {                                                                                       \
                const __typeof__(member) was = (member);                                           \
                                                                                                   \
                (member) = !was;                                                                   \
                assert_false(link_plan_equal(&a, &b));                                             \
                (member) = was;                                                                    \
        } while (0)
        DIFFERS(b.classify);
        DIFFERS(b.xdp);
        DIFFERS(b.xdp_native);
        DIFFERS(b.gso_max_segs);
        DIFFERS(b.gro_max_size);
        for (size_t i = 0; i < ELEMENTSOF(trees); i++) {
                struct shaper_tree *t = trees[i];

                DIFFERS(t->present);
                DIFFERS(t->sizes.frame);
                DIFFERS(t->sizes.layer.overhead);
                DIFFERS(t->sizes.layer.mpu);
                DIFFERS(t->sizes.layer.framing);
                DIFFERS(t->root.rate_bps);
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                        struct shaper_class *c = &t->class[q];
                        struct shaper_leaf *l = &t->leaf[q];

                        DIFFERS(c->minor);
                        DIFFERS(c->rate_bps);
                        DIFFERS(c->ceil_bps);
                        DIFFERS(c->burst);
                        DIFFERS(c->cburst);
                        DIFFERS(c->quantum);
                        DIFFERS(c->prio);
                        DIFFERS(l->aqm);
                        DIFFERS(l->limit_bytes);
                        DIFFERS(l->limit_packets);
                        DIFFERS(l->flows);
                        DIFFERS(l->target_usec);
                        DIFFERS(l->interval_usec);
                        DIFFERS(l->quantum);
                        DIFFERS(l->memory_limit);
                        DIFFERS(l->ecn);
                }
        }
#undef DIFFERS
        assert_true(link_plan_equal(&a, &b));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_off_is_nothing),
                cmocka_unit_test(test_unknown_rate_is_not_shaped),
                cmocka_unit_test(test_every_rate),
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_bursts_are_short),
                cmocka_unit_test(test_target_covers_packets),
                cmocka_unit_test(test_downlink_waits_here),
                cmocka_unit_test(test_downlink_has_room),
                cmocka_unit_test(test_bfifo_holds_50_ms),
                cmocka_unit_test(test_super_packets_are_capped),
                cmocka_unit_test(test_xdp_where_it_forwards),
                cmocka_unit_test(test_loose),
                cmocka_unit_test(test_equal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
