/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The samples of one link in order of time, as a GListModel over a ring: the
 * newest push the oldest out.  Items are P2sSample. */
#pragma once

#include <gio/gio.h>

#include "sample.h"

#define P2S_TYPE_SERIES (p2s_series_get_type())
G_DECLARE_FINAL_TYPE(P2sSeries, p2s_series, P2S, SERIES, GObject)

/* Keeps at most capacity samples and nothing older than span_usec before the newest. */
P2sSeries *p2s_series_new(guint capacity, guint64 span_usec);

guint p2s_series_get_length(P2sSeries *self);

/* Borrowed; position must be below the length.  0 is the oldest. */
const P2sSample *p2s_series_peek(P2sSeries *self, guint position);

/* Borrowed; NULL when empty. */
const P2sSample *p2s_series_newest(P2sSeries *self);

/* Position of the first sample that ends at or after time_usec; the length
 * when there is none. */
guint p2s_series_find(P2sSeries *self, guint64 time_usec);

/* Takes a reference of its own.  A sample that is not newer than the newest is
 * dropped: what history and the live stream both tell counts once. */
void p2s_series_append(P2sSeries *self, P2sSample *sample);

/* As append for each P2sSample of an array, oldest first, in one go. */
void p2s_series_extend(P2sSeries *self, GPtrArray *samples);

/* The next sample to come does not join on to the last (the service was away). */
void p2s_series_break(P2sSeries *self);

void p2s_series_clear(P2sSeries *self);
