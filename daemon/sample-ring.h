/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last 10 minutes of one link's samples, one a second. */
#pragma once

#include "sample.h"

#define SAMPLE_RING_ROWS 600

typedef struct SampleRing SampleRing;

int sample_ring_new(SampleRing **ret);
void sample_ring_free(SampleRing *ring);

/* Adds a row, in place of the oldest when full.  Rows are kept in 32 bits a
 * figure but for the bitrate: what is larger saturates. */
void sample_ring_push(SampleRing *ring, const struct sample *sample);
void sample_ring_clear(SampleRing *ring);
size_t sample_ring_n(const SampleRing *ring);

/* Row i, oldest first.  i < sample_ring_n(). */
void sample_ring_get(const SampleRing *ring, size_t i, struct sample *ret);

/* Index of the first row that ends after since_usec; sample_ring_n() = none.
 * Rows are in the order of their time. */
size_t sample_ring_since(const SampleRing *ring, uint64_t since_usec);

DEFINE_CLEANUP(SampleRing *, sample_ring_free)
