/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "files.h"
#include "settings-store.h"

static void on_line(const char *file, unsigned line, const char *message, void *userdata)
{
        size_t n = strlen(out);

        (void)snprintf(out + n, sizeof(out) - n, "%u:%s\n", line, message);
}

static void write_file(const char *name, const char *data, size_t size)
{
        FILE *f = fopen(path_of(name), "we");

        assert_non_null(f);
        assert_int_equal(fwrite(data, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
}

static bool is_there(const char *name)
{
        return access(path_of(name), F_OK) == 0;
}

static int load(struct settings *ret)
{
        return settings_load(top, on_line, NULL, ret);
}

static struct settings everything(void)
{
        struct settings s = {.has_mode = true,
                             .has_links = true,
                             .has_ports = true,
                             .has_dscps = true,
                             .mode = MODE_SHAPE};
        struct link_setting eth0 = {
                .name = "eth0",
                .uplink_bps = 9500000,
                .downlink_bps = UINT64_C(100000000000),
                .options.of = {[LINK_TRUST_INCOMING_DSCP] = 1, [LINK_WHEN] = LINK_WHEN_ALWAYS}};
        struct link_setting any = {.name = "auto"};
        struct link_network home = {.interface = "wlan0",
                                    .name = {"nm:1/02:00", " \"Home\" ] = \xf0\x9f\x93\x9e "},
                                    .uplink_bps = 64000,
                                    .options.of =
                                            {[LINK_LAYER] = LINK_LAYER_VDSL, [LINK_OVERHEAD] = 7}},
                            office = {.interface = "0123456789abcde", .name.id = "gateway:0"};

        assert_int_equal(link_settings_set(&s.links, &eth0), 1);
        assert_int_equal(link_settings_set(&s.links, &any), 1);
        assert_int_equal(port_set_add(&s.ports, 1, 1, P2S_CLASS_VOICE, "", NULL), 1);
        assert_int_equal(port_set_add(&s.ports, 5004, 6000, P2S_CLASS_VIDEO,
                                      " [a] \"b\" = # ; \\ \xf0\x9f\x93\x9e ", NULL),
                         1);
        assert_int_equal(
                port_set_add(&s.ports, 6001, 65535, P2S_CLASS_GENERAL,
                             "0123456789012345678901234567890123456789012345678901234567890"
                             "123",
                             NULL),
                1);
        assert_int_equal(link_networks_append(&s.networks, &home), 0);
        assert_int_equal(link_networks_append(&s.networks, &office), 0);
        s.dscps.class[0] = P2S_CLASS_GENERAL;
        s.dscps.class[63] = P2S_CLASS_VOICE;
        return s;
}

static void assert_equal(const struct settings *a, const struct settings *b)
{
        assert_int_equal(a->has_mode, b->has_mode);
        assert_int_equal(a->has_links, b->has_links);
        assert_int_equal(a->has_ports, b->has_ports);
        assert_int_equal(a->has_dscps, b->has_dscps);
        assert_int_equal(a->mode, b->mode);
        assert_int_equal(a->networks.n, b->networks.n);
        assert_memory_equal(a->networks.of, b->networks.of,
                            a->networks.n * sizeof(*a->networks.of));
        assert_true(link_settings_equal(&a->links, &b->links));
        assert_true(port_set_equal(&a->ports, &b->ports));
        assert_true(dscp_map_equal(&a->dscps, &b->dscps));
}

static void test_nothing_there(void **state)
{
        struct settings s = {.has_mode = true};

        assert_int_equal(load(&s), 0);
        assert_false(s.has_mode);
        s.has_mode = true;
        assert_int_equal(settings_load("/nowhere/at/all", on_line, NULL, &s), 0);
        assert_false(s.has_mode);
        assert_string_equal(out, "");
        assert_int_equal(settings_save("/nowhere/at/all", &s), -ENOENT);
}

static void test_round_trip(void **state)
{
        _cleanup_(settings_donep) struct settings a = everything(), b = {0};
        struct stat st;

        assert_int_equal(settings_save(top, &a), 0);
        assert_int_equal(load(&b), 0);
        assert_string_equal(out, "");
        assert_equal(&a, &b);
        assert_false(is_there("settings.new"));
        assert_int_equal(stat(path_of("settings"), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
}

/* Each is optional on its own, and chosen empty is not the same as not chosen. */
static void test_optional(void **state)
{
        for (unsigned bits = 0; bits < 32; bits++) {
                _cleanup_(settings_donep) struct settings a = {0}, b = {0};

                if (bits & 16)
                        a = everything();
                a.has_mode = bits & 1;
                a.has_links = bits & 2;
                a.has_ports = bits & 4;
                a.has_dscps = bits & 8;
                assert_int_equal(settings_save(top, &a), 0);
                assert_int_equal(load(&b), 0);
                assert_string_equal(out, "");
                if (!a.has_mode)
                        a.mode = MODE_OFF;
                if (!a.has_links)
                        link_settings_done(&a.links);
                if (!a.has_ports)
                        port_set_done(&a.ports);
                if (!a.has_dscps)
                        a.dscps = (DscpMap){0};
                assert_equal(&a, &b);
        }
}

static void test_full_of_ports(void **state)
{
        _cleanup_(settings_donep) struct settings a = {.has_ports = true}, b = {0};

        for (unsigned i = 0; i < PORT_SET_MAX; i++)
                assert_int_equal(port_set_add(&a.ports, (uint16_t)(2 * i + 1),
                                              (uint16_t)(2 * i + 1), P2S_CLASS_VOICE, "x", NULL),
                                 1);
        assert_int_equal(settings_save(top, &a), 0);
        assert_int_equal(load(&b), 0);
        assert_equal(&a, &b);
}

/* Nothing chosen, the file aside, a line in the log. */
static void assert_refused(const char *data, size_t size)
{
        struct settings s = {.has_mode = true};

        out[0] = '\0';
        (void)remove(path_of("settings.bad"));
        write_file("settings", data, size);
        assert_int_equal(load(&s), 0);
        assert_false(s.has_mode || s.has_links || s.has_ports || s.has_dscps);
        assert_null(s.links.links);
        assert_null(s.ports.ranges);
        assert_false(is_there("settings"));
        assert_true(is_there("settings.bad"));
        assert_non_null(strstr(out, "settings.bad"));
}

static void test_cut_off(void **state)
{
        _cleanup_(settings_donep) struct settings s = everything();
        _cleanup_free_ char *text = NULL;
        size_t size = 0;

        assert_int_equal(settings_format(&s, &text, &size), 0);
        for (size_t n = 0; n < size; n++)
                assert_refused(text, n);
}

static void test_damaged(void **state)
{
        _cleanup_(settings_donep) struct settings s = everything();
        _cleanup_free_ char *text = NULL;
        size_t size = 0;

        assert_int_equal(settings_format(&s, &text, &size), 0);
        for (size_t i = 0; i < size; i++) {
                text[i] ^= 1;
                assert_refused(text, size);
                text[i] ^= 1;
        }
        assert_refused("", 0);
        assert_refused("garbage", 7);
        assert_refused("\0\0\0\0", 4);
}

/* Whole by its checksum, yet not what this version writes. */
static void test_not_understood(void **state)
{
        static const struct {
                const char *text, *log;
        } cases[] = {
                {"[Settings]\nVersion=1\n\n", NULL}, /* fine */
                {"[Settings]\nVersion=2\n\n", NULL}, /* fine */
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0 nm:1]\nLabel=\"\"\n\n",
                 NULL}, /* fine */
                {"[Settings]\nVersion=2\nNetworks=2\n[Network e0 nm:1]\nLabel=\"\"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=65\n\n", "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0]\n\n", "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network a/b nm:1]\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network 0123456789abcdef nm:1]\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0 nm:1 2]\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0 n]\nLabel=x\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0 n]\nLabel=\"a\x01 b\"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=1\n[Network e0 n]\nUplinkBps=1\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=2\nNetworks=2\n[Network e0 n]\n[Network e0 n]\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=3\n\n", "of an unknown version"},
                {"[Settings]\nMode=shape\n\n", "of an unknown version"},
                {"\n", "of an unknown version"},
                {"[Settings]\nVersion=1\nMode=fast\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nNew=1\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1025\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=-1\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1\n[Ports]\nRange=0 5 voice \"\"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1\n[Ports]\nRange=5 70000 voice \"\"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1\n[Ports]\nRange=5 6 voice \"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nPorts=1\n[Ports]\nRange=5 6 best \"\"\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\n[Ports]\nRange=5 6 voice \"\"\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nDscps=1\n[Dscps]\nValue=64 voice\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nDscps=1\n[Dscps]\nValue=46 voice x\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nLinks=1\n[Link e0]\nUplinkBps=1\n\n",
                 "does not make sense"},
                {"[Settings]\nVersion=1\nLinks=1\n[Link a/b]\n\n", "does not make sense"},
                {"[Settings]\nVersion=1\nLinks=1\n[Link e0]\nUplinkBps=99999999999999999999\n\n",
                 "does not make sense"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t hash = UINT64_C(0xcbf29ce484222325);
                char text[512];
                int n;

                for (const char *p = cases[i].text; *p; p++)
                        hash = (hash ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
                n = snprintf(text, sizeof(text), "%s[End]\nChecksum=%016llx\n", cases[i].text,
                             (unsigned long long)hash);
                if (cases[i].log) {
                        assert_refused(text, (size_t)n);
                        if (!strstr(out, cases[i].log))
                                fail_msg("case %zu: %s", i, out);
                } else {
                        struct settings s = {0};

                        write_file("settings", text, (size_t)n);
                        assert_int_equal(load(&s), 0);
                        assert_string_equal(out, "");
                }
        }
}

/* A disk that takes no more: the old file stands, whole. */
static void test_full_disk(void **state)
{
        _cleanup_(settings_donep) struct settings old = {.has_mode = true, .mode = MODE_MARK};
        _cleanup_(settings_donep) struct settings new = everything(), s = {0};
        struct rlimit before, limit;

        assert_int_equal(settings_save(top, &old), 0);

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        (void)signal(SIGXFSZ, SIG_IGN);
        limit = before;
        limit.rlim_cur = 200; /* bytes: some of it can be written */
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int r = settings_save(top, &new);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        (void)signal(SIGXFSZ, SIG_DFL);

        assert_int_equal(r, -EFBIG);
        assert_false(is_there("settings.new"));
        assert_int_equal(load(&s), 0);
        assert_string_equal(out, "");
        assert_equal(&s, &old);
}

/* What a crash left half-written is no obstacle. */
static void test_left_over(void **state)
{
        _cleanup_(settings_donep) struct settings a = everything(), b = {0};

        write_file("settings.new", "half", 4);
        assert_int_equal(settings_save(top, &a), 0);
        assert_int_equal(load(&b), 0);
        assert_equal(&a, &b);
}

/* A link planted in the file's place is replaced, not followed. */
static void test_planted_link(void **state)
{
        _cleanup_(settings_donep) struct settings a = {.has_mode = true, .mode = MODE_MARK};
        char target[256];
        struct stat st;

        write_file("victim", "x", 1);
        (void)snprintf(target, sizeof(target), "%s", path_of("victim"));
        assert_int_equal(symlink(target, path_of("settings")), 0);
        assert_int_equal(settings_save(top, &a), 0);
        assert_int_equal(lstat(path_of("settings"), &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(symlink(target, path_of("settings.new")), 0);
        assert_int_equal(settings_save(top, &a), -ELOOP);
        assert_int_equal(stat(target, &st), 0);
        assert_int_equal(st.st_size, 1);
}

static void test_too_large(void **state)
{
        _cleanup_free_ char *data = calloc(1, 1024 * 1024 + 1);

        assert_refused(data, 1024 * 1024 + 1);
        assert_non_null(strstr(out, "larger than 1 MiB"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_nothing_there, setup, teardown),
                cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
                cmocka_unit_test_setup_teardown(test_optional, setup, teardown),
                cmocka_unit_test_setup_teardown(test_full_of_ports, setup, teardown),
                cmocka_unit_test_setup_teardown(test_cut_off, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
                cmocka_unit_test_setup_teardown(test_not_understood, setup, teardown),
                cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
                cmocka_unit_test_setup_teardown(test_left_over, setup, teardown),
                cmocka_unit_test_setup_teardown(test_planted_link, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
