/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UDP sockets that are open, from one scan to the next, and whose they are. */
#pragma once

#include "pool.h"
#include "socket-scan.h"

#define PROCESS_NAME_MAX 63 /* bytes, without the NUL */

/* Times that somebody looks for a socket's process before it counts as hidden:
 * while it is handed from one to another, no process has it. */
#define SOCKET_LOOKS_MAX 3

struct app;

struct known_socket {
        struct udp_socket at;
        /* whose it is; 0: not known */
        pid_t pid;
        const struct app *app;           /* NULL: none of the list's */
        char name[PROCESS_NAME_MAX + 1]; /* fit to be shown */
        /* Somebody wants to know; how often it was looked for. */
        bool wanted;
        uint8_t looks;
};

/* Begin with socket_table_init().  The members are for reading. */
typedef struct SocketTable {
        Pool pool;
        uint32_t scan;
        bool changed; /* a socket came, went or was connected in the scan that runs */
} SocketTable;

void socket_table_init(SocketTable *t);
void socket_table_done(SocketTable *t);

/* One scan: begin, take each socket, end.  fresh is called for each socket that
 * was not there or was elsewhere (connected since), and may set `wanted`; NULL:
 * nobody asks.  Whether anything changed, or -ENOMEM with the table as far as it
 * came. */
typedef void (*socket_fresh_t)(struct known_socket *s, void *userdata);
void socket_table_begin(SocketTable *t);
int socket_table_take(SocketTable *t, const struct udp_socket *s, socket_fresh_t fresh,
                      void *userdata);
bool socket_table_end(SocketTable *t);

/* Forgets whose the sockets are: those of that process, or (0) of any; they are
 * looked for again. */
void socket_table_disown(SocketTable *t, pid_t pid);

/* Whether a socket is to be looked for: wanted, not known, and not in vain often
 * enough. */
static inline bool socket_is_sought(const struct known_socket *s)
{
        return s->wanted && s->pid == 0 && s->looks < SOCKET_LOOKS_MAX;
}

/* Walks: NULL begins, NULL ends.  Pointers hold until the next scan begins. */
struct known_socket *socket_table_next(const SocketTable *t, const struct known_socket *prev);
/* NULL: it is closed. */
struct known_socket *socket_table_find(const SocketTable *t, uint64_t cookie);
