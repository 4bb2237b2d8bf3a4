/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says about sockets that processes of this test have open. */
#include <arpa/inet.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../unit/test.h"
#include "socket-owner.h"
#include "socket-scan.h"

#define MAX_SEEN 900

static struct udp_socket seen[MAX_SEEN];
static size_t n_seen;

static struct socket_owner owners[MAX_SEEN];
static size_t n_owners;

static int on_socket(const struct udp_socket *s, void *userdata)
{
        assert_true(n_seen < MAX_SEEN);
        seen[n_seen++] = *s;
        return 0;
}

static void scan(void)
{
        _cleanup_(socket_scan_freep) SocketScan *s = NULL;

        n_seen = 0;
        assert_int_equal(socket_scan_new(&s), 0);
        assert_int_equal(socket_scan_run(s, on_socket, NULL), 0);
        /* it can be used again */
        n_seen = 0;
        assert_int_equal(socket_scan_run(s, on_socket, NULL), 0);
}

static const struct udp_socket *find(uint16_t port)
{
        for (size_t i = 0; i < n_seen; i++)
                if (seen[i].local_port == port)
                        return &seen[i];
        return NULL;
}

/* "127.0.0.1" or "::1" and a port; remote NULL: not connected. */
static int open_socket(const char *local, uint16_t port, const char *remote, uint16_t remote_port)
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

static uint32_t inode_of(int fd)
{
        struct stat st;

        assert_int_equal(fstat(fd, &st), 0);
        return (uint32_t)st.st_ino;
}

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

/* A process with a socket. */
struct child {
        pid_t pid;
        uint32_t inode;
};

static void be_child(int say, const char *comm, uid_t uid, uint16_t port, bool elsewhere)
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

static struct child start_child(const char *comm, uid_t uid, uint16_t port, bool elsewhere)
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

static void end_child(const struct child *c)
{
        assert_int_equal(kill(c->pid, SIGKILL), 0);
        assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
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

/* Skips where the kernel has no iterator; where it has BTF, it has. */
static void require_iterator(const SocketOwners *o)
{
        if (socket_owners_have_iterator(o))
                return;
        assert_int_not_equal(access("/sys/kernel/btf/vmlinux", R_OK), 0);
        print_message("no iterator over open files in this kernel\n");
        skip();
}

static void on_owner(const struct socket_wanted *wanted, const struct socket_owner *owner,
                     void *userdata)
{
        assert_int_equal(wanted->inode, owner->inode);
        assert_true(n_owners < ELEMENTSOF(owners));
        owners[n_owners++] = *owner;
}

static void find_owners(SocketOwners *o, const struct child *a, const struct child *b, uid_t uid)
{
        struct socket_wanted wanted[] = {{a->inode, uid, NULL}, {b->inode, uid, NULL}};

        n_owners = 0;
        assert_int_equal(socket_owners_find(o, wanted, ELEMENTSOF(wanted), on_owner, NULL), 0);
}

static const struct socket_owner *owner_of(const struct child *c)
{
        for (size_t i = 0; i < n_owners; i++)
                if (owners[i].inode == c->inode)
                        return &owners[i];
        return NULL;
}

static void check_owners(SocketOwners *o)
{
        struct child a = start_child("a b\xff)\n", 65534, 41000, false);
        struct child b = start_child("b", 65534, 41001, false);
        const struct socket_owner *owner;

        find_owners(o, &a, &b, 65534);
        assert_int_equal(n_owners, 2);
        owner = owner_of(&a);
        assert_non_null(owner);
        assert_int_equal(owner->pid, a.pid);
        assert_string_equal(owner->exe, "test-socket-scan");
        assert_memory_equal(owner->comm, "a b", 3);
        owner = owner_of(&b);
        assert_int_equal(owner->pid, b.pid);
        assert_string_equal(owner->comm, "b");

        end_child(&b);
        find_owners(o, &a, &b, 65534);
        assert_int_equal(n_owners, 1);
        assert_non_null(owner_of(&a));
        end_child(&a);
        find_owners(o, &a, &b, 65534);
        assert_int_equal(n_owners, 0);
}

static void test_owners_by_iterator(void **state)
{
        _cleanup_(socket_owners_freep) SocketOwners *o = NULL;

        assert_int_equal(socket_owners_new(&o), 0);
        require_iterator(o);
        check_owners(o);
}

static void test_owners_by_proc(void **state)
{
        _cleanup_(socket_owners_freep) SocketOwners *o = NULL;
        struct child a, b;

        assert_int_equal(socket_owners_new(&o), 0);
        socket_owners_drop_iterator(o);
        assert_false(socket_owners_have_iterator(o));
        check_owners(o);

        /* processes of other users are not even looked at */
        a = start_child("a", 65534, 41000, false);
        b = start_child("b", 0, 41001, false);
        find_owners(o, &a, &b, 65534);
        assert_int_equal(n_owners, 1);
        assert_non_null(owner_of(&a));
        end_child(&a);
        end_child(&b);
}

/* Who may not look sees nothing, and that is no error. */
static void test_hidden(void **state)
{
        struct child a = start_child("a", 0, 41000, false);
        struct child b = start_child("b", 0, 41001, false);
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                SocketOwners *o;
                bool good;

                if (setgid(65534) < 0 || setuid(65534) < 0 || socket_owners_new(&o) < 0)
                        _exit(1);
                good = !socket_owners_have_iterator(o);
                find_owners(o, &a, &b, 0);
                socket_owners_free(o);
                scan(); /* needs no privilege */
                _exit(good && n_owners == 0 && n_seen == 2 ? 0 : 2);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        end_child(&a);
        end_child(&b);
}

/* Leaves root, and keeps CAP_BPF and CAP_PERFMON: what the unit gives. */
static bool become_service(void)
{
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2] = {0};
        uint32_t mask = CAP_TO_MASK(CAP_BPF) | CAP_TO_MASK(CAP_PERFMON);

        data[CAP_TO_INDEX(CAP_BPF)].effective = mask;
        data[CAP_TO_INDEX(CAP_BPF)].permitted = mask;
        return prctl(PR_SET_KEEPCAPS, 1) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
               syscall(SYS_capset, &header, data) == 0;
}

