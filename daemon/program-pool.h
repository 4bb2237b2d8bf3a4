/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs of all links: one object for each link that is taken, and up to one
 * spare for either kind of link, because loading them takes longer than all the
 * rest of a change of mode.  The port rules are common to all. */
#pragma once

#include "classifier.h"

typedef struct ProgramPool ProgramPool;

int program_pool_new(ProgramPool **ret);
/* Objects handed out must be back. */
void program_pool_free(ProgramPool *p);

/* Loads a spare, so that the first link need not wait for it. */
int program_pool_prepare(ProgramPool *p, bool ethernet);

/* An object as after loading: nothing is marked, nothing is in its table.  Its
 * totals begin at *ret_base.  log: see classifier_new(). */
int program_pool_take(ProgramPool *p, bool ethernet, Classifier **ret, struct p2s_totals *ret_base,
                      char **log);
/* c may be NULL. */
void program_pool_give_back(ProgramPool *p, bool ethernet, Classifier *c);

/* Where the programs say that a call has begun; -ENOENT before the first is loaded. */
int program_pool_event_fd(const ProgramPool *p);
int program_pool_dispatch(ProgramPool *p, void (*callback)(unsigned ifindex, void *userdata),
                          void *userdata);

/* In force for the next packet of every link. */
int program_pool_set_ports(ProgramPool *p, const struct kernel_ports *ports);

DEFINE_CLEANUP(ProgramPool *, program_pool_free)
