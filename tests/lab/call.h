/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call: one end of a two-way RTP call on a UDP socket. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "calllog.h"

struct call {
        int fd; /* UDP; connected, unless this end answers */
        bool answers, live;
        long seconds, pps;
        uint32_t ssrc;
        uint32_t sent; /* packets so far */
        struct call_log log;
};

/* Nonzero ends every call; for a signal handler. */
extern volatile sig_atomic_t call_stopped;

/* Runs the call: an answering end waits for the first packet and connects to where it
 * came from.  Drains for 1 s after the last packet.  0, or a negative errno. */
int call_run(struct call *call);
