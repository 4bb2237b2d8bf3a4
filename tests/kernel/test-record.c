/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record as text: out and in again, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "qdisc-record.h"

static struct qdisc_record sample(void)
{
        static uint8_t options[] = {0, 1, 0x7f, 0x80, 0xff};
        struct qdisc_record r = {
                .ifindex = 7,
                .name = "enx001122334455",
                .address = {0, 0x11, 0x22, 0x33, 0x44, 0x55},
                .n_address = 6,
                .root_taken = true,
                .clsact_ours = true,
                .txqlen = 1000,
                .gso_max_segs = 65535,
                .gro_max_size = 65536,
        };

        r.n_items = 3;
        r.items = calloc(r.n_items, sizeof(*r.items));
        assert_non_null(r.items);
        r.items[0] = (struct qdisc_record_item){
                .parent = UINT32_MAX, .handle = 0x10000, .kind = "mq", .has_options = true};
        r.items[1] = (struct qdisc_record_item){
                .parent = 0x10001, .handle = 0x80010000, .kind = "noqueue"};
        r.items[2] = (struct qdisc_record_item){.parent = 0x10002,
                                                .handle = 0x80020000,
                                                .kind = "fq_codel",
                                                .has_options = true,
                                                .nested = true};
        r.items[2].n_options = sizeof(options);
        r.items[2].options = malloc(sizeof(options));
        assert_non_null(r.items[2].options);
        memcpy(r.items[2].options, options, sizeof(options));
        r.items[2].say = malloc(sizeof(options));
        assert_non_null(r.items[2].say);
        memset(r.items[2].say, 0x55, sizeof(options));
        return r;
}

static void test_there_and_back(void **state)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = sample(), back = {};
        _cleanup_free_ char *text = NULL, *again = NULL;

        assert_int_equal(qdisc_record_format(&r, &text), 0);
        assert_int_equal(qdisc_record_parse(text, strlen(text), &back), 0);
        assert_int_equal(qdisc_record_format(&back, &again), 0);
        assert_string_equal(text, again);
        assert_string_equal(back.name, r.name);
        assert_int_equal(back.n_items, 3);
        assert_true(back.items[0].has_options && back.items[0].n_options == 0);
        assert_false(back.items[1].has_options);
        assert_memory_equal(back.items[2].options, r.items[2].options, 5);
        assert_memory_equal(back.items[2].say, r.items[2].say, 5);
        assert_true(back.items[2].nested && !back.items[0].nested);
}

/* Cut anywhere, or with any one byte another: refused, or a record that is whole. */
static void test_damage(void **state)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = sample();
        _cleanup_free_ char *text = NULL, *copy = NULL;
        size_t size;

        assert_int_equal(qdisc_record_format(&r, &text), 0);
        size = strlen(text);
        copy = malloc(size);
        assert_non_null(copy);
        for (size_t n = 0; n < size - 1; n++) {
                struct qdisc_record got = {};

                memcpy(copy, text, n);
                assert_int_equal(qdisc_record_parse(copy, n, &got), -EBADMSG);
                assert_int_equal(got.n_items, 0);
        }
        for (size_t i = 0; i < size; i++)
                for (unsigned c = 0; c < 256; c++) {
                        _cleanup_(qdisc_record_done) struct qdisc_record got = {};

                        memcpy(copy, text, size);
                        copy[i] = (char)c;
                        if (qdisc_record_parse(copy, size, &got) < 0)
                                continue;
                        assert_true(got.ifindex > 0 && got.n_items > 0 && got.name[0]);
                }
}

static void test_refused(void **state)
{
        static const char *const bad[] = {
                "",
                "end\n",
                "p2s-link-record 2\nifindex 3\nname a\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex 0\nname a\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex 4294967296\nname a\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex -3\nname a\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nend\n",
                "p2s-link-record 1\nifindex 3\nname sixteen-letters.\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a =0\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a =0g\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a - -\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a -\n",
                "p2s-link-record 1\nifindex 3\nname a\nqdisc 1 1 a -\nend\nmore\n",
                "p2s-link-record 1\nifindex 3\nname a\nwhat 1\nqdisc 1 1 a -\nend\n",
                "p2s-link-record 1\nifindex 3\nname a\nclsact-ours 2\nqdisc 1 1 a -\nend\n",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                struct qdisc_record got = {};

                assert_int_equal(qdisc_record_parse(bad[i], strlen(bad[i]), &got), -EBADMSG);
                assert_int_equal(got.n_items, 0);
        }
}

static void test_files(void **state)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = sample(), got = {};
        _cleanup_free_ unsigned *list = NULL;
        char dir[] = "/tmp/p2s-record-XXXXXX", path[128];
        size_t n;

        assert_non_null(mkdtemp(dir));
        assert_int_equal(qdisc_record_load(dir, 7, &got), -ENOENT);
        assert_int_equal(qdisc_record_remove(dir, 7), -ENOENT);
        assert_int_equal(qdisc_record_save(dir, &r), 0);
        assert_int_equal(qdisc_record_save(dir, &r), 0);
        assert_int_equal(qdisc_record_list(dir, &list, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(list[0], 7);
        assert_int_equal(qdisc_record_load(dir, 7, &got), 0);
        assert_string_equal(got.name, r.name);
        /* another link's record under this name is not taken for it */
        (void)snprintf(path, sizeof(path), "%s/link-8.record", dir);
        {
                char from[128];

                (void)snprintf(from, sizeof(from), "%s/link-7.record", dir);
                assert_int_equal(rename(from, path), 0);
        }
        {
                struct qdisc_record none = {};

                assert_int_equal(qdisc_record_load(dir, 8, &none), -EBADMSG);
        }
        assert_int_equal(qdisc_record_remove(dir, 8), 0);
        assert_int_equal(rmdir(dir), 0);
        assert_int_equal(qdisc_record_save(dir, &r), -ENOENT);
        assert_int_equal(qdisc_record_list(dir, &list, &n), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_there_and_back),
                cmocka_unit_test(test_damage),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_files),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
