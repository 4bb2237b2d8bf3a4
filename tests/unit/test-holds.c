/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "holds.h"

static struct hold *add(struct holds *hs, enum mode mode, const char *sender)
{
        struct hold *h;

        assert_int_equal(hold_new(mode, "app", "why", sender, &h), 0);
        holds_add(hs, h);
        return h;
}

static void test_the_strongest_wins(void **state)
{
        struct holds hs = {0};
        uint32_t mark, shape;

        assert_int_equal(holds_strongest(&hs, MODE_MARK), MODE_MARK);
        mark = add(&hs, MODE_MARK, ":1.1")->cookie;
        assert_int_equal(holds_strongest(&hs, MODE_OFF), MODE_MARK);
        shape = add(&hs, MODE_SHAPE, ":1.2")->cookie;
        assert_int_equal(holds_strongest(&hs, MODE_OFF), MODE_SHAPE);
        hold_free(holds_take(&hs, shape));
        assert_int_equal(holds_strongest(&hs, MODE_OFF), MODE_MARK);
        hold_free(holds_take(&hs, mark));
        assert_int_equal(holds_strongest(&hs, MODE_OFF), MODE_OFF);
        assert_int_equal(hs.n, 0);
}

static void test_cookies_are_unique_and_never_0(void **state)
{
        struct holds hs = {.last_cookie = UINT32_MAX - 1};
        uint32_t first = add(&hs, MODE_MARK, ":1.1")->cookie, second;

        assert_int_equal(first, UINT32_MAX);
        hs.last_cookie = UINT32_MAX - 1;
        second = add(&hs, MODE_MARK, ":1.1")->cookie;
        assert_int_equal(second, 1);
        assert_int_equal(holds_of(&hs, ":1.1"), 2);
        assert_int_equal(holds_of(&hs, ":1.2"), 0);
        assert_null(holds_take(&hs, 77));
        holds_clear(&hs);
        assert_int_equal(hs.n, 0);
        assert_null(hs.first);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_strongest_wins),
                cmocka_unit_test(test_cookies_are_unique_and_never_0),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
