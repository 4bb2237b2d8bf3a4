/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of samples: every link's row, each interval. */
#pragma once

#include "sample.h"

struct Manager;
struct managed_link;
typedef struct Tap Tap;

/* One link's row; runs in the event loop. */
typedef void (*tap_row_t)(struct managed_link *l, const struct sample *s, void *userdata);

/* Runs at each turn, before the rows.  False: nobody could take any now; the next
 * ones cover the time of both. */
typedef bool (*tap_turn_t)(void *userdata);

/* Stopped at first: no timer runs until tap_set_running(). */
int tap_new(struct Manager *m, uint64_t interval_usec, tap_row_t row, tap_turn_t turn,
            void *userdata, Tap **ret);
Tap *tap_free(Tap *t);
int tap_set_running(Tap *t, bool running);
/* No timer until tap_resume(), which takes a row at once, for all the time between. */
void tap_pause(Tap *t);
void tap_resume(Tap *t);
/* Takes rows now. */
void tap_take(Tap *t);

DEFINE_CLEANUP(Tap *, tap_free)
