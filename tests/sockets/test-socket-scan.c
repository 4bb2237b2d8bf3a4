/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says about sockets that processes of this test have open. */
#include "sockets.h"

static void assert_address(const uint8_t a[static 16], const char *text)
{
        uint8_t v6[16];

        assert_int_equal(inet_pton(AF_INET6, text, v6), 1);
        assert_memory_equal(a, v6, 16);
}

static void test_fields(void **state)
{
        int any4 = open_socket("0.0.0.0", 40001, NULL, 0);
        int any6 = open_socket("::", 40002, NULL, 0);
        int to4 = open_socket("127.0.0.1", 40003, "127.0.0.2", 443);
        int to6 = open_socket("::1", 40004, "::1", 443);
        int mapped = open_socket("::ffff:127.0.0.1", 40005, NULL, 0);
        int only6, on = 1;
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(40006)};
        const struct udp_socket *s;

        only6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_int_equal(setsockopt(only6, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
        assert_int_equal(bind(only6, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(fchown(only6, 1234, 1234), 0);

        scan();
        assert_int_equal(n_seen, 6);

        s = find(40001);
        assert_non_null(s);
        assert_int_equal(s->family, AF_INET);
        assert_true(s->any);
        assert_int_equal(s->remote_port, 0);
        assert_int_equal(s->uid, getuid());
        assert_int_equal(s->inode, inode_of(any4));
        assert_int_not_equal(s->cookie, 0);
        s = find(40002);
        assert_int_equal(s->family, AF_INET6);
        assert_true(s->any);
        assert_false(s->v6_only);
        assert_int_equal(s->inode, inode_of(any6));
        s = find(40003);
        assert_false(s->any);
        assert_int_equal(s->remote_port, 443);
        assert_address(s->local, "::ffff:127.0.0.1");
        assert_address(s->remote, "::ffff:127.0.0.2");
        s = find(40004);
        assert_int_equal(s->remote_port, 443);
        assert_address(s->local, "::1");
        assert_address(s->remote, "::1");
        s = find(40005);
        assert_false(s->any);
        assert_address(s->local, "::ffff:127.0.0.1");
        s = find(40006);
        assert_true(s->any);
        assert_true(s->v6_only);
        assert_int_equal(s->uid, 1234);

        close(any4);
        close(any6);
        close(to4);
        close(to6);
        close(mapped);
        scan();
        assert_int_equal(n_seen, 1);
        assert_int_equal(close(only6), 0);
        scan();
        assert_int_equal(n_seen, 0);
}

/* A cookie is a socket's own: another on the same port has another. */
static void test_cookies(void **state)
{
        int fd = open_socket("0.0.0.0", 40001, NULL, 0);
        uint64_t cookie;

        scan();
        cookie = find(40001)->cookie;
        scan();
        assert_int_equal(find(40001)->cookie, cookie);
        close(fd);
        fd = open_socket("0.0.0.0", 40001, NULL, 0);
        scan();
        assert_int_not_equal(find(40001)->cookie, cookie);
        close(fd);
}

/* More than one answer of the kernel's holds. */
static void test_many(void **state)
{
        int fds[MAX_SEEN - 1];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = open_socket(i % 2 ? "0.0.0.0" : "::", (uint16_t)(20000 + i), NULL, 0);
        scan();
        assert_int_equal(n_seen, ELEMENTSOF(fds));
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                assert_non_null(find((uint16_t)(20000 + i)));
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                close(fds[i]);
}

static void test_other_namespace(void **state)
{
        struct child here = start_child("here", 0, 41000, false);
        struct child there = start_child("there", 0, 41001, true);

        scan();
        assert_non_null(find(41000));
        assert_null(find(41001));
        end_child(&here);
        end_child(&there);
        scan();
        assert_null(find(41000));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_fields, setup),
                cmocka_unit_test_setup(test_cookies, setup),
                cmocka_unit_test_setup(test_many, setup),
                cmocka_unit_test_setup(test_other_namespace, setup),
        };

        check_root();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
