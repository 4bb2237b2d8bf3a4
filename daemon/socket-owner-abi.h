/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What socket-owner.bpf.c writes and socket-owner.c reads. */
#pragma once

#include <linux/types.h>

#define SOCKET_OWNER_COMM_MAX 16 /* with the NUL: TASK_COMM_LEN */
#define SOCKET_OWNER_EXE_MAX  64 /* with the NUL; longer ones are cut */

/* One open UDP (or other datagram) socket of one process. */
struct socket_owner {
        __u32 inode;
        __u32 pid;                        /* as p2sd's own PID namespace counts */
        char comm[SOCKET_OWNER_COMM_MAX]; /* any bytes: what the process calls itself */
        char exe[SOCKET_OWNER_EXE_MAX];   /* last part of its program's path; may be "" */
};

_Static_assert(sizeof(struct socket_owner) == 88, "socket_owner");
