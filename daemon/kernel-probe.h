/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this kernel can do, found out by doing it. */
#pragma once

#include "kernel.h"
#include "netlink.h"
#include "program-pool.h"

/* On a throw-away interface, which is gone again after; leaves a loaded spare of
 * the programs in the pool. */
int kernel_probe(Netlink *nl, ProgramPool *programs, struct kernel_capabilities *ret);
