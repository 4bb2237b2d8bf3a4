/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process has a socket open.
 *
 * The kernel lists the open files of all processes to a BPF iterator (Linux 5.8,
 * with BTF), for CAP_BPF and CAP_PERFMON: what p2sd has.  Where it can't be had,
 * the links in /proc/PID/fd say the same to root, or to CAP_SYS_PTRACE with
 * CAP_DAC_READ_SEARCH, and to anybody else about processes of their own. */
#pragma once

#include <sys/types.h>

#include "socket-owner-abi.h"
#include "util.h"

typedef struct SocketOwners SocketOwners;

struct socket_wanted {
        uint32_t inode;
        uid_t uid; /* who made it */
        void *of;  /* for the caller */
};

/* A socket may have more owners than one: a process and those it forked. */
typedef void (*socket_owner_t)(const struct socket_wanted *wanted, const struct socket_owner *owner,
                               void *userdata);

/* Fails where there is no memory or no descriptor left just now, not where the kernel
 * has no such iterator. */
int socket_owners_new(SocketOwners **ret);
void socket_owners_free(SocketOwners *o);

/* Whether the kernel lists them: false means that /proc has to. */
bool socket_owners_have_iterator(const SocketOwners *o);
/* From now on by /proc alone.  For tests. */
void socket_owners_drop_iterator(SocketOwners *o);

/* Hands out the owners of these sockets, as far as they can be seen.  Sorts
 * wanted by inode.  /proc is asked about processes of the sockets' users alone,
 * and only until each socket has an owner. */
int socket_owners_find(SocketOwners *o, struct socket_wanted *wanted, size_t n,
                       socket_owner_t callback, void *userdata);

DEFINE_CLEANUP(SocketOwners *, socket_owners_free)
