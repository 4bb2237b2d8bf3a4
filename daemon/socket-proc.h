/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process has a socket open, by the links in /proc/PID/fd. */
#pragma once

#include "socket-owner.h"

/* As socket_owners_find(); wanted is sorted by inode.  A process that ends, or
 * that /proc hides, is skipped. */
int socket_proc_find(const struct socket_wanted *wanted, size_t n, socket_owner_t callback,
                     void *userdata);
