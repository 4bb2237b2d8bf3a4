/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"
#include "test.h"

static void test_round_trip(void **state)
{
        for (int i = 0; i < _MODE_MAX; i++)
                assert_int_equal(mode_from_string(mode_to_string((enum mode)i)), i);
        for (int i = P2S_CLASS_GENERAL; i < _P2S_CLASS_MAX; i++)
                assert_int_equal(p2s_class_from_string(p2s_class_to_string((enum p2s_class)i)), i);
        for (int i = 0; i < _P2S_DIRECTION_MAX; i++)
                assert_int_equal(
                        p2s_direction_from_string(p2s_direction_to_string((enum p2s_direction)i)),
                        i);
}

static void test_order_of_strength(void **state)
{
        assert_true(MODE_OFF < MODE_MONITOR && MODE_MONITOR < MODE_MARK && MODE_MARK < MODE_SHAPE);
}

static void test_not_a_word(void **state)
{
        static const char *const bad[] = {"",       "Off",  "OFF",  "shape ",
                                          " shape", "none", "best", NULL};

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                assert_int_equal(mode_from_string(bad[i]), -EINVAL);
                assert_int_equal(p2s_class_from_string(bad[i]), -EINVAL);
                assert_int_equal(p2s_direction_from_string(bad[i]), -EINVAL);
        }
}

static void test_out_of_range(void **state)
{
        assert_string_equal(mode_to_string(_MODE_MAX), "unknown");
        assert_string_equal(mode_to_string((enum mode) - 1), "unknown");
        assert_string_equal(p2s_class_to_string((enum p2s_class)255), "unknown");
        assert_string_equal(p2s_direction_to_string((enum p2s_direction)2), "unknown");
        assert_string_equal(p2s_rule_to_string((enum p2s_rule)99), "unknown");
        assert_string_equal(p2s_class_to_string(P2S_CLASS_NONE), "general");
        assert_string_equal(p2s_rule_to_string(P2S_RULE_NONE), "none");
        assert_string_equal(p2s_rule_to_string(P2S_RULE_STUN_RTP), "stun+rtp");
}

static void test_link_names(void **state)
{
        static const char *const good[] = {"eth0", "auto",     "enx001122334455",
                                           "a",    "br-1.2@x", "..."};
        static const char *const bad[] = {"",     ".",      "..",  "enx0011223344556", "a/b",
                                          "a b",  "a:0",    "a\n", "\xc3\xa9th0",      "\x7f",
                                          "\x01", "eth0\t", NULL};

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(link_name_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(link_name_is_valid(bad[i]));
}

/* What the kernel has and nobody chose here. */
static void test_names_that_links_have(void **state)
{
        static const char *const good[] = {"eth0", "wl\xc3\xa4n0", "", "enx001122334455"};
        static const char *const bad[] = {"w\xff", "w\x01", "w\x7f", "a b", "\xc3", "\xc2\x85"};

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(link_name_is_text(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(link_name_is_text(bad[i]));
}

static void test_text(void **state)
{
        static const struct {
                const char *text;
                size_t max;
                bool valid;
        } cases[] = {
                {"", 0, true},
                {"a", 0, false},
                {"a", 1, true},
                {"\xc3\xa9", 2, true},
                {"\xc3\xa9", 1, false},
                {"\xe2\x82\xac", 3, true},
                {"\xf0\x9f\x93\x9e", 4, true},
                {"\xf4\x8f\xbf\xbf", 4, true},
                {"\xf4\x90\x80\x80", 4, false}, /* above U+10FFFF */
                {"\xed\xa0\x80", 3, false},     /* surrogate */
                {"\xc0\xaf", 2, false},         /* over-long */
                {"\xe0\x80\xaf", 3, false},
                {"\xf0\x80\x80\xaf", 4, false},
                {"\xc3", 64, false}, /* cut off */
                {"\xe2\x82", 64, false},
                {"\xf0\x9f\x93", 64, false},
                {"\x80", 64, false},
                {"\xff", 64, false},
                {"a\nb", 64, false},
                {"a\tb", 64, false},
                {"\x1b[31m", 64, false},
                {"\x7f", 64, false},
                {"\xc2\x85", 64, false}, /* U+0085, C1 */
                {"\xc2\xa0", 64, true},  /* U+00A0 */
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (text_is_valid(cases[i].text, cases[i].max) != cases[i].valid)
                        fail_msg("case %zu", i);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip), cmocka_unit_test(test_order_of_strength),
                cmocka_unit_test(test_not_a_word), cmocka_unit_test(test_out_of_range),
                cmocka_unit_test(test_link_names), cmocka_unit_test(test_names_that_links_have),
                cmocka_unit_test(test_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
