/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line-layer.h"
#include "test.h"

#define ETHERNET 14 /* what the kernel counts on top of the IP packet */

static struct line_layer layer(enum link_layer word, const char *overhead, bool ethernet)
{
        struct link_options o = {.of = {[LINK_LAYER] = (int)word}};
        const char *reason;

        assert_int_equal(link_option_parse(LINK_OVERHEAD, overhead, &o.of[LINK_OVERHEAD], &reason),
                         0);
        return line_layer_of(&o, ethernet);
}

/* By hand, from tc-cake(8)'s overheads and the standards it cites. */
static void test_sizes(void **state)
{
        static const struct {
                enum link_layer word;
                const char *overhead;
                uint32_t ip, wire;
        } cases[] = {
                /* as the kernel counts */
                {LINK_LAYER_NONE, "auto", 40, 54},
                {LINK_LAYER_NONE, "auto", 1500, 1514},
                {LINK_LAYER_NONE, "0", 1500, 1500},
                {LINK_LAYER_NONE, "-64", 1500, 1436},
                {LINK_LAYER_NONE, "-64", 40, 1},
                {LINK_LAYER_NONE, "256", 1500, 1756},
                {LINK_LAYER_ETHERNET, "auto", 1500, 1538},
                {LINK_LAYER_ETHERNET, "auto", 40, 84},
                {LINK_LAYER_ETHERNET, "42", 1500, 1542}, /* a VLAN tag */
                {LINK_LAYER_DOCSIS, "auto", 1500, 1518},
                {LINK_LAYER_DOCSIS, "auto", 40, 64},
                {LINK_LAYER_DOCSIS, "auto", 46, 64},
                {LINK_LAYER_DOCSIS, "auto", 47, 65},
                {LINK_LAYER_VDSL, "auto", 1500, 1522 + 24},
                {LINK_LAYER_PPPOE_VDSL, "auto", 1492, 1522 + 24},
                {LINK_LAYER_PPPOE_VDSL, "auto", 40, 70 + 2},
                /* 1,492 + 40 bytes are 31.9 cells' payloads, 40 + 48 two */
                {LINK_LAYER_ATM, "40", 1492, 32 * 53},
                {LINK_LAYER_ATM, "auto", 40, 2 * 53},
                {LINK_LAYER_ATM, "8", 40, 53},
                {LINK_LAYER_ATM, "9", 40, 2 * 53},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct line_layer e = layer(cases[i].word, cases[i].overhead, true),
                                        n = layer(cases[i].word, cases[i].overhead, false);

                assert_int_equal(line_layer_bytes(&e, cases[i].ip + ETHERNET), cases[i].wire);
                if (!line_layer_is_plain(&n))
                        assert_int_equal(line_layer_bytes(&n, cases[i].ip), cases[i].wire);
        }
        assert_true(line_layer_is_plain(&(struct line_layer){0}));
}

/* As the kernel looks a size up (__qdisc_calculate_pkt_len()). */
static uint32_t look_up(const uint16_t *table, uint32_t n, const struct line_layer *l,
                        uint32_t bytes)
{
        int64_t slot = MAX((int64_t)bytes + l->overhead, 0);

        if (slot < n)
                return MAX(table[slot], 1u);
        assert_true(n > 0);
        n = MAX(n, 1u); /* or the compiler takes 0 for possible, and refuses */
        return MAX(table[n - 1] * (uint32_t)(slot / n) + table[slot % n], 1u);
}

static void test_tables(void **state)
{
        static const char *const overheads[] = {"auto", "-64", "-14", "0", "14", "40", "256"};
        static const uint32_t frames[] = {590, 1514, 9014, 15000};

        for (enum link_layer w = LINK_LAYER_NONE; w <= LINK_LAYER_ATM; w++)
                for (size_t o = 0; o < ELEMENTSOF(overheads); o++)
                        for (size_t f = 0; f < ELEMENTSOF(frames); f++) {
                                const struct line_layer l = layer(w, overheads[o], true);
                                const uint32_t n = line_layer_table_size(&l, frames[f]);
                                static uint16_t table[LINE_TABLE_MAX];

                                line_layer_table(&l, frames[f], table);
                                for (uint32_t bytes = 1; bytes <= frames[f]; bytes++)
                                        assert_int_equal(look_up(table, n, &l, bytes),
                                                         line_layer_bytes(&l, bytes));
                                /* a super-packet counts as its frames, within 4 % and one
                                 * packet's own overhead */
                                for (uint32_t k = 2; k < 40; k++) {
                                        uint32_t whole = k * line_layer_bytes(&l, frames[f]);

                                        assert_in_range(look_up(table, n, &l, k * frames[f]),
                                                        whole - whole / 25 - 400,
                                                        whole + whole / 25 + 400);
                                }
                        }
}

static void test_options(void **state)
{
        static const char *const bad[] = {"", "-65", "257", "1.5", "4 ", "x", "99999999999999"};
        char text[LINK_OPTION_TEXT_MAX];
        const char *reason;
        int value = 77;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(link_option_parse(LINK_OVERHEAD, bad[i], &value, &reason),
                                 -EINVAL);
        assert_int_equal(link_option_parse(LINK_LAYER, "adsl", &value, &reason), -EINVAL);
        assert_int_equal(value, 77);
        for (int n = -64; n <= 256; n++) {
                struct link_options o = {0};
                int got;

                assert_int_equal(link_option_from_number(LINK_OVERHEAD, n, &o.of[LINK_OVERHEAD]),
                                 0);
                assert_true(link_option_number(&o, LINK_OVERHEAD, &got));
                assert_int_equal(got, n);
                assert_int_equal(link_option_parse(LINK_OVERHEAD,
                                                   link_option_format(LINK_OVERHEAD,
                                                                      o.of[LINK_OVERHEAD], text),
                                                   &value, &reason),
                                 0);
                assert_int_equal(value, o.of[LINK_OVERHEAD]);
        }
        assert_string_equal(link_option_format(LINK_OVERHEAD, 0, text), "auto");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_options),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
