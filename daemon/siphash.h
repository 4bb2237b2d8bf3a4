/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keyed hash: who does not know the key cannot choose colliding input. */
#pragma once

#include "util.h"

/* SipHash-1-3 (Aumasson, Bernstein; the variant hash tables use) of size bytes,
 * which must be a multiple of 8, under a 16-byte key. */
uint64_t siphash13(const void *data, size_t size, const uint8_t key[static 16]);
