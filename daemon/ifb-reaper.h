/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deletes IFBs without waiting for the kernel's own housekeeping.
 *
 * RTM_DELLINK takes the interface off every list at once and then holds its
 * sender back for 10 to 20 ms until no reader can still hold it (rcu_barrier() in
 * netdev_run_todo()): 50 times longer than all the rest of putting a link back.
 * A thread does that waiting. */
#pragma once

#include "util.h"

typedef struct IfbReaper IfbReaper;

int ifb_reaper_new(IfbReaper **ret);
/* Waits for what is under way. */
void ifb_reaper_free(IfbReaper *r);

/* Returns once the interface is gone for everybody; one that is gone already is
 * fine.  Negative: it still stands. */
int ifb_reaper_remove(IfbReaper *r, unsigned ifindex);

/* Waits for what is under way. */
void ifb_reaper_wait(IfbReaper *r);

DEFINE_CLEANUP(IfbReaper *, ifb_reaper_free)
