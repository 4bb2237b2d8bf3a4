/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>

#include "app-list.h"
#include "files.h"
#include "read-file.h"

static void load(AppList *ret)
{
        char etc[80], run[80], lib[80];
        const char *const dirs[] = {etc, run, lib, NULL};

        (void)snprintf(etc, sizeof(etc), "%s/etc", top);
        (void)snprintf(run, sizeof(run), "%s/run", top);
        (void)snprintf(lib, sizeof(lib), "%s/lib", top);
        assert_int_equal(app_list_load(dirs, on_error, out, ret), 0);
}

static void parse(AppList *list, const char *text, const char *errors)
{
        int lines = 0;

        out[0] = '\0';
        for (const char *p = errors; (p = strchr(p, '\n')); p++)
                lines++;
        assert_int_equal(app_list_parse(list, "f", text, strlen(text), on_error, out), lines);
        assert_string_equal(out, errors);
}

static const char *name_of(const AppList *list, const char *exe, const char *comm)
{
        const struct app *app = app_list_find(list, exe, comm);

        return app ? app->name : "-";
}

static bool carries(const AppList *list, const char *app, uint16_t local, uint16_t remote)
{
        const struct udp_socket s = {.local_port = local, .remote_port = remote};

        return app_list_can_carry_media(list, app ? app_list_find(list, app, "") : NULL, &s);
}

static void test_names(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};

        parse(&list,
              "[App Zoom]\nExe=zoom  zoom.real\n"
              "[App Teams]\nExe=teams-for-linux\n"
              "[App Long]\nExe=a-name-of-nineteen.\n",
              "");
        assert_string_equal(name_of(&list, "zoom", "x"), "Zoom");
        assert_string_equal(name_of(&list, "zoom.real", "x"), "Zoom");
        assert_string_equal(name_of(&list, "", "zoom"), "Zoom");
        assert_string_equal(name_of(&list, "teams-for-linux", "x"), "Teams");
        /* comm holds 15 bytes */
        assert_string_equal(name_of(&list, "", "a-name-of-ninet"), "Long");
        assert_string_equal(name_of(&list, "a-name-of-ninet", ""), "-");
        /* the program outranks what it calls itself */
        assert_string_equal(name_of(&list, "zoom", "teams-for-linux"), "Zoom");
        /* neither prefixes nor other letters */
        assert_string_equal(name_of(&list, "zoom2", "zoom2"), "-");
        assert_string_equal(name_of(&list, "zoo", "zoo"), "-");
        assert_string_equal(name_of(&list, "Zoom", "Zoom"), "-");
        assert_string_equal(name_of(&list, "", ""), "-");
}

static void test_media(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};

        parse(&list,
              "[All]\nExclude=53 443\n"
              "[App Both]\nExe=both\nExclude=4000-4010\n"
              "[App Free]\nExe=free\nMedia=unconnected\n"
              "[App Bound]\nExe=bound\nMedia=connected\n"
              "[App No]\nExe=no\nMedia=none\n",
              "");
        assert_true(carries(&list, "both", 50000, 0));
        assert_true(carries(&list, "both", 50000, 3478));
        assert_true(carries(&list, "both", 1024, 0));
        assert_false(carries(&list, "both", 1023, 0));
        assert_false(carries(&list, "both", 50000, 443));
        assert_false(carries(&list, "both", 50000, 53));
        assert_false(carries(&list, "both", 50000, 4010));
        assert_false(carries(&list, "both", 4000, 0));
        assert_true(carries(&list, "both", 4011, 0));
        assert_true(carries(&list, "free", 50000, 0));
        assert_false(carries(&list, "free", 50000, 3478));
        assert_false(carries(&list, "bound", 50000, 0));
        assert_true(carries(&list, "bound", 50000, 3478));
        assert_false(carries(&list, "no", 50000, 0));
        assert_false(carries(&list, "no", 50000, 3478));
        /* any of them: what decides whether a socket is worth a look */
        assert_true(carries(&list, NULL, 4000, 0));
        assert_false(carries(&list, NULL, 50000, 443));
}

static void test_add_and_clear(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};

        parse(&list, "[App A]\nExe=a\nExe=b a\nExclude=1000\nExclude=2000\n[All]\nExclude=3000\n",
              "");
        assert_int_equal(list.n, 1);
        assert_int_equal(list.apps[0]->n_exes, 2);
        assert_false(carries(&list, "b", 5000, 1000));
        assert_false(carries(&list, "b", 5000, 2000));
        parse(&list, "[App A]\nExe=\nExe=c\nExclude=\n[All]\nExclude=\n", "");
        assert_string_equal(name_of(&list, "a", "b"), "-");
        assert_string_equal(name_of(&list, "c", ""), "A");
        assert_true(carries(&list, "c", 5000, 1000));
        assert_true(carries(&list, "c", 5000, 3000));
}

