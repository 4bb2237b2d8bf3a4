/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP sockets of this test's, processes that have one, and what a scan finds. */
#pragma once

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../unit/test.h"
#include "socket-scan.h"

#define MAX_SEEN 900

static struct udp_socket seen[MAX_SEEN];
static size_t n_seen;

static inline int on_socket(const struct udp_socket *s, void *userdata)
{
        assert_true(n_seen < MAX_SEEN);
        seen[n_seen++] = *s;
        return 0;
}

static inline void scan(void)
{
        _cleanup_(socket_scan_freep) SocketScan *s = NULL;

        n_seen = 0;
        assert_int_equal(socket_scan_new(&s), 0);
        assert_int_equal(socket_scan_run(s, on_socket, NULL), 0);
        /* it can be used again */
        n_seen = 0;
        assert_int_equal(socket_scan_run(s, on_socket, NULL), 0);
}

static inline const struct udp_socket *find(uint16_t port)
{
        for (size_t i = 0; i < n_seen; i++)
                if (seen[i].local_port == port)
                        return &seen[i];
        return NULL;
}

/* "127.0.0.1" or "::1" and a port; remote NULL: not connected. */
static inline int open_socket(const char *local, uint16_t port, const char *remote,
                              uint16_t remote_port)
{
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
        bool is_v6 = strchr(local, ':');
        int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        if (is_v6) {
                assert_int_equal(inet_pton(AF_INET6, local, &v6.sin6_addr), 1);
                assert_int_equal(bind(fd, (struct sockaddr *)&v6, sizeof(v6)), 0);
        } else {
                assert_int_equal(inet_pton(AF_INET, local, &v4.sin_addr), 1);
                assert_int_equal(bind(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
        }
        if (!remote)
                return fd;
        v6.sin6_port = v4.sin_port = htons(remote_port);
        if (is_v6) {
                assert_int_equal(inet_pton(AF_INET6, remote, &v6.sin6_addr), 1);
                assert_int_equal(connect(fd, (struct sockaddr *)&v6, sizeof(v6)), 0);
        } else {
                assert_int_equal(inet_pton(AF_INET, remote, &v4.sin_addr), 1);
                assert_int_equal(connect(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
        }
        return fd;
}

static inline uint32_t inode_of(int fd)
{
        struct stat st;

        assert_int_equal(fstat(fd, &st), 0);
        return (uint32_t)st.st_ino;
}

/* A process with a socket. */
struct child {
        pid_t pid;
        uint32_t inode;
};

static inline void be_child(int say, const char *comm, uid_t uid, uint16_t port, bool elsewhere)
{
        uint32_t inode;
        int fd;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (elsewhere && unshare(CLONE_NEWNET) < 0)
                _exit(1);
        if (uid && (setgid(uid) < 0 || setuid(uid) < 0))
                _exit(1);
        fd = open_socket("0.0.0.0", port, NULL, 0);
        (void)prctl(PR_SET_NAME, comm);
        (void)prctl(PR_SET_DUMPABLE, 1);
        inode = inode_of(fd);
        (void)!write(say, &inode, sizeof(inode));
        for (;;)
                (void)pause();
}

static inline struct child start_child(const char *comm, uid_t uid, uint16_t port, bool elsewhere)
{
        struct child c;
        int say[2];

        assert_int_equal(pipe(say), 0);
        c.pid = fork();
        assert_true(c.pid >= 0);
        if (c.pid == 0)
                be_child(say[1], comm, uid, port, elsewhere);
        assert_int_equal(read(say[0], &c.inode, sizeof(c.inode)), sizeof(c.inode));
        close(say[0]);
        close(say[1]);
        return c;
}

static inline void end_child(const struct child *c)
{
        assert_int_equal(kill(c->pid, SIGKILL), 0);
        assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
}

static inline int setup(void **state)
{
        return unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0 ? -1 : 0;
}

/* Whoever may not make namespaces leaves with 77. */
static inline void check_root(void)
{
        if (geteuid() == 0)
                return;
        puts("SKIP: needs root, for network namespaces and other users' processes");
        exit(77);
}
