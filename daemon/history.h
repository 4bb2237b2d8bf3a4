/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last 10 minutes of each link, a row a second.
 *
 * Once no call has run and nobody has been subscribed for as long, there is nothing in
 * it but quiet, and it rests: no timer runs, no counter is read.  The next packet of a
 * call wakes it (p2s_settings.announce), or a subscriber; sockets are looked at when
 * one opens (socket-watch.h).  One row then stands for all the time that it rested.
 * Where the kernel cannot tell of sockets it never rests. */
#pragma once

#include "util.h"

#define HISTORY_USEC (10 * 60 * USEC_PER_SEC)

struct Manager;
typedef struct History History;

/* Stopped at first. */
int history_new(struct Manager *m, History **ret);
History *history_free(History *h);
int history_set_running(History *h, bool running);

/* Something has begun that it records; NULL: nothing. */
void history_wake(History *h);
/* Whether only an event wakes it; false for NULL. */
bool history_is_resting(const History *h);
/* Records what passed while it rests, for somebody who asks now. */
void history_catch_up(History *h);

DEFINE_CLEANUP(History *, history_free)
