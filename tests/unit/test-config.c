/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>

#include "config-diff.h"
#include "config.h"
#include "files.h"
#include "read-file.h"

static int load(const char *main_file, struct config *ret)
{
        char etc[80], run[80], lib[80];
        const char *const dirs[] = {etc, run, lib, NULL};

        (void)snprintf(etc, sizeof(etc), "%s/etc", top);
        (void)snprintf(run, sizeof(run), "%s/run", top);
        (void)snprintf(lib, sizeof(lib), "%s/lib", top);
        return config_load(dirs, main_file, on_error, out, ret);
}

static void parse(struct config *c, const char *text, const char *errors)
{
        out[0] = '\0';
        assert_true(config_parse(c, "f", text, strlen(text), on_error, out) >= 0);
        assert_string_equal(out, errors);
}

static void on_change(enum config_part part, const char *change, void *userdata)
{
        fail_msg("%s", change);
}

static void test_defaults(void **state)
{
        _cleanup_(config_donep) struct config c;
        DscpMap dscps;

        dscp_map_default(&dscps);
        assert_int_equal(load(NULL, &c), 0);
        assert_string_equal(out, "");
        assert_int_equal(c.mode, MODE_OFF);
        assert_int_equal(c.links.n, 0);
        assert_int_equal(c.ports.n, 0);
        assert_true(dscp_map_equal(&c.dscps, &dscps));
}

/* The sample that is installed says nothing, and says what the defaults are. */
static void test_sample_file(void **state)
{
        const char *source = getenv("P2S_SOURCE");
        _cleanup_(config_donep) struct config c, d, sample;
        char path[512], text[16384];
        const char *const none[] = {NULL};
        size_t n, k = 0;
        FILE *f;

        if (!source)
                skip();
        (void)snprintf(path, sizeof(path), "%s/daemon/p2sd.conf", source);
        config_default(&d);
        assert_int_equal(config_load(none, path, on_error, out, &c), 0);
        assert_string_equal(out, "");
        assert_int_equal(c.mode, d.mode);
        assert_int_equal(c.links.n, 0);
        assert_int_equal(c.ports.n, 0);
        assert_true(dscp_map_equal(&c.dscps, &d.dscps));

        /* with its keys uncommented: "#Mode=off", not "# Mode" */
        f = fopen(path, "re");
        assert_non_null(f);
        n = fread(text, 1, sizeof(text), f);
        (void)fclose(f);
        assert_true(n > 0 && n < sizeof(text));
        for (size_t i = 0; i < n; i++) {
                bool key = text[i] == '#' && i + 1 < n && text[i + 1] > ' ' &&
                           (i == 0 || text[i - 1] == '\n');

                if (!key)
                        text[k++] = text[i];
        }
        config_default(&sample);
        assert_int_equal(config_parse(&sample, path, text, k, on_error, out), 0);
        assert_string_equal(out, "");
        assert_int_equal(sample.mode, d.mode);
        assert_int_equal(sample.ports.n, 0);
        assert_true(dscp_map_equal(&sample.dscps, &d.dscps));
        assert_int_equal(sample.links.n, 1);
        assert_string_equal(sample.links.links[0].name, "auto");
        assert_int_equal(sample.links.links[0].uplink_bps, 0);
        assert_false(sample.links.links[0].options.of[LINK_TRUST_INCOMING_DSCP]);
}

/* All of a file under the source tree, NUL at its end; to be freed. */
static char *source_file(const char *name)
{
        const char *source = getenv("P2S_SOURCE");
        char path[512];
        char *text;
        size_t size;

        if (!source)
                skip();
        (void)snprintf(path, sizeof(path), "%s/%s", source, name);
        assert_int_equal(read_file_at(AT_FDCWD, path, 1 << 20, &text, &size), 0);
        return text;
}

/* A printf into buf, for the formats of a test's own. */
#define FORMAT(buf, ...)                                                                           \
        (assert_true((size_t)snprintf(buf, sizeof(buf), __VA_ARGS__) < sizeof(buf)), buf)

