/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "text.h"

static void check(const char *in, const char *out)
{
        _cleanup_free_ char *s = text_quote(in);

        assert_string_equal(s, out);
}

static void test_quote(void **state)
{
        check("", "“”");
        check("eth0", "“eth0”");
        check("a\nb\x1b[1m", "“a\\x0ab\\x1b[1m”");
        check("0123456789012345678901234567890123456789",
              "“0123456789012345678901234567890123456789”");
        check("01234567890123456789012345678901234567890",
              "“0123456789012345678901234567890123456789…”");
        /* not through the middle of a character */
        check("012345678901234567890123456789012345678ä9",
              "“012345678901234567890123456789012345678…”");
}

static void test_set(void **state)
{
        _cleanup_free_ char *s = NULL;

        assert_int_equal(text_set(&s, "%d", 1), 0);
        assert_int_equal(text_set(&s, "%s", "two"), 0);
        assert_string_equal(s, "two");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_quote),
                cmocka_unit_test(test_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
