/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ini.h"
#include "names.h"
#include "test.h"

/* What came out, as text: "[section]" and "key=value" and "!line:message". */
struct out {
        char text[8192];
        size_t n;
};

static _printf_(2, 3) void put(struct out *o, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        o->n += (size_t)vsnprintf(o->text + o->n, sizeof(o->text) - o->n, format, ap);
        va_end(ap);
        assert_true(o->n < sizeof(o->text));
}

static int on_entry(const char *section, const char *key, const char *value, const char **reason,
                    void *userdata)
{
        if (streq(section, "refused") || (key && streq(key, "refused"))) {
                *reason = "because";
                return -EINVAL;
        }
        if (key && streq(key, "memory"))
                return -ENOMEM;
        if (!key)
                put(userdata, "[%s]\n", section);
        else
                put(userdata, "%s|%s=%s\n", section, key, value);
        return 0;
}

static void on_error(const char *file, unsigned line, const char *message, void *userdata)
{
        assert_string_equal(file, "f");
        assert_true(text_is_valid(message, 255));
        put(userdata, "!%u:%s\n", line, message);
}

static int parse(const char *data, size_t size, struct out *ret)
{
        /* its own allocation, so that a read beyond its end is seen */
        char *copy = malloc(size ?: 1);
        int r;

        memcpy(copy, data, size);
        *ret = (struct out){0};
        r = ini_parse("f", copy, size, on_entry, on_error, ret, ret);
        free(copy);
        return r;
}

#define CASE(in, out)                                                                              \
        {                                                                                          \
                in, sizeof(in) - 1, out                                                            \
        }

static void test_cases(void **state)
{
        static const struct {
                const char *in;
                size_t size;
                const char *out;
        } cases[] = {
                CASE("", ""),
                CASE("\n\n\n", ""),
                CASE("\r\n\r\n", ""),
                CASE("# c\n; c\n  # c\n", ""),
                CASE("[a]\nk=v\n", "[a]\na|k=v\n"),
                CASE("[a]\r\nk=v\r\n", "[a]\na|k=v\n"),
                CASE("[a]\nk=v", "[a]\na|k=v\n"),
                CASE("\xef\xbb\xbf[a]\nk=v\n", "[a]\na|k=v\n"),
                CASE("[ Link eth0 ]\n\t k \t=\t v w \t\n", "[Link eth0]\nLink eth0|k=v w\n"),
                CASE("[a]\nk=\n", "[a]\na|k=\n"),
                CASE("[a]\nk=a=b # no comment\n", "[a]\na|k=a=b # no comment\n"),
                CASE("[a]\nk=v\\\n", "[a]\na|k=v\\\n"),
                CASE("[a]\nk=\xc3\xa9\n", "[a]\na|k=\xc3\xa9\n"),
                CASE("[a]\n[b]\nk=v\n", "[a]\n[b]\nb|k=v\n"),
                CASE("[a]\nk=1\nk=2\n", "[a]\na|k=1\na|k=2\n"),
                /* faults */
                CASE("k=v\n[a]\n", "!1:k= stands outside of any section\n[a]\n"),
                CASE("[a]\nnonsense\nk=v\n",
                     "[a]\n!2:neither a section nor an assignment\na|k=v\n"),
                CASE("[a]\n=v\n", "[a]\n!2:no key before '='\n"),
                CASE("[a]\n\xc3\xa9=v\n", "[a]\n!2:no key before '='\n"),
                CASE("[a\nk=v\n[b]\nk=v\n", "!1:not a section header\n[b]\nb|k=v\n"),
                CASE("[]\nk=v\n", "!1:not a section header\n"),
                CASE("[\n", "!1:not a section header\n"),
                CASE("[a] x\nk=v\n", "!1:not a section header\n"),
                CASE("[\xc3\xa9]\nk=v\n", "!1:not a section header\n"),
                CASE("[a]\nk=\xff\nl=v\n", "[a]\n!2:not UTF-8, or a control character\na|l=v\n"),
                CASE("[a]\nk=\x1b[1m\n", "[a]\n!2:not UTF-8, or a control character\n"),
                CASE("[a]\nk=a\rb\n", "[a]\n!2:not UTF-8, or a control character\n"),
                CASE("[a]\nk=a\0b\nl=v\n", "[a]\n!2:NUL in a line\na|l=v\n"),
                CASE("\0", "!1:NUL in a line\n"),
                CASE("[a]\n[b\xff]\nk=v\n", "[a]\n!2:not UTF-8, or a control character\n"),
                CASE("[a]\n[refused]\nk=v\nk=v\n[b]\nk=v\n",
                     "[a]\n!2:[refused]: because\n[b]\nb|k=v\n"),
                CASE("[a]\nrefused=v\nk=v\n", "[a]\n!2:[a] refused=: because\na|k=v\n"),
                CASE("\n\n[a]\n\nnonsense\n", "[a]\n!5:neither a section nor an assignment\n"),
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct out out;
                int n = 0, r = parse(cases[i].in, cases[i].size, &out);

                if (!streq(out.text, cases[i].out))
                        fail_msg("case %zu:\n%sinstead of\n%s", i, out.text, cases[i].out);
                for (const char *p = out.text; (p = strchr(p, '!')); p++)
                        n++;
                assert_int_equal(r, n);
        }
}