/* Every key is in the manual, with its default, and in the sample; the manual has no
 * others; what is said to be the default is what holds without the key. */
static void test_keys_are_documented(void **state)
{
        _cleanup_free_ char *page = source_file("daemon/man/p2sd.conf.5");
        _cleanup_free_ char *sample = source_file("daemon/p2sd.conf");
        size_t in_table = 0, in_page = 0;
        struct config_key key;

        for (size_t i = 0; config_key(i, &key); i++, in_table++) {
                char buf[256], section_end[] = "\n.SH ";
                _cleanup_(config_donep) struct config c = {0}, d = {0};
                const char *section, *at, *end, *fallback;

                section = strstr(page, FORMAT(buf, "\n.SH \"[%s", key.section));
                assert_non_null(section);
                at = strstr(section, FORMAT(buf, "\n.B %s=\n", key.key));
                end = strstr(section + 1, section_end);
                if (!at || at > end)
                        fail_msg("p2sd.conf.5: no %s= in [%s]", key.key, key.section);
                fallback = strstr(at, "\nDefault:");
                if (!fallback || fallback > end)
                        fail_msg("p2sd.conf.5: no default of %s=", key.key);
                if (*key.fallback == '\0')
                        FORMAT(buf, "none");
                else
                        FORMAT(buf, "\n.B%s %s", strchr(key.fallback, ' ') ? "" : "R",
                               key.fallback);
                fallback = strstr(fallback, buf);
                if (!fallback || fallback > end)
                        fail_msg("p2sd.conf.5: the default of %s= is not “%s”", key.key,
                                 key.fallback);

                section = strstr(sample, FORMAT(buf, "[%s", key.section));
                assert_non_null(section);
                at = strstr(section, FORMAT(buf, "\n#%s=%s\n", key.key, key.fallback));
                end = strstr(section, "\n[");
                if (!at || (end && at > end))
                        fail_msg("p2sd.conf: no #%s=%s in [%s]", key.key, key.fallback,
                                 key.section);

                config_default(&c);
                config_default(&d);
                FORMAT(buf, "[%s%s]\n%s=%s\n", key.section,
                       streq(key.section, "Link") ? " eth0" : "", key.key, key.fallback);
                parse(&c, buf, "");
                parse(&d, streq(key.section, "Link") ? "[Link eth0]\n" : "", "");
                assert_int_equal(config_diff(&d, &c, on_change, NULL), 0);
        }
        for (const char *p = page; (p = strstr(p, "\n.B ")); p++) {
                size_t n = strcspn(p + 1, "\n");

                in_page += p[n] == '=';
        }
        assert_int_equal(in_page, in_table);
}

static void test_links(void **state)
{
        _cleanup_(config_donep) struct config c;
        const struct link_setting *l;

        config_default(&c);
        parse(&c,
              "[Service]\nMode=shape\n"
              "[Link eth0]\nUplink=10M\nDownlink=47.5 Mbit/s\nTrustIncomingDscp=yes\n"
              "[Link auto]\n"
              "[Link eth0]\nUplink=9M\n",
              "");
        assert_int_equal(c.mode, MODE_SHAPE);
        assert_int_equal(c.links.n, 2);
        l = link_settings_find(&c.links, "eth0");
        assert_int_equal(l->uplink_bps, 9000000);
        assert_int_equal(l->downlink_bps, 47500000);
        assert_true(l->options.of[LINK_TRUST_INCOMING_DSCP]);
        assert_non_null(link_settings_find(&c.links, "auto"));
        parse(&c, "[Link eth0]\nUplink=unknown\nTrustIncomingDscp=0\n", "");
        assert_int_equal(l->uplink_bps, 0);
        assert_false(l->options.of[LINK_TRUST_INCOMING_DSCP]);
}