static void test_errors(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};
        char text[4096] = "[App A]\nExe=";

        parse(&list, "[App A]\nExe=good\nExe=x /usr/bin/zoom\nMedia=sometimes\nExclude=1 x\n",
              "f:3:[App A] Exe=: not the last part of a program's path\n"
              "f:4:[App A] Media=: neither any, connected, unconnected nor none\n"
              "f:5:[App A] Exclude=: neither a port nor a range of ports\n");
        /* a bad line is ignored whole */
        assert_string_equal(name_of(&list, "x", ""), "-");
        assert_true(carries(&list, "good", 5000, 1));

        parse(&list, "[App A]\nPort=1\n[Apps]\nExe=x\n[App ]\nExe=x\n[All]\nExe=x\nMedia=any\n",
              "f:2:[App A] Port=: unknown key\n"
              "f:3:[Apps]: unknown section\n"
              "f:5:[App]: unknown section\n"
              "f:8:[All] Exe=: unknown key\n"
              "f:9:[All] Media=: unknown key\n");
        parse(&list, "[App B]\nExclude=2-1\nExclude=0\n",
              "f:2:[App B] Exclude=: first port above the last\n"
              "f:3:[App B] Exclude=: port 0\n");

        for (int i = 0; i < APP_EXES_MAX; i++)
                (void)snprintf(text + strlen(text), 16, "n%d ", i);
        (void)snprintf(text + strlen(text), 2, "\n");
        parse(&list, text, "f:2:[App A] Exe=: more than 64 names of one program\n");
        assert_string_equal(name_of(&list, "n0", ""), "-");
}

static void test_too_many(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};
        char text[64];

        for (int i = 0; i < APP_LIST_MAX; i++) {
                (void)snprintf(text, sizeof(text), "[App %d]\nExe=e%d\n", i, i);
                parse(&list, text, "");
        }
        parse(&list, "[App more]\nExe=x\n", "f:1:[App more]: more than 256 programs\n");
        parse(&list, "[App 0]\nExe=x\n", "");
        assert_string_equal(name_of(&list, "x", ""), "0");
}

static void test_files(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};

        put("lib/apps.conf", "[App A]\nExe=a\n[App B]\nExe=b\n");
        put("lib/apps.conf.d/10.conf", "[App C]\nExe=masked\n");
        put("run/apps.conf.d/20.conf", "[App B]\nExe=\nnonsense\n");
        put("etc/apps.conf.d/10.conf", "[App C]\nExe=c\n");
        load(&list);
        assert_string_equal(out, "20.conf:3:neither a section nor an assignment\n");
        assert_string_equal(name_of(&list, "a", ""), "A");
        assert_string_equal(name_of(&list, "b", ""), "-");
        assert_string_equal(name_of(&list, "c", ""), "C");
        assert_string_equal(name_of(&list, "masked", ""), "-");
        app_list_done(&list);

        /* a main file of /etc stands for that of /usr/lib */
        out[0] = '\0';
        put("etc/apps.conf", "");
        put("run/apps.conf.d/20.conf", "");
        load(&list);
        assert_string_equal(out, "");
        assert_string_equal(name_of(&list, "a", ""), "-");
        assert_string_equal(name_of(&list, "c", ""), "C");
}

static void test_no_files(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};

        load(&list);
        assert_string_equal(out, "");
        assert_int_equal(list.n, 0);
        assert_false(carries(&list, NULL, 5000, 0));
}

/* The list that is installed: no line of it is ignored, no program is in it twice. */
static void test_shipped(void **state)
{
        _cleanup_(app_list_donep) AppList list = {0};
        _cleanup_free_ char *path = NULL, *data = NULL;
        const char *source = getenv("P2S_SOURCE");
        static const char *const wanted[] = {
                "firefox",       "chrome",  "chromium",        "zoom",     "teams-for-linux",
                "Discord",       "slack",   "signal-desktop",  "linphone", "telegram-desktop",
                "skypeforlinux", "baresip", "element-desktop", "jami",     "mumble",
                "gst-launch-1.0"};
        size_t size;

        if (!source)
                skip();
        assert_true(asprintf(&path, "%s/daemon/apps.conf", source) > 0);
        assert_int_equal(read_file_at(-1, path, 65536, &data, &size), 0);
        assert_int_equal(app_list_parse(&list, "apps.conf", data, size, on_error, out), 0);
        assert_string_equal(out, "");
        for (size_t i = 0; i < ELEMENTSOF(wanted); i++) {
                if (!app_list_find(&list, wanted[i], ""))
                        fail_msg("%s is in no [App]", wanted[i]);
                assert_true(carries(&list, wanted[i], 50000, 0));
                assert_false(carries(&list, wanted[i], 50000, 443));
                assert_false(carries(&list, wanted[i], 5353, 0));
        }
        for (size_t i = 0; i < list.n; i++) {
                assert_true(list.apps[i]->n_exes > 0);
                for (size_t j = 0; j < list.apps[i]->n_exes; j++)
                        assert_ptr_equal(app_list_find(&list, list.apps[i]->exes[j], ""),
                                         list.apps[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_names, setup, teardown),
                cmocka_unit_test_setup_teardown(test_media, setup, teardown),
                cmocka_unit_test_setup_teardown(test_add_and_clear, setup, teardown),
                cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
                cmocka_unit_test_setup_teardown(test_files, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_files, setup, teardown),
                cmocka_unit_test_setup_teardown(test_shipped, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
