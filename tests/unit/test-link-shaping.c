/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-shaping.h"
#include "test.h"

#define NOW (UINT64_C(1000) * USEC_PER_SEC)

static struct kernel_flow flow(uint32_t ssrc, enum p2s_class class, enum p2s_rule rule,
                               uint64_t last_usec)
{
        return (struct kernel_flow){
                .key.ssrc = ssrc,
                .flow.class = (uint8_t) class,
                .flow.rule = (uint8_t)rule,
                .flow.last_ns = last_usec * NSEC_PER_USEC,
        };
}

static void test_what_is_a_call(void **state)
{
        const struct {
                struct kernel_flow flow;
                bool call;
        } cases[] = {
                {flow(7, P2S_CLASS_VOICE, P2S_RULE_RTP, NOW), true},
                {flow(7, P2S_CLASS_VIDEO, P2S_RULE_STUN_RTP, NOW), true},
                {flow(7, P2S_CLASS_VOICE, P2S_RULE_DSCP, NOW), true},
                {flow(7, P2S_CLASS_GENERAL, P2S_RULE_PORT, NOW), false},
                /* not RTP: what the user's ports name, but not what bears a mark */
                {flow(0, P2S_CLASS_VOICE, P2S_RULE_PORT, NOW), true},
                {flow(0, P2S_CLASS_VOICE, P2S_RULE_DSCP, NOW), false},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct link_shaping s = {0};

                link_shaping_hear(&s, &cases[i].flow, 1);
                assert_int_equal(s.call_usec, cases[i].call ? NOW : 0);
        }
}

static void test_tight_until_10_s_after(void **state)
{
        const uint64_t end = NOW + 10 * USEC_PER_SEC;
        struct link_shaping s = {0};
        struct kernel_flow f = flow(7, P2S_CLASS_VOICE, P2S_RULE_RTP, NOW);

        assert_int_equal(link_shaping_wanted(&s, LINK_WHEN_CALL, NOW), SHAPING_LOOSE);
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_CALL, NOW), 0);
        link_shaping_hear(&s, &f, 1);
        assert_int_equal(link_shaping_wanted(&s, LINK_WHEN_CALL, NOW), SHAPING_TIGHT);
        s.state = SHAPING_TIGHT;
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_CALL, NOW), end);
        assert_int_equal(link_shaping_wanted(&s, LINK_WHEN_CALL, end - 1), SHAPING_TIGHT);
        assert_int_equal(link_shaping_wanted(&s, LINK_WHEN_CALL, end), SHAPING_LOOSE);
        /* late: at once, not in the past */
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_CALL, end + 5), end + 5);
        /* what is older changes nothing, what is newer does */
        f.flow.last_ns -= 7;
        link_shaping_hear(&s, &f, 1);
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_CALL, NOW), end);
        f.flow.last_ns += 3 * NSEC_PER_SEC;
        link_shaping_hear(&s, &f, 1);
        assert_true(link_shaping_due(&s, LINK_WHEN_CALL, NOW) > end);
        s.state = SHAPING_LOOSE;
        s.call_usec = NOW;
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_CALL, end), 0);
}

static void test_always(void **state)
{
        struct link_shaping s = {0};

        assert_int_equal(link_shaping_wanted(&s, LINK_WHEN_ALWAYS, NOW), SHAPING_TIGHT);
        s.state = SHAPING_TIGHT;
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_ALWAYS, NOW), 0);
        s.drain_until_usec = NOW + 5;
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_ALWAYS, NOW), NOW + 5);
        assert_int_equal(link_shaping_due(&s, LINK_WHEN_ALWAYS, NOW + 5), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_a_call),
                cmocka_unit_test(test_tight_until_10_s_after),
                cmocka_unit_test(test_always),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
