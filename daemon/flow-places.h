/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs' table of flows, as p2sd reads and clears it. */
#pragma once

#include "flow-id.h"
#include "kernel.h"

/* All flows that have a class, unsorted, to be freed.  fd: the map of entries; used: how many
 * of them there are.  They are read where they lie, some hundred kB mapped at a time.
 * Returns 0 or a negative errno. */
int flow_read(int fd, uint32_t used, struct kernel_flow **ret, size_t *ret_n);

/* Lets go of this flow: its next packet begins another.  -ENOENT where it is not there. */
int flow_forget(int fd, const struct flow_index *index, const uint32_t secret[FLOW_ID_SECRETS],
                const struct p2s_flow_key *key);

/* Lets go of all. */
void flow_forget_all(struct flow_index *index);
