/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose the calls are: each call's local end among the sockets. */
#pragma once

#include "call-table.h"
#include "socket-table.h"

struct call_owner {
        char name[PROCESS_NAME_MAX + 1]; /* "": not known */
        pid_t pid;                       /* 0: not known, or its socket is closed */
};

/* Begin with call_owners_init(). */
typedef struct CallOwners {
        Pool pool; /* by call id */
        uint32_t round;
} CallOwners;

/* Whether an address (as in struct p2s_flow_key) is this machine's. */
typedef bool (*address_local_t)(const uint8_t address[static 16], void *userdata);

void call_owners_init(CallOwners *o);
void call_owners_done(CallOwners *o);

/* The socket with this local end (ports in network byte order, as they come), and
 * best with this remote one; NULL where there is none, or several of different
 * processes that fit as well.  A socket that is bound to no address fits only
 * where the address is this machine's: what it forwards is not its sockets'. */
struct known_socket *call_owner_socket(const SocketTable *sockets, const struct p2s_flow_key *key,
                                       address_local_t is_local, void *userdata);

/* Names what calls it can, marks the sockets that would name others as wanted,
 * and forgets calls that ended.  A name stays when the socket is closed.  A call
 * is tried again while it is new, and whenever sockets_changed.  0 or -ENOMEM. */
int call_owners_update(CallOwners *o, const CallTable *calls, const SocketTable *sockets,
                       bool sockets_changed, address_local_t is_local, void *userdata);

/* NULL: no name for that call. */
const struct call_owner *call_owners_find(const CallOwners *o, uint32_t call_id);
