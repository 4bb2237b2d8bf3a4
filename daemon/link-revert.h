/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything of p2sd's taken off every link of this namespace. */
#pragma once

#include "ifb-reaper.h"
#include "netlink.h"

/* By the records in dir, and where one was lost by our marks: see revert in
 * struct kernel_ops.  Links among the n at `taken` (ifindexes) are in use and left
 * alone.  Goes on where one link fails, and reports the first failure. */
int link_revert(Netlink *nl, IfbReaper *reaper, const char *dir, const unsigned *taken, size_t n,
                unsigned *ret_links, char **reason);
