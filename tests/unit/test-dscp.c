/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dscp.h"
#include "test.h"

static void test_default(void **state)
{
        DscpMap map;

        dscp_map_default(&map);
        for (unsigned i = 0; i < DSCP_MAX; i++) {
                unsigned expected = P2S_CLASS_NONE;

                if (i == 46 || i == 44 || i == 40)
                        expected = P2S_CLASS_VOICE;
                else if (i == 34 || i == 36 || i == 38 || i == 32)
                        expected = P2S_CLASS_VIDEO;
                assert_int_equal(map.class[i], expected);
        }
}

static void test_clear_class(void **state)
{
        DscpMap map, all;

        dscp_map_default(&all);
        map = all;
        assert_true(dscp_map_equal(&map, &all));
        dscp_map_clear_class(&map, P2S_CLASS_VOICE);
        assert_false(dscp_map_equal(&map, &all));
        assert_int_equal(map.class[46], P2S_CLASS_NONE);
        assert_int_equal(map.class[34], P2S_CLASS_VIDEO);
}

static void test_from_string(void **state)
{
        static const struct {
                const char *text;
                int value;
        } cases[] = {
                {"0", 0},          {"63", 63},
                {"046", 46},       {"0x2e", 46},
                {"0X2E", 46},      {"EF", 46},
                {"ef", 46},        {"VA", 44},
                {"CS0", 0},        {"cs7", 56},
                {"AF11", 10},      {"AF43", 38},
                {"LE", 1},         {"64", -EINVAL},
                {"0x40", -EINVAL}, {"-1", -EINVAL},
                {"", -EINVAL},     {"0x", -EINVAL},
                {"EF ", -EINVAL},  {"4a", -EINVAL},
                {"AF44", -EINVAL}, {"99999999999999999999", -EINVAL},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                if (dscp_from_string(cases[i].text) != cases[i].value)
                        fail_msg("\"%s\"", cases[i].text);
}

static void test_name(void **state)
{
        unsigned named = 0;

        for (unsigned value = 0; value < DSCP_MAX; value++) {
                const char *name = dscp_name(value);

                if (!name)
                        continue;
                assert_int_equal(dscp_from_string(name), value);
                named++;
        }
        assert_int_equal(named, 23);
        assert_string_equal(dscp_name(46), "EF");
        assert_null(dscp_name(63));
        assert_null(dscp_name(DSCP_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_default),
                cmocka_unit_test(test_clear_class),
                cmocka_unit_test(test_from_string),
                cmocka_unit_test(test_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