static void test_long_lines(void **state)
{
        static char line[INI_LINE_MAX + 64];
        struct out out;
        size_t n;

        /* as long as can be */
        n = (size_t)snprintf(line, sizeof(line), "[a]\nk=");
        memset(line + n, 'x', INI_LINE_MAX - 2);
        line[n + INI_LINE_MAX - 2] = '\n';
        assert_int_equal(parse(line, n + INI_LINE_MAX - 1, &out), 0);
        assert_int_equal(out.n, strlen("[a]\na|k=\n") + INI_LINE_MAX - 2);

        /* and one more */
        line[n + INI_LINE_MAX - 2] = 'x';
        memcpy(line + n + INI_LINE_MAX - 1, "\nl=v\n", 5);
        assert_int_equal(parse(line, n + INI_LINE_MAX + 4, &out), 1);
        assert_string_equal(out.text, "[a]\n!2:line longer than 4096 bytes\na|l=v\n");

        /* a header that is too long takes its section with it */
        memset(line, 'x', sizeof(line));
        line[0] = '[';
        memcpy(line + INI_LINE_MAX + 1, "\nl=v\n", 5);
        assert_int_equal(parse(line, INI_LINE_MAX + 6, &out), 1);
        assert_string_equal(out.text, "!1:line longer than 4096 bytes\n");

        /* a long key is cut in the message */
        memset(line, 'k', 1000);
        line[1000] = '=';
        assert_int_equal(parse(line, 1001, &out), 1);
        assert_true(out.n < 256);
}

static void test_memory(void **state)
{
        struct out out;

        assert_int_equal(parse("[a]\nmemory=\nk=v\n", 16, &out), -ENOMEM);
        assert_string_equal(out.text, "[a]\n");
}

static int count_entry(const char *section, const char *key, const char *value, const char **reason,
                       void *userdata)
{
        assert_true(text_is_valid(section, INI_LINE_MAX));
        assert_true(!key || (*key != '\0' && text_is_valid(value, INI_LINE_MAX)));
        return 0;
}

static void count_error(const char *file, unsigned line, const char *message, void *userdata)
{
        assert_true(text_is_valid(message, 255));
        ++*(int *)userdata;
}

static void test_any_bytes(void **state)
{
        static const char likely[] = "[]=#;\n\r\t \0kv\xc3\xa9\xff";
        uint64_t random = 5;

        for (unsigned round = 0; round < 20000; round++) {
                size_t size = test_random(&random) % 200;
                char *data = malloc(size ?: 1);
                int n = 0, r;

                for (size_t i = 0; i < size; i++)
                        data[i] = test_random(&random) % 4 == 0
                                          ? (char)test_random(&random)
                                          : likely[test_random(&random) % (sizeof(likely) - 1)];
                r = ini_parse("f", data, size, count_entry, count_error, &n, NULL);
                assert_int_equal(r, n);
                free(data);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_long_lines),
                cmocka_unit_test(test_memory),
                cmocka_unit_test(test_any_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
