/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-settings.h"
#include "test.h"
#include "units.h"

static void test_set(void **state)
{
        _cleanup_(link_settings_donep) LinkSettings l = {0};
        struct link_setting eth0 = {.name = "eth0", .uplink_bps = 10000000};
        struct link_setting any = {.name = "auto", .options.of[LINK_TRUST_INCOMING_DSCP] = 1};

        assert_null(link_settings_find(&l, "eth0"));
        assert_int_equal(link_settings_set(&l, &eth0), 1);
        assert_int_equal(link_settings_set(&l, &any), 1);
        assert_int_equal(link_settings_set(&l, &eth0), 0);
        eth0.downlink_bps = 50000000;
        assert_int_equal(link_settings_set(&l, &eth0), 1);
        assert_int_equal(l.n, 2);
        assert_int_equal(link_settings_find(&l, "eth0")->downlink_bps, 50000000);
        assert_true(link_settings_find(&l, "auto")->options.of[LINK_TRUST_INCOMING_DSCP]);
        any.options.of[LINK_TRUST_INCOMING_DSCP] = 0;
        assert_int_equal(link_settings_set(&l, &any), 1);

        assert_int_equal(link_settings_unset(&l, "eth1"), 0);
        assert_int_equal(link_settings_unset(&l, "eth0"), 1);
        assert_int_equal(l.n, 1);
        assert_string_equal(l.links[0].name, "auto");
        assert_int_equal(link_settings_unset(&l, "auto"), 1);
        assert_int_equal(l.n, 0);
}

static void test_invalid(void **state)
{
        static const struct {
                const char *name;
                uint64_t rate;
                int error;
        } cases[] = {
                {"eth0", 0, 1},
                {"eth0", UNITS_RATE_MIN, 1},
                {"eth0", UNITS_RATE_MAX, 1},
                {"eth0", 1, -ERANGE},
                {"eth0", UNITS_RATE_MIN - 1, -ERANGE},
                {"eth0", UNITS_RATE_MAX + 1, -ERANGE},
                {"eth0", UINT64_C(1) << 63, -ERANGE},
                {"eth0", UINT64_MAX, -ERANGE},
                {"", 0, -EINVAL},
                {"a/b", 0, -EINVAL},
                {"0123456789abcdef", 0, -EINVAL}, /* 16 bytes, no room for the NUL */
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned direction = 0; direction < 2; direction++) {
                        _cleanup_(link_settings_donep) LinkSettings l = {0};
                        struct link_setting s = {0};

                        memcpy(s.name, cases[i].name, MIN(strlen(cases[i].name), sizeof(s.name)));
                        *(direction ? &s.uplink_bps : &s.downlink_bps) = cases[i].rate;
                        assert_int_equal(link_settings_set(&l, &s), cases[i].error);
                        assert_int_equal(l.n, cases[i].error == 1);
                }
}

static void test_limit(void **state)
{
        _cleanup_(link_settings_donep) LinkSettings l = {0}, copy = {0};
        struct link_setting s = {0};

        for (unsigned i = 0; i < LINK_SETTINGS_MAX; i++) {
                (void)snprintf(s.name, sizeof(s.name), "veth%u", i);
                assert_int_equal(link_settings_set(&l, &s), 1);
        }
        (void)snprintf(s.name, sizeof(s.name), "veth%u", LINK_SETTINGS_MAX);
        assert_int_equal(link_settings_set(&l, &s), -E2BIG);
        (void)snprintf(s.name, sizeof(s.name), "veth0");
        s.uplink_bps = 1000000;
        assert_int_equal(link_settings_set(&l, &s), 1);

        assert_int_equal(link_settings_copy(&l, &copy), 0);
        assert_true(link_settings_equal(&l, &copy));
        copy.links[5].downlink_bps = 64000;
        assert_false(link_settings_equal(&l, &copy));
        assert_int_equal(link_settings_unset(&l, "veth63"), 1);
        assert_false(link_settings_equal(&l, &copy));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_set),
                cmocka_unit_test(test_invalid),
                cmocka_unit_test(test_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
