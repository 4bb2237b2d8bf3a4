/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connection NetworkManager has active on which interface, where it runs: read once
 * and again whenever it announces a change. */
#pragma once

#include <systemd/sd-bus.h>

#include "link-identity.h"

typedef struct NetworkManager NetworkManager;

/* changed is called once what network_manager_find() says may be another. */
int network_manager_new(sd_bus *bus, void (*changed)(void *userdata), void *userdata,
                        NetworkManager **ret);
NetworkManager *network_manager_free(NetworkManager *nm);

/* uuid "" where NetworkManager does not run, or has nothing to do with that interface.
 * nm may be NULL. */
void network_manager_find(const NetworkManager *nm, const char *interface,
                          struct nm_connection *ret);

DEFINE_CLEANUP(NetworkManager *, network_manager_free)
