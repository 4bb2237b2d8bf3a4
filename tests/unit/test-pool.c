/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool.h"
#include "siphash.h"
#include "test.h"

struct slot {
        struct pool_head head;
        uint64_t value;
};

/* Reference values: Python 3.11's hash() of bytes 0, 1, 2 … under the key 0, an
 * implementation of SipHash-1-3 of its own. */
static void test_siphash(void **state)
{
        static const uint8_t key[16];
        uint8_t other[16] = {[15] = 1};
        uint8_t data[48];

        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (uint8_t)i;
        assert_int_equal(siphash13(data, 8, key), UINT64_C(0xead411e67ebe2eea));
        assert_int_equal(siphash13(data, 16, key), UINT64_C(0x8972188433a5c5b7));
        assert_int_equal(siphash13(data, 48, key), UINT64_C(0xfe1f2445ba50237f));
        assert_int_not_equal(siphash13(data, 48, key), siphash13(data, 48, other));
}

static uint32_t find(const Pool *p, uint64_t hash, uint64_t value)
{
        uint32_t i;

        for (i = pool_find(p, hash); i != POOL_NONE; i = pool_find_next(p, i))
                if (((struct slot *)pool_at(p, i))->value == value)
                        break;
        return i;
}

static void test_empty(void **state)
{
        Pool p = {.slot_size = sizeof(struct slot)};

        assert_int_equal(pool_find(&p, 5), POOL_NONE);
        assert_int_equal(pool_next(&p, POOL_NONE), POOL_NONE);
        pool_done(&p);
}

/* Everything in the same bucket, and many of the same hash. */
static void test_collisions(void **state)
{
        Pool p = {.slot_size = sizeof(struct slot)};
        uint32_t i;

        for (uint64_t v = 0; v < 1000; v++) {
                assert_int_equal(pool_add(&p, (v % 3) << 40, &i), 0);
                ((struct slot *)pool_at(&p, i))->value = v;
        }
        for (uint64_t v = 0; v < 1000; v += 2)
                pool_remove(&p, find(&p, (v % 3) << 40, v));
        for (uint64_t v = 0; v < 1000; v++)
                assert_int_equal(find(&p, (v % 3) << 40, v) != POOL_NONE, v % 2);
        assert_int_equal(p.n, 500);
        pool_done(&p);
}

/* Against an array of flags. */
static void test_churn(void **state)
{
        Pool p = {.slot_size = sizeof(struct slot)};
        bool there[512] = {0};
        uint64_t random = 7;
        uint32_t n = 0;

        for (unsigned round = 0; round < 100000; round++) {
                /* grows to all and shrinks to nothing, again and again */
                bool wanted = (round / 5000) % 2 == 0 ? test_random(&random) % 4 != 0
                                                      : test_random(&random) % 16 == 0;
                uint64_t v = test_random(&random) % ELEMENTSOF(there);
                uint64_t hash = v * UINT64_C(0x9e3779b97f4a7c15);
                uint32_t i = find(&p, hash, v);

                assert_int_equal(i != POOL_NONE, there[v]);
                if (wanted && !there[v]) {
                        assert_int_equal(pool_add(&p, hash, &i), 0);
                        assert_int_equal(((struct slot *)pool_at(&p, i))->value, 0);
                        ((struct slot *)pool_at(&p, i))->value = v;
                        n++;
                } else if (!wanted && there[v]) {
                        pool_remove(&p, i);
                        n--;
                }
                there[v] = wanted;
                assert_int_equal(p.n, n);
                if (n == 0)
                        assert_null(p.slots);
                if (round % 1000 == 0) {
                        uint32_t walked = 0;

                        for (i = POOL_NONE; (i = pool_next(&p, i)) != POOL_NONE;)
                                walked++;
                        assert_int_equal(walked, n);
                }
        }
        pool_done(&p);
}

static void test_remove_while_walking(void **state)
{
        Pool p = {.slot_size = sizeof(struct slot)};
        uint32_t i, walked = 0;

        for (uint64_t v = 0; v < 100; v++)
                assert_int_equal(pool_add(&p, v, &i), 0);
        for (i = POOL_NONE; (i = pool_next(&p, i)) != POOL_NONE; walked++)
                pool_remove(&p, i);
        assert_int_equal(walked, 100);
        assert_int_equal(p.n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_siphash),
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_collisions),
                cmocka_unit_test(test_churn),
                cmocka_unit_test(test_remove_while_walking),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
