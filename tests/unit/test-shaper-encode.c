/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What p2sd says of classes and leaves, and what it takes for the same when the kernel shows
 * it: fq_codel's as well, which not every kernel has. */
#include <linux/pkt_sched.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "shaper-encode.h"
#include "test.h"

#define MBIT UINT64_C(1000000)

static const struct shaper_leaf fq_codel = {
        .aqm = SHAPER_AQM_FQ_CODEL,
        .limit_packets = 10240,
        .flows = 1024,
        .target_usec = 5000,
        .interval_usec = 100000,
        .quantum = 300,
        .memory_limit = 32u << 20,
        .ecn = true,
};

static struct nl_msg *new_message(void)
{
        struct nl_msg *msg = nlmsg_alloc_simple(0, 0);

        assert_non_null(msg);
        return msg;
}

/* As the kernel would show what the message sets. */
static struct tc_object shown(struct nl_msg *msg, const char *kind)
{
        struct nlattr *options = nlmsg_find_attr(nlmsg_hdr(msg), 0, TCA_OPTIONS);
        struct tc_object o = {.nested = true, .has_options = true};

        assert_non_null(options);
        o.options = nla_data(options);
        o.n_options = (size_t)nla_len(options);
        (void)snprintf(o.kind, sizeof o.kind, "%s", kind);
        return o;
}

/* How the leaf differs from one that was made as `made`, which the kernel keeps in units of
 * 1.024 µs, and with a quantum of 256 at least. */
static enum shaper_leaf_difference compare(const struct shaper_leaf *made,
                                           const struct shaper_leaf *wanted)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = new_message();
        struct shaper_leaf kept = *made;
        struct tc_object o;

        kept.target_usec = (uint32_t)((uint64_t)made->target_usec * 1000 / 1024 * 1024 / 1000);
        kept.interval_usec = (uint32_t)((uint64_t)made->interval_usec * 1000 / 1024 * 1024 / 1000);
        kept.quantum = MAX(made->quantum, 256u);
        assert_int_equal(shaper_leaf_put(msg, &kept, true), 0);
        o = shown(msg, shaper_leaf_kind(made));
        return shaper_leaf_compare(&o, wanted);
}

static void test_fq_codel(void **state)
{
        const struct shaper_leaf bfifo = {.aqm = SHAPER_AQM_BFIFO, .limit_bytes = 15140};

        for (uint32_t usec = 5000; usec < 5100; usec++) {
                struct shaper_leaf l = fq_codel;

                l.target_usec = usec;
                l.interval_usec = 20 * usec;
                assert_int_equal(compare(&l, &l), SHAPER_LEAF_EQUAL);
        }
        assert_int_equal(compare(&fq_codel, &bfifo), SHAPER_LEAF_OTHER);
        assert_int_equal(compare(&bfifo, &fq_codel), SHAPER_LEAF_OTHER);

        for (unsigned i = 0; i < 7; i++) {
                struct shaper_leaf l = fq_codel;
                uint32_t *const members[] = {&l.target_usec, &l.interval_usec, &l.limit_packets,
                                             &l.quantum,     &l.memory_limit,  &l.flows};

                if (i < ELEMENTSOF(members))
                        *members[i] *= 2;
                else
                        l.ecn = false;
                /* the number of flows cannot be changed in place */
                assert_int_equal(compare(&fq_codel, &l),
                                 i == 5 ? SHAPER_LEAF_OTHER : SHAPER_LEAF_CHANGE);
        }
}

static void test_small_quantum_is_the_kernels(void **state)
{
        struct shaper_leaf l = fq_codel;

        l.quantum = 100;
        assert_int_equal(compare(&l, &l), SHAPER_LEAF_EQUAL);
}

static void test_flows_are_said_once(void **state)
{
        for (unsigned create = 0; create < 2; create++) {
                _cleanup_(nlmsg_freep) struct nl_msg *msg = new_message();
                struct nlattr *tb[TCA_FQ_CODEL_MAX + 1];
                struct tc_object o;

                assert_int_equal(shaper_leaf_put(msg, &fq_codel, create), 0);
                o = shown(msg, "fq_codel");
                assert_int_equal(tc_object_parse(&o, tb, TCA_FQ_CODEL_MAX), 0);
                assert_int_equal(tb[TCA_FQ_CODEL_FLOWS] != NULL, create);
                assert_int_equal(nla_get_u32(tb[TCA_FQ_CODEL_TARGET]), 5000);
        }
}

