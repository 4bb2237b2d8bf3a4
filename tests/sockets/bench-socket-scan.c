/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a look at 1,000 UDP sockets costs, in µs of this process's CPU time, kernel
 * included: with nothing new, and the search for processes when there is.  Fails
 * where a look takes 1 ms. */
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "app-list.h"
#include "socket-owner.h"
#include "socket-table.h"

#define SOCKETS 1000
#define LOOKS   1000

static AppList list;
static SocketTable table;

static void on_fresh(struct known_socket *s, void *userdata)
{
        s->wanted = app_list_can_carry_media(&list, NULL, &s->at);
}

static int on_socket(const struct udp_socket *s, void *userdata)
{
        return socket_table_take(&table, s, on_fresh, NULL);
}

static void on_owner(const struct socket_wanted *wanted, const struct socket_owner *owner,
                     void *userdata)
{
        ++*(size_t *)userdata;
}

static double cpu_usec(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
        return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int open_sockets(void)
{
        const struct rlimit limit = {SOCKETS + 64, SOCKETS + 64};

        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        for (unsigned i = 0; i < SOCKETS; i++) {
                struct sockaddr_in address = {.sin_family = AF_INET,
                                              .sin_port = htons((uint16_t)(20000 + i))};
                int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

                if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                        return -errno;
        }
        return 0;
}

static int look(SocketScan *scan)
{
        int r;

        socket_table_begin(&table);
        r = socket_scan_run(scan, on_socket, NULL);
        if (r >= 0)
                (void)socket_table_end(&table);
        return r;
}

static int time_looks(SocketScan *scan)
{
        double begin, usec, first, best = 1e9, sum = 0;
        int r;

        begin = cpu_usec();
        r = look(scan);
        first = cpu_usec() - begin;
        for (unsigned i = 0; i < LOOKS && r >= 0; i++) {
                begin = cpu_usec();
                r = look(scan);
                usec = cpu_usec() - begin;
                sum += usec;
                best = usec < best ? usec : best;
        }
        if (r < 0)
                return r;
        printf("%u sockets: first look %.0f µs, then %.0f µs (best %.0f µs)\n", table.pool.n, first,
               sum / LOOKS, best);
        return table.pool.n == SOCKETS && sum / LOOKS < 1000 ? 0 : -ERANGE;
}

static int time_owners(SocketOwners *o, const char *how)
{
        static struct socket_wanted wanted[SOCKETS];
        double begin = cpu_usec();
        size_t n = 0, found = 0;
        int r;

        for (const struct known_socket *s = NULL; (s = socket_table_next(&table, s));)
                wanted[n++] = (struct socket_wanted){s->at.inode, s->at.uid, NULL};
        r = socket_owners_find(o, wanted, n, on_owner, &found);
        printf("%s: %zu of %zu processes found in %.0f µs\n", how, found, n, cpu_usec() - begin);
        return r;
}

int main(void)
{
        _cleanup_(socket_scan_freep) SocketScan *scan = NULL;
        _cleanup_(socket_owners_freep) SocketOwners *owners = NULL;
        double begin;
        int r;

        if (unshare(CLONE_NEWNET) < 0) {
                puts("SKIP: needs root, for a network namespace");
                return 77;
        }
        socket_table_init(&table);
        r = app_list_load(NULL, NULL, NULL, &list);
        if (r >= 0)
                r = socket_scan_new(&scan);
        if (r >= 0)
                r = open_sockets();
        if (r >= 0)
                r = time_looks(scan);
        begin = cpu_usec();
        if (r >= 0)
                r = socket_owners_new(&owners);
        printf("iterator loaded in %.0f µs\n", cpu_usec() - begin);
        if (r >= 0 && socket_owners_have_iterator(owners))
                r = time_owners(owners, "iterator");
        if (r >= 0) {
                socket_owners_drop_iterator(owners);
                r = time_owners(owners, "/proc");
        }
        if (r < 0)
                printf("failed: %s\n", strerror(-r));
        socket_table_done(&table);
        app_list_done(&list);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