static void test_ports(void **state)
{
        _cleanup_(config_donep) struct config c;

        config_default(&c);
        parse(&c, "[Ports]\nVoice=5004 16384-32767  1\nVideo=65535\nVoice=2\n", "");
        assert_int_equal(c.ports.n, 4);
        assert_int_equal(c.ports.ranges[0].first, 1);
        assert_int_equal(c.ports.ranges[0].last, 2);
        assert_int_equal(c.ports.ranges[2].last, 32767);
        assert_int_equal(c.ports.ranges[3].class, P2S_CLASS_VIDEO);
        parse(&c, "[Ports]\nVoice=\n", "");
        assert_int_equal(c.ports.n, 1);
        parse(&c, "[Ports]\nVoice=\nVideo=\nGeneral=\n", "");
        assert_int_equal(c.ports.n, 0);
        parse(&c, "[Ports]\nVoice=10-20\nGeneral=15\n", "");
        assert_int_equal(c.ports.n, 3);
        assert_int_equal(c.ports.ranges[1].class, P2S_CLASS_GENERAL);
}

static void test_dscps(void **state)
{
        _cleanup_(config_donep) struct config c;

        /* the first replaces the class's default, the next add up */
        config_default(&c);
        parse(&c, "[Dscp]\nVoice=CS6\nVoice=0x01 63\n", "");
        assert_int_equal(c.dscps.class[46], P2S_CLASS_NONE);
        assert_int_equal(c.dscps.class[48], P2S_CLASS_VOICE);
        assert_int_equal(c.dscps.class[1], P2S_CLASS_VOICE);
        assert_int_equal(c.dscps.class[63], P2S_CLASS_VOICE);
        assert_int_equal(c.dscps.class[34], P2S_CLASS_VIDEO); /* as it was */
        parse(&c, "[Dscp]\nVideo=\nGeneral=EF\n", "");
        assert_int_equal(c.dscps.class[34], P2S_CLASS_NONE);
        assert_int_equal(c.dscps.class[46], P2S_CLASS_GENERAL);
}

