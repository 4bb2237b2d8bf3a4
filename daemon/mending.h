/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often what somebody else takes away is put there again: two who do not know of
 * each other must not fight for ever.  Pure. */
#pragma once

#include "util.h"

#define MENDING_MAX  5 /* in MENDING_USEC */
#define MENDING_USEC (60 * USEC_PER_SEC)

/* All zero: nothing was mended. */
struct mending {
        uint64_t at_usec[MENDING_MAX]; /* the last ones, CLOCK_MONOTONIC; 0 = none */
        unsigned next;
};

/* Notes one; false: it is one too many. */
static inline bool mending_note(struct mending *m, uint64_t now)
{
        uint64_t *oldest = &m->at_usec[m->next];

        if (*oldest != 0 && now - *oldest < MENDING_USEC)
                return false;
        *oldest = now;
        m->next = (m->next + 1) % MENDING_MAX;
        return true;
}
