/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "socket-owner.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "socket-owner.skel.h"
#include "socket-proc.h"

struct SocketOwners {
        struct socket_owner_bpf *skel; /* NULL: /proc */
        struct bpf_link *link;
};

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
        return 0;
}

static void drop(SocketOwners *o)
{
        (void)bpf_link__destroy(o->link);
        o->link = NULL;
        socket_owner_bpf__destroy(o->skel);
        o->skel = NULL;
}

static int load(SocketOwners *o)
{
        int r;

        o->skel = socket_owner_bpf__open();
        if (!o->skel)
                return -errno;
        r = socket_owner_bpf__load(o->skel);
        if (r < 0)
                return r;
        o->link = bpf_program__attach_iter(o->skel->progs.socket_owners, NULL);
        return o->link ? 0 : -errno;
}

int socket_owners_new(SocketOwners **ret)
{
        _cleanup_(socket_owners_freep) SocketOwners *o = calloc(1, sizeof *o);
        libbpf_print_fn_t previous;
        int r;

        if (!o)
                return -ENOMEM;
        /* that it can't be had is no fault, and libbpf's words are about faults */
        previous = libbpf_set_print(print_nothing);
        r = load(o);
        if (r < 0)
                drop(o);
        (void)libbpf_set_print(previous);
        if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
                return r;
        *ret = TAKE_PTR(o);
        return 0;
}

void socket_owners_free(SocketOwners *o)
{
        if (!o)
                return;
        drop(o);
        free(o);
}

bool socket_owners_have_iterator(const SocketOwners *o)
{
        return o->link;
}

void socket_owners_drop_iterator(SocketOwners *o)
{
        drop(o);
}

static int compare(const void *a, const void *b)
{
        const struct socket_wanted *x = a, *y = b;

        return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static int find_by_iterator(const SocketOwners *o, const struct socket_wanted *wanted, size_t n,
                            socket_owner_t callback, void *userdata)
{
        struct socket_owner rows[64];
        _cleanup_close_ int fd = bpf_iter_create(bpf_link__fd(o->link));
        ssize_t size;

        if (fd < 0)
                return fd;
        /* the kernel hands out whole rows */
        while ((size = read(fd, rows, sizeof rows)) != 0) {
                if (size < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (size < 0)
                        return -errno;
                for (size_t i = 0; i < (size_t)size / sizeof *rows; i++) {
                        const struct socket_wanted key = {.inode = rows[i].inode}, *w;

                        w = bsearch(&key, wanted, n, sizeof *wanted, compare);
                        if (w)
                                callback(w, &rows[i], userdata);
                }
        }
        return 0;
}

int socket_owners_find(SocketOwners *o, struct socket_wanted *wanted, size_t n,
                       socket_owner_t callback, void *userdata)
{
        if (n == 0)
                return 0;
        qsort(wanted, n, sizeof *wanted, compare);
        if (o->link)
                return find_by_iterator(o, wanted, n, callback, userdata);
        return socket_proc_find(wanted, n, callback, userdata);
}
