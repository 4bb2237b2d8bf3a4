/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel tells when a UDP socket opens in this network namespace, and not more
 * often than it is asked to. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include "../unit/test.h"
#include "socket-watch.h"

static sd_event *event;
static unsigned n_calls;
static uint64_t called_usec;

static void on_opened(void *userdata)
{
        n_calls++;
        called_usec = now_usec();
}

static void run_for(uint64_t usec)
{
        const uint64_t end = now_usec() + usec;

        for (uint64_t now; (now = now_usec()) < end;)
                assert_true(sd_event_run(event, end - now) >= 0);
}

/* Until the next call; how long it took, or UINT64_MAX if longer than `patience`. */
static uint64_t run_to_call(uint64_t patience)
{
        const uint64_t begin = now_usec();
        const unsigned before = n_calls;

        while (n_calls == before && now_usec() < begin + patience)
                assert_true(sd_event_run(event, patience) >= 0);
        return n_calls == before ? UINT64_MAX : called_usec - begin;
}

static int open_udp(int family)
{
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        return fd;
}

static void bind_any(int fd, int family)
{
        const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        const struct sockaddr_in v4 = {.sin_family = AF_INET};

        assert_int_equal(family == AF_INET ? bind(fd, (const struct sockaddr *)&v4, sizeof(v4))
                                           : bind(fd, (const struct sockaddr *)&v6, sizeof(v6)),
                         0);
}

static int setup(void **state)
{
        SocketWatch *w;
        int r;

        assert_int_equal(unshare(CLONE_NEWNET), 0);
        if (system("ip link set lo up") != 0)
                return -1;
        assert_true(sd_event_new(&event) >= 0);
        n_calls = 0;
        r = socket_watch_new(event, on_opened, NULL, &w);
        if (r < 0) {
                (void)fprintf(stderr, "socket_watch_new: %s\n", strerror(-r));
                return -1;
        }
        *state = w;
        /* the one at the beginning; armed from then on */
        assert_true(run_to_call(30 * USEC_PER_SEC) != UINT64_MAX);
        return 0;
}

static int teardown(void **state)
{
        socket_watch_free(*state);
        event = sd_event_unref(event);
        return 0;
}

static void test_each_way_to_a_port(void **state)
{
        const struct sockaddr_in there = {
                .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        const struct sockaddr *to = (const struct sockaddr *)&there;

        for (unsigned way = 0; way < 4; way++) {
                const int family = way == 1 ? AF_INET6 : AF_INET;
                _cleanup_close_ int fd = open_udp(family);

                run_for(SOCKET_WATCH_USEC + 100 * USEC_PER_MSEC);
                if (way < 2)
                        bind_any(fd, family);
                else if (way == 2)
                        assert_int_equal(connect(fd, to, sizeof(there)), 0);
                else
                        assert_int_equal(sendto(fd, "", 0, 0, to, sizeof(there)), 0);
                assert_true(run_to_call(30 * USEC_PER_SEC) != UINT64_MAX);
        }
}

static void test_nothing_else(void **state)
{
        _cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), tcp = -EBADF,
                            udp = -EBADF;
        const struct sockaddr_in any = {.sin_family = AF_INET};
        const unsigned before = n_calls;

        tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(tcp, (const struct sockaddr *)&any, sizeof(any)), 0);
        /* a container's */
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        udp = open_udp(AF_INET);
        bind_any(udp, AF_INET);
        assert_int_equal(setns(own, CLONE_NEWNET), 0);
        run_for(2 * SOCKET_WATCH_USEC);
        assert_int_equal(n_calls, before);
}

/* Sockets all the time, as a resolver's: a call a second, and the last one is seen. */
static void test_many(void **state)
{
        const uint64_t begin = now_usec();
        const unsigned before = n_calls;

        while (now_usec() < begin + 4 * SOCKET_WATCH_USEC) {
                _cleanup_close_ int fd = open_udp(AF_INET);

                bind_any(fd, AF_INET);
                run_for(10 * USEC_PER_MSEC);
        }
        assert_in_range(n_calls - before, 1, (now_usec() - begin) / SOCKET_WATCH_USEC + 1);
        assert_true(run_to_call(30 * USEC_PER_SEC) != UINT64_MAX);
        /* then nothing opens, and nothing is called */
        run_for(2 * SOCKET_WATCH_USEC);
        n_calls = 0;
        run_for(2 * SOCKET_WATCH_USEC);
        assert_int_equal(n_calls, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_each_way_to_a_port, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing_else, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        };

        if (geteuid() != 0) {
                (void)puts("SKIP: needs root");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
