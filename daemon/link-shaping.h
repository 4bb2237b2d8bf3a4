/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a shaped link holds general traffic back now, as a pure function of time
 * and of what is known of calls.
 *
 * Loose: HTB stands, and nothing waits in it.  Tight: the rates are the line's.  Where
 * a line is full when it is tightened, its own buffer is too, and would empty no faster
 * than our rate is below the line's: 5 s for 250 ms at 5 %.  So it begins at half the
 * rate, for LINK_DRAIN_USEC. */
#pragma once

#include "kernel.h"
#include "link-options.h"

/* A line's buffer of 300 ms empties in it. */
#define LINK_DRAIN_USEC (600 * USEC_PER_MSEC)

/* A call has ended once it was silent for so long (call-table.h). */
#define LINK_CALL_SILENCE_USEC (10 * USEC_PER_SEC)

enum shaping {
        SHAPING_LOOSE,
        SHAPING_TIGHT,
};

/* All zero: nothing is known.  Times are CLOCK_MONOTONIC, µs; 0 = never. */
struct link_shaping {
        enum shaping state;        /* in force, where a tree stands */
        uint64_t call_usec;        /* last packet of a call, as far as known */
        uint64_t drain_until_usec; /* rates are halved until then */
};

/* "loose", "tight" */
const char *link_shaping_to_string(enum shaping shaping);

/* Takes in what the kernel knows of the link's flows. */
void link_shaping_hear(struct link_shaping *s, const struct kernel_flow *flows, size_t n);

enum shaping link_shaping_wanted(const struct link_shaping *s, enum link_when when, uint64_t now);

/* When something is to change, if no packet of a call passes until then; 0 = never. */
uint64_t link_shaping_due(const struct link_shaping *s, enum link_when when, uint64_t now);
