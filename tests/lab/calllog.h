/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calllog: what one end of a call received, one record a packet, kept in memory so
 * that nothing but the packet is handled while the call runs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct call_record {
        uint32_t seq;    /* the sender's count of packets, from 0; does not wrap like RTP's */
        uint32_t bytes;  /* layer 3 */
        int64_t sent_ns; /* CLOCK_MONOTONIC of the sender */
        int64_t recv_ns; /* CLOCK_MONOTONIC of the receiver's kernel */
};

struct call_log {
        struct call_record *records;
        size_t n, max;
        uint32_t highest; /* highest seq seen */
        double jitter_ns; /* RFC 3550 A.8, now */
        int64_t transit_ns;
        /* since the last line of call_log_print_live() */
        size_t live_n, live_bytes;
        uint32_t live_highest;
        int64_t live_delay_sum_ns, live_delay_max_ns;
};

/* Room for max records.  0, or -ENOMEM. */
int call_log_init(struct call_log *log, size_t max);
void call_log_done(struct call_log *log);

/* Adds a record; one too many is dropped.  interval_ns: of the packets' RTP timestamps. */
void call_log_add(struct call_log *log, const struct call_record *record, int64_t interval_ns);

/* Prints one line of figures since the last: key=value, times in ms, rates in kbit/s. */
void call_log_print_live(struct call_log *log, FILE *f, int64_t elapsed_ns, int64_t since_ns);

/* Writes "seq,sent_ns,recv_ns" rows and a last line "# sent N", what this end itself
 * sent: the other end's loss counts against it.  0, or a negative errno. */
int call_log_write_csv(const struct call_log *log, const char *path, uint32_t sent);
