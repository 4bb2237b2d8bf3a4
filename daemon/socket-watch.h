/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits for UDP sockets to open in this network namespace.  While none does, nothing
 * wakes up. */
#pragma once

#include <systemd/sd-event.h>

#include "util.h"

/* A new socket is told of within this, and no two calls are closer. */
#define SOCKET_WATCH_USEC USEC_PER_SEC

typedef struct SocketWatch SocketWatch;

/* Calls back after SOCKET_WATCH_USEC, and from then on whenever sockets have opened: at
 * once after a quiet second, else a second after the call before.  Needs CAP_BPF and
 * CAP_PERFMON, and a kernel with BTF and function tracing (x86: 5.5, arm64: 6.4); on
 * another one negative, whatever libbpf said. */
int socket_watch_new(sd_event *event, void (*callback)(void *userdata), void *userdata,
                     SocketWatch **ret);
SocketWatch *socket_watch_free(SocketWatch *w);

DEFINE_CLEANUP(SocketWatch *, socket_watch_free)
