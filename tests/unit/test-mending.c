/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mending.h"
#include "test.h"

static void test_five_a_minute(void **state)
{
        struct mending m = {0};
        uint64_t now = 1000 * USEC_PER_SEC;

        for (unsigned round = 0; round < 3; round++) {
                for (unsigned i = 0; i < MENDING_MAX; i++)
                        assert_true(mending_note(&m, now + i));
                assert_false(mending_note(&m, now + MENDING_MAX));
                assert_false(mending_note(&m, now + MENDING_USEC - 1));
                now += MENDING_USEC + MENDING_MAX;
        }
        /* slowly, for ever */
        for (unsigned i = 0; i < 100; i++, now += MENDING_USEC / MENDING_MAX + 1)
                assert_true(mending_note(&m, now + MENDING_USEC));
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_five_a_minute)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
