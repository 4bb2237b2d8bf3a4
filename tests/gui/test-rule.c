/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules and rates as people type them, judged by p2sd's own code. */
#include "preset.h"
#include "rate.h"
#include "rule.h"

static void test_ports(void)
{
        static const struct {
                const char *typed;
                guint first, last; /* 0: refused */
        } cases[] = {
                {"5060", 5060, 5060},
                {" 3478 - 3481 ", 3478, 3481},
                {"3478–3481", 3478, 3481},
                {"65535", 65535, 65535},
                {"", 0, 0},
                {"0", 0, 0},
                {"65536", 0, 0},
                {"5-4", 0, 0},
                {"5-", 0, 0},
                {"-5", 0, 0},
                {"1-2-3", 0, 0},
                {"SIP", 0, 0},
                {"٥", 0, 0},
        };

        for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *problem = NULL;
                g_autoptr(P2sRule) rule =
                        p2s_rule_parse_ports(cases[i].typed, "voice", " a ", &problem);

                g_assert_cmpint(rule != NULL, ==, cases[i].first > 0);
                g_assert_cmpint(problem != NULL, ==, cases[i].first == 0);
                if (!rule)
                        continue;
                g_assert_cmpuint(rule->first, ==, cases[i].first);
                g_assert_cmpuint(rule->last, ==, cases[i].last);
                g_assert_cmpstr(rule->label, ==, "a");
        }
}

static void test_label(void)
{
        g_autofree char *longest = g_strnfill(64, 'x'), *longer = g_strnfill(65, 'x');
        g_autofree char *problem = NULL, *other = NULL;
        g_autoptr(P2sRule) fits = p2s_rule_parse_ports("1", "video", longest, &problem);

        g_assert_nonnull(fits);
        g_assert_null(p2s_rule_parse_ports("1", "video", longer, &problem));
        g_assert_nonnull(problem);
        g_assert_null(p2s_rule_parse_ports("1", "video", "a\tb", &other));
        g_assert_nonnull(other);
}

static void test_dscp(void)
{
        g_autofree char *problem = NULL, *text = NULL;
        g_autoptr(P2sRule) ef = p2s_rule_parse_dscp(" ef ", "voice", &problem);

        g_assert_nonnull(ef);
        g_assert_cmpuint(ef->first, ==, 46);
        text = p2s_rule_dscp(ef);
        g_assert_cmpstr(text, ==, "46 (EF)");
        g_assert_null(p2s_rule_parse_dscp("64", "voice", &problem));
}

static void test_change(void)
{
        g_autoptr(GListStore) rules = g_list_store_new(P2S_TYPE_RULE);
        g_autoptr(P2sRule) old = p2s_rule_new(100, 200, "voice", "a");
        g_autoptr(P2sRule) new = p2s_rule_new(150, 160, "video", "b");
        g_autoptr(GPtrArray) with = g_ptr_array_new(), after = NULL, without = NULL;
        g_autofree char *problem = NULL;

        g_list_store_append(rules, old);
        g_ptr_array_add(with, new);
        after = p2s_rules_change(G_LIST_MODEL(rules), NULL, with, &problem);
        g_assert_cmpuint(after->len, ==, 3); /* the old one is split around the new */
        without = p2s_rules_change(G_LIST_MODEL(rules), old, with, &problem);
        g_assert_cmpuint(without->len, ==, 1);
        g_assert_true(p2s_rule_equal(g_ptr_array_index(without, 0), new));
        g_assert_false(p2s_rules_cover(G_LIST_MODEL(rules), new));
        g_assert_true(p2s_rules_cover(G_LIST_MODEL(rules), old));
}

static void test_rates(void)
{
        static const struct {
                const char *typed;
                gint64 bps; /* below 0: refused */
        } cases[] = {
                {"", 0},
                {"  ", 0},
                {"50", 50000000},
                {"9,5", 9500000},
                {"500 kbit/s", 500000},
                {"1G", 1000000000},
                {"50 Mbit/s", 50000000},
                {"0.01", -1},
                {"10MB", -1},
                {"fast", -1},
                {"-5", -1},
                {"999999999999", -1},
        };

        for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *problem = NULL;
                guint64 bps = 0;
                gboolean good = p2s_rate_parse(cases[i].typed, &bps, &problem);

                g_assert_cmpint(good, ==, cases[i].bps >= 0);
                if (good) {
                        g_autofree char *text = p2s_rate_text(bps), *again = NULL;
                        guint64 same;

                        g_assert_cmpuint(bps, ==, (guint64)cases[i].bps);
                        g_assert_true(p2s_rate_parse(text, &same, &again));
                        g_assert_cmpuint(same, ==, bps);
                }
        }
}

/* Every preset names its source, and its ports are valid (else loading fails). */
static void test_presets(void)
{
        g_autoptr(GPtrArray) presets = p2s_presets_load();

        g_assert_cmpuint(presets->len, ==, 6);
        for (guint i = 0; i < presets->len; i++) {
                P2sPreset *preset = g_ptr_array_index(presets, i);

                g_assert_true(g_str_has_prefix(preset->source, "https://"));
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rule/ports", test_ports);
        g_test_add_func("/rule/label", test_label);
        g_test_add_func("/rule/dscp", test_dscp);
        g_test_add_func("/rule/change", test_change);
        g_test_add_func("/rate", test_rates);
        g_test_add_func("/presets", test_presets);
        return g_test_run();
}
