/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else acts on a link: other tools' qdiscs, offloads, the radio. */
#pragma once

#include "kernel.h"
#include "netlink.h"

/* As kernel_ops.link_surroundings. */
int link_surroundings_get(Netlink *nl, const char *name, struct link_surroundings *ret);