/* Each is named, ignored whole, and the rest holds. */
static void test_bad_lines(void **state)
{
        static const struct {
                const char *text, *errors;
        } cases[] = {
                {"[Service]\nMode=fast\n",
                 "f:2:[Service] Mode=: neither off, monitor, mark nor shape\n"},
                {"[Service]\nMode=\n",
                 "f:2:[Service] Mode=: neither off, monitor, mark nor shape\n"},
                {"[Service]\nMoed=off\n", "f:2:[Service] Moed=: unknown key\n"},
                {"[Servcie]\nMode=shape\n", "f:1:[Servcie]: unknown section\n"},
                {"Mode=shape\n", "f:1:Mode= stands outside of any section\n"},
                {"[Link a/b]\nUplink=1M\n", "f:1:[Link a/b]: not an interface name\n"},
                {"[Link enx0011223344556]\n",
                 "f:1:[Link enx0011223344556]: not an interface name\n"},
                {"[Link ]\n", "f:1:[Link]: unknown section\n"},
                {"[Link]\n", "f:1:[Link]: unknown section\n"},
                {"[Link e0]\nUplink=fast\n", "f:2:[Link e0] Uplink=: not a rate\n"},
                {"[Link e0]\nUplink=10MB\n", "f:2:[Link e0] Uplink=: not a rate\n"},
                {"[Link e0]\nDownlink=1k\n",
                 "f:2:[Link e0] Downlink=: not from 64 kbit to 100 Gbit\n"},
                {"[Link e0]\nTrustIncomingDscp=maybe\n",
                 "f:2:[Link e0] TrustIncomingDscp=: neither yes nor no\n"},
                {"[Link e0]\nColour=red\n", "f:2:[Link e0] Colour=: unknown key\n"},
                {"[Ports]\nVoice=5 0\n", "f:2:[Ports] Voice=: port 0\n"},
                {"[Ports]\nVoice=5 9-7\n", "f:2:[Ports] Voice=: first port above the last\n"},
                {"[Ports]\nVoice=5 65536\n",
                 "f:2:[Ports] Voice=: neither a port nor a range of ports\n"},
                {"[Ports]\nVoice=5 -7\n",
                 "f:2:[Ports] Voice=: neither a port nor a range of ports\n"},
                {"[Ports]\nVoice=5 7-\n",
                 "f:2:[Ports] Voice=: neither a port nor a range of ports\n"},
                {"[Ports]\nVoice=5 1-2-3\n",
                 "f:2:[Ports] Voice=: neither a port nor a range of ports\n"},
                {"[Ports]\nVoice=5,6\n",
                 "f:2:[Ports] Voice=: neither a port nor a range of ports\n"},
                {"[Ports]\nBest=5\n", "f:2:[Ports] Best=: unknown key\n"},
                {"[Dscp]\nVoice=1 64\n",
                 "f:2:[Dscp] Voice=: neither a DSCP value (0 to 63) nor a name\n"},
                {"[Dscp]\nBest=1\n", "f:2:[Dscp] Best=: unknown key\n"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(config_donep) struct config c, d;

                config_default(&c);
                config_default(&d);
                parse(&c, cases[i].text, cases[i].errors);
                assert_int_equal(c.mode, d.mode);
                assert_int_equal(c.ports.n, 0);
                assert_true(dscp_map_equal(&c.dscps, &d.dscps));
                for (size_t k = 0; k < c.links.n; k++) {
                        assert_int_equal(c.links.links[k].uplink_bps, 0);
                        assert_int_equal(c.links.links[k].downlink_bps, 0);
                }
                parse(&c, "[Service]\nMode=mark\n", "");
                assert_int_equal(c.mode, MODE_MARK);
        }
}

static void test_many_links(void **state)
{
        _cleanup_(config_donep) struct config c;
        char text[4096];
        size_t n = 0;

        for (unsigned i = 0; i <= LINK_SETTINGS_MAX; i++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "[Link veth%u]\n", i);
        config_default(&c);
        parse(&c, text, "f:65:[Link veth64]: more than 64 links\n");
        assert_int_equal(c.links.n, LINK_SETTINGS_MAX);
}

/* The main file: the first of etc, run, lib.  Drop-ins of all after it, by name;
 * a name in etc hides that in run, and so on. */
static void test_precedence(void **state)
{
        struct config c;

        put("lib/p2sd.conf", "[Service]\nMode=monitor\n[Ports]\nVoice=1\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MONITOR);
        config_done(&c);

        put("run/p2sd.conf", "[Service]\nMode=mark\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MARK);
        assert_int_equal(c.ports.n, 0); /* not even looked at */
        config_done(&c);

        put("etc/p2sd.conf", "[Service]\nMode=shape\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_SHAPE);
        config_done(&c);

        put("lib/p2sd.conf.d/50-x.conf", "[Service]\nMode=off\n[Ports]\nVoice=10\n");
        put("etc/p2sd.conf.d/40-y.conf", "[Service]\nMode=monitor\n[Ports]\nVoice=20\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_OFF); /* 50 comes after 40, wherever it is */
        assert_int_equal(c.ports.n, 2);
        config_done(&c);

        put("run/p2sd.conf.d/50-x.conf", "[Service]\nMode=mark\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MARK);
        assert_int_equal(c.ports.n, 1);
        config_done(&c);

        assert_int_equal(symlink("/dev/null", path_of("etc/p2sd.conf.d/50-x.conf")), 0);
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MONITOR);
        config_done(&c);

        /* what is no drop-in */
        put("etc/p2sd.conf.d/99-z.conf~", "[Service]\nMode=off\n");
        put("etc/p2sd.conf.d/.99.conf", "[Service]\nMode=off\n");
        put("etc/p2sd.conf.d/.conf", "[Service]\nMode=off\n");
        put("etc/p2sd.conf.d/README", "nonsense");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MONITOR);
        assert_string_equal(out, "");
        config_done(&c);

        /* --config in place of the main file alone */
        put("mine", "[Service]\nMode=shape\n[Ports]\nVideo=99\n");
        assert_int_equal(load(path_of("mine"), &c), 0);
        assert_int_equal(c.mode, MODE_MONITOR);
        assert_int_equal(c.ports.n, 2);
        config_done(&c);
}

static void test_unreadable(void **state)
{
        static char large[CONFIG_FILE_MAX + 2];
        _cleanup_(config_donep) struct config c;

        put("etc/p2sd.conf", "[Service]\nMode=shape\n");
        put("etc/p2sd.conf.d/a.conf/x", "");
        assert_int_equal(mkfifo(path_of("etc/p2sd.conf.d/b.conf"), 0600), 0);
        assert_int_equal(symlink("nowhere", path_of("etc/p2sd.conf.d/c.conf")), 0);
        memset(large, '\n', CONFIG_FILE_MAX + 1);
        put("etc/p2sd.conf.d/d.conf", large);
        put("etc/p2sd.conf.d/e.conf", "[Service]\nMode=mark\nnonsense\n");
        assert_int_equal(load(NULL, &c), 0);
        assert_int_equal(c.mode, MODE_MARK);
        assert_string_equal(out, "a.conf:0:cannot be read: Is a directory\n"
                                 "b.conf:0:cannot be read: Invalid argument\n"
                                 "c.conf:0:cannot be read: No such file or directory\n"
                                 "d.conf:0:cannot be read: File too large\n"
                                 "e.conf:3:neither a section nor an assignment\n");
}

static void test_named_file_missing(void **state)
{
        struct config c = {.mode = MODE_SHAPE};

        assert_int_equal(load(path_of("nowhere"), &c), -ENOENT);
        assert_int_equal(c.mode, MODE_SHAPE); /* untouched */
}

static void test_any_bytes(void **state)
{
        static const char *const words[] = {
                "[Service]\n", "[Link eth0]\n", "[Link ", "[Ports]\n", "[Dscp]\n",
                "Mode=",       "Uplink=",       "Voice=", "Video=",    "1-",
                "65535 ",      "46 ",           "10M",    "\n",        "=",
                "]",           "\xff",          "shape",  "-",         "0",
        };
        uint64_t random = 11;

        for (unsigned round = 0; round < 3000; round++) {
                _cleanup_(config_donep) struct config c;
                char text[512];
                size_t n = 0;

                while (n < 400) {
                        const char *word = words[test_random(&random) % ELEMENTSOF(words)];

                        memcpy(text + n, word, strlen(word));
                        n += strlen(word);
                        if (test_random(&random) % 8 == 0)
                                text[n++] = (char)test_random(&random);
                }
                config_default(&c);
                assert_true(config_parse(&c, "f", text, n, NULL, NULL) >= 0);
                assert_true(c.mode >= MODE_OFF && c.mode < _MODE_MAX);
                for (size_t i = 0; i < c.links.n; i++)
                        assert_true(link_name_is_valid(c.links.links[i].name));
                PORT_SET_FOREACH (r, &c.ports)
                        assert_int_equal(
                                port_set_validate(r->first, r->last, (int)r->class, r->label, NULL),
                                0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sample_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_keys_are_documented, setup, teardown),
                cmocka_unit_test(test_links),
                cmocka_unit_test(test_ports),
                cmocka_unit_test(test_dscps),
                cmocka_unit_test(test_bad_lines),
                cmocka_unit_test(test_many_links),
                cmocka_unit_test_setup_teardown(test_precedence, setup, teardown),
                cmocka_unit_test_setup_teardown(test_unreadable, setup, teardown),
                cmocka_unit_test_setup_teardown(test_named_file_missing, setup, teardown),
                cmocka_unit_test(test_any_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
