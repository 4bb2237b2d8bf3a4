/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-identity.h"
#include "test.h"

static struct link_network network(const char *interface, const char *id, uint64_t uplink_bps)
{
        struct link_network n = {.uplink_bps = uplink_bps};

        (void)stpcpy(n.interface, interface);
        (void)stpcpy(n.name.id, id);
        return n;
}

static void test_ids(void **state)
{
        static const struct {
                const char *id;
                bool valid;
        } cases[] = {
                {"nm:0", true},
                {"", false},
                {"a b", false},
                {"a\nb", false},
                {"a]b", false},
                {"[a", false},
                {"é", false},
                {"gateway:02:00", true},
                {"a\x7f"
                 "b",
                 false},
        };
        char long_id[NETWORK_ID_MAX + 2];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(network_id_is_valid(cases[i].id), cases[i].valid);
        memset(long_id, 'x', sizeof long_id);
        long_id[NETWORK_ID_MAX] = '\0';
        assert_true(network_id_is_valid(long_id));
        long_id[NETWORK_ID_MAX] = 'x';
        long_id[NETWORK_ID_MAX + 1] = '\0';
        assert_false(network_id_is_valid(long_id));
}

static void test_remember(void **state)
{
        static LinkNetworks l;
        struct link_network n = network("eth0", "a", 1000000);

        link_networks_remember(&l, &n);
        n = network("eth0", "b", 2000000);
        link_networks_remember(&l, &n);
        n = network("wlan0", "a", 3000000);
        link_networks_remember(&l, &n);
        assert_int_equal(l.n, 3);
        assert_int_equal(link_networks_find(&l, "eth0", "a")->uplink_bps, 1000000);
        assert_int_equal(link_networks_find(&l, "wlan0", "a")->uplink_bps, 3000000);
        assert_null(link_networks_find(&l, "wlan0", "b"));
        assert_null(link_networks_find(&l, "", ""));

        /* the one met last is the first */
        assert_false(link_networks_touch(&l, "wlan0", "a"));
        assert_true(link_networks_touch(&l, "eth0", "a"));
        assert_string_equal(l.of[0].interface, "eth0");
        assert_int_equal(l.of[0].uplink_bps, 1000000);
        assert_string_equal(l.of[1].interface, "wlan0");
        assert_string_equal(l.of[2].name.id, "b");
        assert_false(link_networks_touch(&l, "eth0", "c"));

        /* again: replaced, not doubled */
        n = network("eth0", "b", 4000000);
        link_networks_remember(&l, &n);
        assert_int_equal(l.n, 3);
        assert_int_equal(l.of[0].uplink_bps, 4000000);

        assert_true(link_networks_forget(&l, "eth0", "a"));
        assert_false(link_networks_forget(&l, "eth0", "a"));
        assert_int_equal(l.n, 2);
        assert_string_equal(l.of[1].interface, "wlan0");
}

static void test_bounded(void **state)
{
        static LinkNetworks l;

        for (unsigned i = 0; i < 3 * LINK_NETWORKS_MAX; i++) {
                char id[16];

                (void)snprintf(id, sizeof id, "n%u", i);
                const struct link_network n = network("eth0", id, 64000 + i);

                link_networks_remember(&l, &n);
                /* the very first is met all the time, and so stays */
                assert_int_equal(link_networks_touch(&l, "eth0", "n0"), i > 0);
        }
        assert_int_equal(l.n, LINK_NETWORKS_MAX);
        assert_string_equal(l.of[0].name.id, "n0");
        for (size_t i = 1; i < l.n; i++)
                assert_int_equal(l.of[i].uplink_bps, 64000 + 3 * LINK_NETWORKS_MAX - i);
}

static void test_line(void **state)
{
        struct link_setting home = {.name = "auto",
                                    .uplink_bps = 10,
                                    .downlink_bps = 50,
                                    .options.of = {[LINK_LAYER] = LINK_LAYER_ATM,
                                                   [LINK_OVERHEAD] = 7,
                                                   [LINK_FORCE] = 1}},
                            now = {.name = "auto", .options.of[LINK_WHEN] = LINK_WHEN_ALWAYS};
        struct link_network n = {};

        link_network_from_setting(&n, &home);
        link_network_to_setting(&n, &now);
        assert_int_equal(now.uplink_bps, 10);
        assert_int_equal(now.downlink_bps, 50);
        assert_int_equal(now.options.of[LINK_LAYER], LINK_LAYER_ATM);
        assert_int_equal(now.options.of[LINK_OVERHEAD], 7);
        /* what is the link's stays */
        assert_int_equal(now.options.of[LINK_FORCE], 0);
        assert_int_equal(now.options.of[LINK_WHEN], LINK_WHEN_ALWAYS);
}

static void test_identity(void **state)
{
        static const struct link_gateway known = {.address = "192.0.2.1",
                                                  .hardware = {2, 0, 0, 0, 0, 0xab},
                                                  .n_hardware = 6},
                                         pending = {.address = "192.0.2.1"},
                                         infiniband = {.address = "fe80::1",
                                                       .hardware = {[19] = 9},
                                                       .n_hardware = 20};
        static const struct nm_connection none,
                wifi = {.uuid = "11111111-2222-3333-4444-555555555555", .name = "Home"},
                cable = {.uuid = "11111111-2222-3333-4444-555555555555",
                         .name = "Wired connection 1",
                         .wired = true};
        static const struct {
                const struct link_gateway *gateway;
                const struct nm_connection *connection;
                const char *id, *label;
        } cases[] = {
                {NULL, &none, "", ""},
                {&pending, &none, "", ""},
                {&known, &none, "gateway:02:00:00:00:00:ab", "192.0.2.1"},
                {&infiniband, &none,
                 "gateway:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:09", "fe80::1"},
                {NULL, &wifi, "nm:11111111-2222-3333-4444-555555555555", "Home"},
                {&pending, &wifi, "nm:11111111-2222-3333-4444-555555555555", "Home"},
                {&known, &wifi, "nm:11111111-2222-3333-4444-555555555555", "Home"},
                {NULL, &cable, "nm:11111111-2222-3333-4444-555555555555", "Wired connection 1"},
                {&pending, &cable, "", ""},
                {&known, &cable, "nm:11111111-2222-3333-4444-555555555555/02:00:00:00:00:ab",
                 "Wired connection 1"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct network_name n;

                memset(&n, 'x', sizeof n);
                link_identity(cases[i].gateway, cases[i].connection, &n);
                assert_string_equal(n.id, cases[i].id);
                assert_string_equal(n.label, cases[i].label);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ids),      cmocka_unit_test(test_remember),
                cmocka_unit_test(test_bounded),  cmocka_unit_test(test_line),
                cmocka_unit_test(test_identity),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