/* The service sees processes of other users without being able to do more. */
static void test_service(void **state)
{
        struct child a = start_child("a", 0, 41000, false);
        struct child b = start_child("b", 1234, 41001, false);
        _cleanup_(socket_owners_freep) SocketOwners *o = NULL;
        int status;
        pid_t pid;

        assert_int_equal(socket_owners_new(&o), 0);
        require_iterator(o);
        pid = fork();
        if (pid == 0) {
                SocketOwners *mine;
                bool good;

                if (!become_service() || socket_owners_new(&mine) < 0)
                        _exit(1);
                good = socket_owners_have_iterator(mine);
                find_owners(mine, &a, &b, 0);
                good = good && n_owners == 2 && owner_of(&a)->pid == (uint32_t)a.pid &&
                       owner_of(&b)->pid == (uint32_t)b.pid;
                socket_owners_free(mine);
                _exit(good ? 0 : 2);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        end_child(&a);
        end_child(&b);
}

/* A PID namespace counts its processes itself: what is told is the reader's count. */
static void test_pid_namespace(void **state)
{
        struct child outside = start_child("outside", 0, 41000, false);
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                struct child inside;
                SocketOwners *o;
                pid_t first;
                bool good;

                if (unshare(CLONE_NEWPID) < 0)
                        _exit(1);
                first = fork();
                if (first > 0) {
                        (void)waitpid(first, &status, 0);
                        _exit(WEXITSTATUS(status));
                }
                inside = start_child("inside", 0, 41001, false);
                if (socket_owners_new(&o) < 0)
                        _exit(1);
                if (!socket_owners_have_iterator(o))
                        _exit(0);
                find_owners(o, &inside, &outside, 0);
                good = n_owners == 1 && owner_of(&inside) &&
                       owners[0].pid == (uint32_t)inside.pid && inside.pid < 10;
                _exit(good ? 0 : 2);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        end_child(&outside);
}

/* Every process that has a socket open is told, and the one left when others end. */
static void test_shared(void **state)
{
        _cleanup_(socket_owners_freep) SocketOwners *o = NULL;
        int fd = open_socket("0.0.0.0", 41000, NULL, 0);
        struct child other = {.inode = inode_of(fd)}, none = {0};

        assert_int_equal(socket_owners_new(&o), 0);
        require_iterator(o);
        other.pid = fork();
        if (other.pid == 0)
                for (;;)
                        (void)pause();
        find_owners(o, &other, &none, 0);
        assert_int_equal(n_owners, 2);
        close(fd);
        find_owners(o, &other, &none, 0);
        assert_int_equal(n_owners, 1);
        assert_int_equal(owners[0].pid, other.pid);
        end_child(&other);
}

static int setup(void **state)
{
        return unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0 ? -1 : 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_fields, setup),
                cmocka_unit_test_setup(test_cookies, setup),
                cmocka_unit_test_setup(test_many, setup),
                cmocka_unit_test_setup(test_other_namespace, setup),
                cmocka_unit_test_setup(test_owners_by_iterator, setup),
                cmocka_unit_test_setup(test_owners_by_proc, setup),
                cmocka_unit_test_setup(test_hidden, setup),
                cmocka_unit_test_setup(test_service, setup),
                cmocka_unit_test_setup(test_pid_namespace, setup),
                cmocka_unit_test_setup(test_shared, setup),
        };

        if (geteuid() != 0) {
                puts("SKIP: needs root, for network namespaces and other users' processes");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
