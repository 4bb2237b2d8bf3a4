/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the call table and the rest: calls that begin and end are announced,
 * by id alone, and logged. */
#pragma once

#include "kernel.h"

struct Manager;

/* Feeds one link's flows to the call table and announces calls that begin or end;
 * the kernel is told which flows it can forget. */
int call_events_take(struct Manager *m, unsigned ifindex, const struct kernel_flow *flows,
                     size_t n);
/* The link is let go: its calls end. */
void call_events_drop_link(struct Manager *m, unsigned ifindex);
