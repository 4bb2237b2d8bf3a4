/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config-diff.h"
#include "test.h"

struct told {
        char text[1024];
        enum config_part part;
};

static void on_change(enum config_part part, const char *change, void *userdata)
{
        struct told *t = userdata;
        size_t n = strlen(t->text);

        t->part = part;
        (void)snprintf(t->text + n, sizeof(t->text) - n, "%s\n", change);
}

static void parse(struct config *c, const char *text)
{
        config_default(c);
        assert_int_equal(config_parse(c, "test", text, strlen(text), NULL, NULL), 0);
}

/* What is told of the way from one text to another. */
static void expect(const char *before, const char *after, int n, const char *told)
{
        _cleanup_(config_donep) struct config a = {0}, b = {0};
        struct told t = {.text = ""};

        parse(&a, before);
        parse(&b, after);
        assert_int_equal(config_diff(&a, &b, on_change, &t), n);
        assert_string_equal(t.text, told);
}

static void test_nothing(void **state)
{
        expect("", "", 0, "");
        expect("[Service]\nMode=shape\n[Ports]\nVoice=5 6\n[Dscp]\nVoice=46\n",
               "[Ports]\nVoice=5-6\n[Dscp]\nVoice=EF\n[Service]\nMode=shape\n", 0, "");
}

static void test_mode(void **state)
{
        expect("", "[Service]\nMode=shape\n", 1, "[Service] Mode=: off, now shape\n");
}

static void test_links(void **state)
{
        expect("[Link eth0]\nUplink=10M\n[Link eth1]\n",
               "[Link eth0]\nUplink=20M\nTrustIncomingDscp=yes\n[Link auto]\nDownlink=5M\n", 5,
               "[Link eth1]: gone\n"
               "[Link eth0] Uplink=: 10 Mbit/s, now 20 Mbit/s\n"
               "[Link eth0] TrustIncomingDscp=: no, now yes\n"
               "[Link auto]: new\n"
               "[Link auto] Downlink=: unknown, now 5 Mbit/s\n");
}

static void test_rules(void **state)
{
        expect("[Ports]\nVoice=5060\n",
               "[Ports]\nVoice=5060 5070-5080\nGeneral=9\n[Dscp]\nVideo=\n", 3,
               "[Ports] Voice=: 5060, now 5060 5070-5080\n"
               "[Ports] General=: none, now 9\n"
               "[Dscp] Video=: 32 34 36 38, now none\n");
}

static void test_each_change_says_its_part(void **state)
{
        static const struct {
                const char *text;
                enum config_part part;
        } cases[] = {{"[Service]\nMode=mark\n", CONFIG_MODE},
                     {"[Link eth0]\n", CONFIG_LINKS},
                     {"[Ports]\nVideo=7\n", CONFIG_PORTS},
                     {"[Dscp]\nGeneral=8\n", CONFIG_DSCPS}};

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(config_donep) struct config a = {0}, b = {0};
                struct told t = {.text = ""};

                parse(&a, "");
                parse(&b, cases[i].text);
                assert_int_equal(config_diff(&a, &b, on_change, &t), 1);
                assert_int_equal(t.part, cases[i].part);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_mode),
                cmocka_unit_test(test_links),
                cmocka_unit_test(test_rules),
                cmocka_unit_test(test_each_change_says_its_part),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
