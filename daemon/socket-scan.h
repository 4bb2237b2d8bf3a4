/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets of this network namespace, as NETLINK_SOCK_DIAG lists them.
 * Needs no privilege, and the kernel's udp_diag (loaded by itself). */
#pragma once

#include <sys/types.h>

#include "util.h"

/* Addresses as in struct p2s_flow_key: IPv4 is v4-mapped.  Ports are in host byte
 * order. */
struct udp_socket {
        uint64_t cookie; /* the kernel's number for it, never used again */
        uint32_t inode;
        uid_t uid;
        uint8_t local[16]; /* all zero, or mapped 0.0.0.0: any */
        uint8_t remote[16];
        uint16_t local_port;
        uint16_t remote_port; /* 0: not connected */
        uint8_t family;       /* AF_INET or AF_INET6 */
        bool v6_only;
        bool any; /* bound to no address in particular */
};

typedef struct SocketScan SocketScan;

/* A negative return ends the scan with it. */
typedef int (*udp_socket_t)(const struct udp_socket *s, void *userdata);

int socket_scan_new(SocketScan **ret);
void socket_scan_free(SocketScan *scan);

/* Hands every socket that has a local port and a process to the callback.  A
 * socket that opens or closes meanwhile may be missed or met twice.  -ENOENT: no
 * udp_diag in this kernel.  After a failure the object is good for nothing but
 * to be freed: the rest of the dump may still come. */
int socket_scan_run(SocketScan *scan, udp_socket_t callback, void *userdata);

DEFINE_CLEANUP(SocketScan *, socket_scan_free)
