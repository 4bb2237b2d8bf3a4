/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"
#include "util.h"

#define UNTOUCHED UINT64_C(0xdeadbeefdeadbeef)

static void assert_rate(const char *s, int error, uint64_t expected)
{
        uint64_t v = UNTOUCHED;
        int r = units_parse_rate(s, &v);

        if (r != error || v != (error < 0 ? UNTOUCHED : expected))
                fail_msg("'%s': %d, %llu instead of %d, %llu", s, r, (unsigned long long)v, error,
                         (unsigned long long)expected);
}

static void test_rate_good(void **state)
{
        assert_rate("10M", 0, 10000000);
        assert_rate("10m", 0, 10000000);
        assert_rate("9.5Mbit", 0, 9500000);
        assert_rate("9.5mbit/s", 0, 9500000);
        assert_rate("9.5 Mbit/s", 0, 9500000);
        assert_rate("50Mbps", 0, 50000000);
        assert_rate("2G", 0, 2000000000);
        assert_rate("0.1T", 0, 100000000000);
        assert_rate("500k", 0, 500000);
        assert_rate("500K", 0, 500000);
        assert_rate("64000", 0, 64000);
        assert_rate("64000 bit/s", 0, 64000);
        assert_rate("000010M", 0, 10000000);
        assert_rate("unknown", 0, 0);
        assert_rate("Unknown", 0, 0);
        assert_rate("100G", 0, UNITS_RATE_MAX);
        /* Cut, never rounded up past what was asked for. */
        assert_rate("9.9999999M", 0, 9999999);
        assert_rate("64.0005k", 0, 64000);
        /* Digits beyond the twelfth count for nothing and break nothing. */
        assert_rate("9.50000000000000000000000000000001M", 0, 9500000);
}

static void test_rate_bad(void **state)
{
        static const char *const bad[] = {
                "",         " ",          "M",       "-1M",
                "+1M",      "10MB",       "10MByte", "10X",
                "10 ",      " 10M",       "10M ",    "1.M",
                ".5M",      "1..5M",      "9,5M",    "0x10M",
                "1e6",      "10Mi",       "10  M",   "ten",
                "unknownx", "10Mbit/sec", "10M\n",   "10Mbit10",
                "nan",      "inf",        "10µ",     "18446744073709551616MB",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_rate(bad[i], -EINVAL, 0);
}

static void test_rate_range(void **state)
{
        static const char *const far[] = {
                "0",
                "0M",
                "0.0",
                "1",
                "63999",
                "63.999k",
                "100000000001",
                "101G",
                "1T",
                "18446744073709551615",
                "18446744073709551616",
                "99999999999999999999999999T",
                "18446744.073709551616T",
        };

        for (size_t i = 0; i < ELEMENTSOF(far); i++)
                assert_rate(far[i], -ERANGE, 0);
}

static void assert_span(const char *s, int error, uint64_t expected)
{
        uint64_t v = UNTOUCHED;
        int r = units_parse_span(s, &v);

        if (r != error || v != (error < 0 ? UNTOUCHED : expected))
                fail_msg("'%s': %d, %llu instead of %d, %llu", s, r, (unsigned long long)v, error,
                         (unsigned long long)expected);
}

static void test_span(void **state)
{
        assert_span("0", 0, 0);
        assert_span("1", 0, 1000000);
        assert_span("0.1", 0, 100000);
        assert_span("100ms", 0, 100000);
        assert_span("2.5 s", 0, 2500000);
        assert_span("5min", 0, 300000000);
        assert_span("1h", 0, UINT64_C(3600000000));
        assert_span("", -EINVAL, 0);
        assert_span("-1", -EINVAL, 0);
        assert_span("5m", -EINVAL, 0);
        assert_span("1s ", -EINVAL, 0);
        assert_span("99999999999999999999", -ERANGE, 0);
        assert_span("18446744073709551615", -ERANGE, 0);
        assert_span("99999999999999999999x", -EINVAL, 0);
}

static void test_format_bps(void **state)
{
        static const struct {
                uint64_t value;
                const char *text;
        } table[] = {
                {0, "0 bit/s"},
                {1, "1 bit/s"},
                {999, "999 bit/s"},
                {1000, "1 kbit/s"},
                {1004, "1 kbit/s"},
                {1005, "1.01 kbit/s"},
                {33600, "33.6 kbit/s"},
                {64000, "64 kbit/s"},
                {999499, "999 kbit/s"},
                {999500, "1 Mbit/s"},
                {9500000, "9.5 Mbit/s"},
                {9250000, "9.25 Mbit/s"},
                {9994999, "9.99 Mbit/s"},
                {9995000, "10 Mbit/s"},
                {47500000, "47.5 Mbit/s"},
                {99950000, "100 Mbit/s"},
                {123456789, "123 Mbit/s"},
                {UINT64_C(100000000000), "100 Gbit/s"},
                {UINT64_MAX, "18446744 Tbit/s"},
        };
        char buf[UNITS_MAX];

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_string_equal(units_format_bps(buf, table[i].value), table[i].text);
        assert_string_equal(units_format_rate(buf, 0), "unknown");
        assert_string_equal(units_format_rate(buf, 10000000), "10 Mbit/s");
}

static void test_format_bytes(void **state)
{
        char buf[UNITS_MAX];

        assert_string_equal(units_format_bytes(buf, 0), "0 B");
        assert_string_equal(units_format_bytes(buf, 1514), "1.51 kB");
        assert_string_equal(units_format_bytes(buf, 1000000), "1 MB");
}

static void test_format_usec(void **state)
{
        static const struct {
                uint64_t value;
                const char *text;
        } table[] = {
                {0, "0 µs"},
                {950, "950 µs"},
                {1400, "1.4 ms"},
                {12345, "12.3 ms"},
                {999499, "999 ms"},
                {999500, "1 s"},
                {2500000, "2.5 s"},
                {59949999, "59.9 s"},
                {59950000, "1 min"},
                {60000000, "1 min"},
                {200000000, "3 min 20 s"},
                {UINT64_C(3600000000), "1 h"},
                {UINT64_C(3900000000), "1 h 5 min"},
                {UINT64_C(183600000000), "2 d 3 h"},
                {UINT64_MAX, "213503982 d 8 h"},
        };
        char buf[UNITS_MAX];

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_string_equal(units_format_usec(buf, table[i].value), table[i].text);
}

/* What is printed can be typed back, to within the three digits that are shown. */
static void test_round_trip(void **state)
{
        char buf[UNITS_MAX];

        for (uint64_t v = UNITS_RATE_MIN; v <= UNITS_RATE_MAX; v += v / 97 + 1) {
                uint64_t back;

                assert_int_equal(units_parse_rate(units_format_bps(buf, v), &back), 0);
                assert_true((back > v ? back - v : v - back) <= v / 199);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rate_good),   cmocka_unit_test(test_rate_bad),
                cmocka_unit_test(test_rate_range),  cmocka_unit_test(test_span),
                cmocka_unit_test(test_format_bps),  cmocka_unit_test(test_format_bytes),
                cmocka_unit_test(test_format_usec), cmocka_unit_test(test_round_trip),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
