/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the three parts of a managed link need of each other. */
#pragma once

#include "managed-link.h"

/* managed-link.c: logs a change of state once.  reason may be NULL. */
void managed_link_set_state(struct managed_link *l, enum link_state state, const char *reason);

/* managed-link-network.c */

/* Finds out which network it is on, from l->facts. */
void managed_link_find_network(struct managed_link *l);
/* The same, and puts that network's line in force: l->setting. */
void managed_link_meet_network(struct managed_link *l);

/* managed-link-plan.c */

/* Plans for the mode, and has the kernel apply it; negative: as link_apply says. */
int managed_link_apply(struct managed_link *l, enum mode mode, char **reason);

/* Takes in flows just read: of a call that the programs could not tell of. */
void managed_link_hear(struct managed_link *l, const struct kernel_flow *flows, size_t n,
                       uint64_t now);

/* managed-link-sync.c */

/* Puts back what was there and lets go of it; negative: it is still taken. */
int managed_link_let_go(struct managed_link *l, char **reason);

/* Before a tree goes: its drops are kept in the totals of all. */
void managed_link_bank_drops(struct managed_link *l);
