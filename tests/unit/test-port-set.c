/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-set.h"
#include "test.h"

/* Writes the set as "1-5 voice a, 9 video" */
static const char *show(const PortSet *set)
{
        static char text[4096];
        size_t n = 0;

        text[0] = '\0';
        PORT_SET_FOREACH (r, set)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u-%u %s%s%s", n ? ", " : "",
                                      r->first, r->last, p2s_class_to_string(r->class),
                                      r->label[0] ? " " : "", r->label);
        return text;
}

static void add(PortSet *set, unsigned first, unsigned last, enum p2s_class class,
                const char *label, int expected)
{
        assert_int_equal(port_set_add(set, (uint16_t)first, (uint16_t)last, class, label, NULL),
                         expected);
}

static void drop(PortSet *set, unsigned first, unsigned last, int expected)
{
        assert_int_equal(port_set_remove(set, (uint16_t)first, (uint16_t)last, NULL), expected);
}

static void test_add(void **state)
{
        _cleanup_(port_set_donep) PortSet set = {0};

        assert_string_equal(show(&set), "");
        add(&set, 100, 200, P2S_CLASS_VOICE, "a", 1);
        add(&set, 100, 200, P2S_CLASS_VOICE, "a", 0);
        add(&set, 120, 130, P2S_CLASS_VOICE, "a", 0);
        assert_string_equal(show(&set), "100-200 voice a");
        add(&set, 201, 210, P2S_CLASS_VOICE, "a", 1); /* neighbour above */
        add(&set, 90, 99, P2S_CLASS_VOICE, "a", 1);   /* … and below */
        assert_string_equal(show(&set), "90-210 voice a");
        add(&set, 211, 220, P2S_CLASS_VOICE, "b", 1); /* other label: stays apart */
        add(&set, 80, 89, P2S_CLASS_VIDEO, "a", 1);   /* other class */
        assert_string_equal(show(&set), "80-89 video a, 90-210 voice a, 211-220 voice b");
        add(&set, 150, 160, P2S_CLASS_VIDEO, "", 1); /* middle: splits */
        assert_string_equal(
                show(&set),
                "80-89 video a, 90-149 voice a, 150-160 video, 161-210 voice a, 211-220 voice b");
        add(&set, 150, 160, P2S_CLASS_VOICE, "a", 1); /* and joins both again */
        assert_string_equal(show(&set), "80-89 video a, 90-210 voice a, 211-220 voice b");
        add(&set, 85, 215, P2S_CLASS_GENERAL, NULL, 1);
        assert_string_equal(show(&set), "80-84 video a, 85-215 general, 216-220 voice b");
        add(&set, 1, 65535, P2S_CLASS_VOICE, "", 1);
        assert_string_equal(show(&set), "1-65535 voice");
}

static void test_edges(void **state)
{
        _cleanup_(port_set_donep) PortSet set = {0};

        add(&set, 65535, 65535, P2S_CLASS_VOICE, "", 1);
        add(&set, 1, 1, P2S_CLASS_VOICE, "", 1);
        assert_string_equal(show(&set), "1-1 voice, 65535-65535 voice");
        add(&set, 65534, 65535, P2S_CLASS_VIDEO, "", 1);
        add(&set, 1, 2, P2S_CLASS_VIDEO, "", 1);
        assert_string_equal(show(&set), "1-2 video, 65534-65535 video");
        drop(&set, 65535, 65535, 1);
        drop(&set, 1, 1, 1);
        assert_string_equal(show(&set), "2-2 video, 65534-65534 video");
        drop(&set, 1, 65535, 1);
        assert_string_equal(show(&set), "");
        drop(&set, 1, 65535, 0);
}

