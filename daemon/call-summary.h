/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a call was, in one line. */
#pragma once

#include "call-table.h"

struct call_summary {
        uint64_t duration_usec; /* first to last packet */
        uint64_t jitter_usec;   /* RFC 3550 A.8, mean over a flow: that of the worst flow */
        uint64_t expected;      /* packets of all flows, RFC 3550 A.3 */
        int64_t lost;           /* of all flows; below 0 with duplicates */
        double mos;             /* of the worst voice flow; 0: nothing honest to say */
};

/* Of a call as it runs, or from within the table's `removed` callback. */
void call_summary_make(const CallTable *t, const struct call *call, struct call_summary *ret);

/* "3 min 20 s, MOS 4.1, jitter 1.4 ms, 0.5 % lost"; without a MOS that is left out. */
#define CALL_SUMMARY_MAX 192
char *call_summary_format(const struct call_summary *s, char ret[static CALL_SUMMARY_MAX]);