static void test_bfifo(void **state)
{
        const struct shaper_leaf a = {.aqm = SHAPER_AQM_BFIFO, .limit_bytes = 15140},
                                 b = {.aqm = SHAPER_AQM_BFIFO, .limit_bytes = 15141};
        struct tc_object none = {.kind = "bfifo"};

        assert_int_equal(compare(&a, &a), SHAPER_LEAF_EQUAL);
        assert_int_equal(compare(&a, &b), SHAPER_LEAF_CHANGE);
        assert_int_equal(shaper_leaf_compare(&none, &a), SHAPER_LEAF_OTHER);
}

/* Rates beyond 32 bits of bytes a second have an attribute of their own. */
static void test_classes(void **state)
{
        static const uint64_t rates[] = {8000,         MBIT,         10 * MBIT,
                                         34000 * MBIT, 35000 * MBIT, 100000 * MBIT};

        for (size_t i = 0; i < ELEMENTSOF(rates) * ELEMENTSOF(rates); i++) {
                _cleanup_(nlmsg_freep) struct nl_msg *msg = new_message();
                struct shaper_class c = {.minor = 0x10,
                                         .rate_bps = rates[i / ELEMENTSOF(rates)],
                                         .ceil_bps = rates[i % ELEMENTSOF(rates)],
                                         .burst = 4000,
                                         .cburst = 200,
                                         .quantum = 1514,
                                         .prio = 2};
                struct tc_object o;

                assert_int_equal(shaper_class_put(msg, &c), 0);
                o = shown(msg, "htb");
                assert_true(shaper_class_equal(&o, &c));
                c.prio++;
                assert_false(shaper_class_equal(&o, &c));
                c.prio--, c.quantum++;
                assert_false(shaper_class_equal(&o, &c));
                c.quantum--, c.ceil_bps *= 2;
                assert_false(shaper_class_equal(&o, &c));
                c.ceil_bps /= 2, c.rate_bps *= 2;
                assert_false(shaper_class_equal(&o, &c));
        }
}

static void test_sizes(void **state)
{
        const struct shaper_sizes plain = {}, atm = {.layer = {.overhead = 10, .framing = LINE_ATM},
                                                     .frame = 1514};
        _cleanup_(nlmsg_freep) struct nl_msg *msg = new_message();
        struct nlattr *stab, *tb[TCA_STAB_MAX + 1];
        struct tc_object o = {};

        assert_int_equal(shaper_sizes_put(msg, &plain), 0);
        assert_null(nlmsg_find_attr(nlmsg_hdr(msg), 0, TCA_STAB));
        assert_true(shaper_sizes_equal(&o, &plain));
        assert_false(shaper_sizes_equal(&o, &atm));

        assert_int_equal(shaper_sizes_put(msg, &atm), 0);
        stab = nlmsg_find_attr(nlmsg_hdr(msg), 0, TCA_STAB);
        assert_non_null(stab);
        assert_int_equal(nla_parse_nested(tb, TCA_STAB_MAX, stab, NULL), 0);
        assert_int_equal(nla_len(tb[TCA_STAB_BASE]), sizeof o.stab);
        o.has_stab = true;
        memcpy(&o.stab, nla_data(tb[TCA_STAB_BASE]), sizeof o.stab);
        assert_int_equal(nla_len(tb[TCA_STAB_DATA]), 2 * o.stab.tsize);
        assert_true(shaper_sizes_equal(&o, &atm));
        assert_false(shaper_sizes_equal(&o, &plain));
        o.stab.overhead++;
        assert_false(shaper_sizes_equal(&o, &atm));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fq_codel),
                cmocka_unit_test(test_small_quantum_is_the_kernels),
                cmocka_unit_test(test_flows_are_said_once),
                cmocka_unit_test(test_bfifo),
                cmocka_unit_test(test_classes),
                cmocka_unit_test(test_sizes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
