/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates and times between people and numbers.  Pure: no I/O, no locale.
 *
 * Prefixes are decimal (k = 1,000), as line rates are sold and as tc(8) counts
 * bits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rates SetLink takes, bit/s (org.p2s.Manager). */
#define UNITS_RATE_MIN UINT64_C(64000)
#define UNITS_RATE_MAX UINT64_C(100000000000)

/* 0 (not known), or from UNITS_RATE_MIN to UNITS_RATE_MAX. */
static inline bool units_rate_is_valid(uint64_t bps)
{
        return bps == 0 || (bps >= UNITS_RATE_MIN && bps <= UNITS_RATE_MAX);
}

/* Large enough for whatever a units_format_*() below writes. */
#define UNITS_MAX 64

/* Reads a rate as a person writes it: a decimal number, an optional prefix k, M,
 * G or T, an optional "bit", "bit/s" or "bps" (bits, as providers write it), in
 * any case, a space before the unit allowed: "10M", "9.5Mbit", "500k",
 * "10000000", "9.5 Mbit/s".  "unknown" is 0.
 * *ret: bit/s.  A fraction of a bit is cut off.
 * -EINVAL: not a rate.  Bytes ("10MB") are refused too, as a rate eight times
 *          off is worse than an error.
 * -ERANGE: a rate outside UNITS_RATE_MIN … UNITS_RATE_MAX, "0" among them: who
 *          does not know the rate says "unknown". */
int units_parse_rate(const char *s, uint64_t *ret);

/* Reads a span of time: a decimal number with "ms", "s", "min" or "h"; without a
 * unit, seconds.  *ret: µs.
 * -EINVAL: not a span.  -ERANGE: does not fit in 64 bits. */
int units_parse_span(const char *s, uint64_t *ret);

/* These write into buf, which holds UNITS_MAX bytes, and return buf.  Three
 * significant digits, half rounded up, without zeros at the end.
 *   bps     "9.5 Mbit/s", "64 kbit/s", "0 bit/s"
 *   rate    the same for a link's rate, where 0 is "unknown"
 *   bytes   "1.5 kB", "12 B"
 *   usec    "950 µs", "1.4 ms", "2.5 s", "3 min 20 s", "1 h 5 min", "2 d 3 h" */
char *units_format_bps(char buf[static UNITS_MAX], uint64_t bps);
char *units_format_rate(char buf[static UNITS_MAX], uint64_t bps);
char *units_format_bytes(char buf[static UNITS_MAX], uint64_t bytes);
char *units_format_usec(char buf[static UNITS_MAX], uint64_t usec);