static void test_remove(void **state)
{
        _cleanup_(port_set_donep) PortSet set = {0};

        add(&set, 100, 200, P2S_CLASS_VOICE, "a", 1);
        add(&set, 300, 400, P2S_CLASS_VIDEO, "b", 1);
        drop(&set, 201, 299, 0);
        drop(&set, 1, 99, 0);
        drop(&set, 401, 65535, 0);
        drop(&set, 150, 150, 1);
        assert_string_equal(show(&set), "100-149 voice a, 151-200 voice a, 300-400 video b");
        drop(&set, 190, 310, 1);
        assert_string_equal(show(&set), "100-149 voice a, 151-189 voice a, 311-400 video b");
        drop(&set, 151, 189, 1);
        assert_string_equal(show(&set), "100-149 voice a, 311-400 video b");
}

static void test_invalid(void **state)
{
        static const struct {
                uint16_t first, last;
                int class;
                const char *label;
                const char *reason; /* NULL: fine */
        } cases[] = {
                {1, 65535, P2S_CLASS_VOICE, "", NULL},
                {5, 5, P2S_CLASS_GENERAL, NULL, NULL},
                {0, 5, P2S_CLASS_VOICE, "", "port 0"},
                {0, 0, P2S_CLASS_VOICE, "", "port 0"},
                {5, 0, P2S_CLASS_VOICE, "", "port 0"},
                {6, 5, P2S_CLASS_VOICE, "", "first port above the last"},
                {5, 6, P2S_CLASS_NONE, "", "unknown class"},
                {5, 6, _P2S_CLASS_MAX, "", "unknown class"},
                {5, 6, -EINVAL, "", "unknown class"},
                {5, 6, P2S_CLASS_VOICE, "a\nb", "label is not UTF-8 or has control characters"},
                {5, 6, P2S_CLASS_VOICE, "\xff", "label is not UTF-8 or has control characters"},
                {5, 6, P2S_CLASS_VOICE,
                 "0123456789012345678901234567890123456789012345678901234567890123", NULL},
                {5, 6, P2S_CLASS_VOICE,
                 "01234567890123456789012345678901234567890123456789012345678901234",
                 "label longer than 64 bytes"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(port_set_donep) PortSet set = {0};
                const char *reason = "untouched";
                int r = port_set_validate(cases[i].first, cases[i].last, cases[i].class,
                                          cases[i].label, &reason);

                assert_int_equal(r, cases[i].reason ? -EINVAL : 0);
                assert_string_equal(reason, cases[i].reason ?: "untouched");
                r = port_set_add(&set, cases[i].first, cases[i].last,
                                 (enum p2s_class)cases[i].class, cases[i].label, NULL);
                assert_int_equal(r, cases[i].reason ? -EINVAL : 1);
                assert_int_equal(set.n, cases[i].reason ? 0 : 1);
        }
}

static void test_limit(void **state)
{
        _cleanup_(port_set_donep) PortSet set = {0};
        const char *reason = NULL;

        for (unsigned i = 0; i < PORT_SET_MAX; i++)
                add(&set, 10 * i + 10, 10 * i + 14, P2S_CLASS_VOICE, "", 1);
        assert_int_equal(port_set_add(&set, 5, 5, P2S_CLASS_VOICE, "", &reason), -E2BIG);
        assert_string_equal(reason, "more than 1024 ranges");
        assert_int_equal(port_set_remove(&set, 12, 12, &reason), -E2BIG); /* would split */
        assert_int_equal(set.n, PORT_SET_MAX);
        assert_int_equal(set.ranges[0].first, 10);
        assert_int_equal(set.ranges[0].last, 14);
        drop(&set, 14, 14, 1);                     /* shrinks */
        add(&set, 15, 19, P2S_CLASS_VOICE, "", 1); /* joins */
        assert_int_equal(set.n, PORT_SET_MAX);
}

static void test_replace(void **state)
{
        static const struct port_range good[] = {{100, 200, P2S_CLASS_VOICE, "x"},
                                                 {150, 250, P2S_CLASS_VIDEO, "y"}};
        static const struct port_range bad[] = {{1, 2, P2S_CLASS_VOICE, ""},
                                                {0, 2, P2S_CLASS_VOICE, ""}};
        _cleanup_(port_set_donep) PortSet set = {0};
        _cleanup_free_ struct port_range *many = calloc(PORT_SET_MAX + 1, sizeof(*many));
        const char *reason = NULL;

        assert_int_equal(port_set_replace(&set, good, 2, &reason), 1);
        assert_string_equal(show(&set), "100-149 voice x, 150-250 video y");
        assert_int_equal(port_set_replace(&set, good, 2, &reason), 0);
        assert_int_equal(port_set_replace(&set, bad, 2, &reason), -EINVAL);
        assert_string_equal(reason, "port 0");
        assert_string_equal(show(&set), "100-149 voice x, 150-250 video y");
        assert_int_equal(port_set_replace(&set, many, PORT_SET_MAX + 1, &reason), -E2BIG);
        assert_string_equal(show(&set), "100-149 voice x, 150-250 video y");
        assert_int_equal(port_set_replace(&set, NULL, 0, &reason), 1);
        assert_string_equal(show(&set), "");
}

static void test_copy(void **state)
{
        _cleanup_(port_set_donep) PortSet a = {0}, b = {0};

        assert_true(port_set_equal(&a, &b));
        add(&a, 100, 200, P2S_CLASS_VOICE, "x", 1);
        assert_false(port_set_equal(&a, &b));
        assert_int_equal(port_set_copy(&a, &b), 0);
        assert_true(port_set_equal(&a, &b));
        add(&b, 100, 200, P2S_CLASS_VOICE, "y", 1);
        assert_false(port_set_equal(&a, &b));
        port_set_done(&a);
        assert_int_equal(port_set_copy(&a, &b), 0);
        assert_int_equal(b.n, 0);
}

/* Against the plainest model there is: one slot a port. */
static void test_random_against_model(void **state)
{
        static const char *const labels[] = {"", "a"};
        static uint8_t model[65536]; /* class | label << 4 */
        static struct kernel_ports map;
        _cleanup_(port_set_donep) PortSet set = {0};
        uint64_t random = 42;

        for (unsigned round = 0; round < 3000; round++) {
                /* few ports, so that edges meet often; at either end of the range */
                unsigned base = test_random(&random) % 2 ? 1 : 65535 - 63;
                unsigned first = base + (unsigned)(test_random(&random) % 64);
                unsigned wide = (unsigned)(test_random(&random) % 16);
                unsigned last = MIN(first + wide, 65535u);
                unsigned class = 1 + (unsigned)(test_random(&random) % 3);
                unsigned label = (unsigned)(test_random(&random) % 2);
                bool adds = test_random(&random) % 3 != 0;
                bool changed = false;
                int r;

                for (unsigned p = first; p <= last; p++) {
                        uint8_t slot = adds ? (uint8_t)(class | label << 4) : 0;

                        changed |= model[p] != slot;
                        model[p] = slot;
                }
                if (adds)
                        r = port_set_add(&set, (uint16_t)first, (uint16_t)last,
                                         (enum p2s_class) class, labels[label], NULL);
                else
                        r = port_set_remove(&set, (uint16_t)first, (uint16_t)last, NULL);
                assert_int_equal(r, changed);

                port_set_to_map(&set, &map);
                for (unsigned p = 0; p < 65536; p++)
                        if (map.class[p] != (model[p] & 15))
                                fail_msg("round %u, port %u", round, p);
                for (size_t i = 0; i < set.n; i++) {
                        const struct port_range *a = set.ranges + i;

                        assert_true(a->first <= a->last && a->first > 0);
                        assert_int_equal(streq(a->label, "a"), model[a->first] >> 4);
                        if (i + 1 < set.n) {
                                assert_true(a->last < a[1].first);
                                /* neighbours of one rule are one range */
                                assert_false(a->last + 1 == a[1].first && a->class == a[1].class &&
                                             streq(a->label, a[1].label));
                        }
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_add),    cmocka_unit_test(test_edges),
                cmocka_unit_test(test_remove), cmocka_unit_test(test_invalid),
                cmocka_unit_test(test_limit),  cmocka_unit_test(test_replace),
                cmocka_unit_test(test_copy),   cmocka_unit_test(test_random_against_model),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
