/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that could not be read are no harm to the requests after them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "netlink.h"

/* More than a socket of libnl's (32 KiB) holds. */
#define UNREAD   100
#define PATIENCE 20 /* seconds */
#define LOOPBACK 1

static bool refuse;

/* In place of the C library's, which libnl would call. */
ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
        if (refuse) {
                errno = ENOMEM;
                return -1;
        }
        return syscall(SYS_recvmsg, fd, m, flags);
}

static int count(const struct nlmsghdr *nlh, void *userdata)
{
        ++*(unsigned *)userdata;
        return 0;
}

static int ask(Netlink *nl, int flags, unsigned *n)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;

        *n = 0;
        assert_int_equal(netlink_link(RTM_GETLINK, flags, flags ? 0 : LOOPBACK, &msg), 0);
        return netlink_call(nl, msg, count, n);
}

static void test_unread(void **state)
{
        static const int flags[] = {0, NLM_F_DUMP};
        _cleanup_(netlink_freep) Netlink *nl = NULL;
        unsigned n, links;

        (void)alarm(PATIENCE);
        assert_int_equal(netlink_new(&nl), 0);
        assert_int_equal(ask(nl, NLM_F_DUMP, &links), 0);
        for (unsigned times = 1; times <= UNREAD; times *= 10)
                for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                        for (size_t j = 0; j < ELEMENTSOF(flags); j++) {
                                refuse = true;
                                for (unsigned k = 0; k < times; k++)
                                        assert_int_equal(ask(nl, flags[i], &n), -ENOMEM);
                                refuse = false;
                                assert_int_equal(ask(nl, flags[j], &n), 0);
                                assert_int_equal(n, flags[j] ? links : 1);
                        }
        (void)alarm(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_unread),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
