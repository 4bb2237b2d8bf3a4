/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a socket is, by the BPF iterator and by /proc. */
#include <linux/capability.h>
#include <sys/syscall.h>

#include "socket-owner.h"
#include "sockets.h"

static struct socket_owner owners[MAX_SEEN];
static size_t n_owners;

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
        assert_string_equal(owner->exe, "test-socket-owner");
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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_owners_by_iterator, setup),
                cmocka_unit_test_setup(test_owners_by_proc, setup),
                cmocka_unit_test_setup(test_hidden, setup),
                cmocka_unit_test_setup(test_service, setup),
                cmocka_unit_test_setup(test_pid_namespace, setup),
                cmocka_unit_test_setup(test_shared, setup),
        };

        check_root();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
