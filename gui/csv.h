/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples as a table for other programs.  Pure. */
#pragma once

#include "series.h"

/* RFC 4180, UTF-8, a header line of names in the bus's words: one row a sample with
 * since_usec < time_usec <= until_usec, oldest first.  A new string. */
char *p2s_csv_from_series(P2sSeries *series, guint64 since_usec, guint64 until_usec);
