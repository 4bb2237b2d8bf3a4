/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka, with what it needs before it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util.h"

/* A fixed sequence of numbers (xorshift64*), the same on every machine. */
static inline uint64_t test_random(uint64_t *state)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * UINT64_C(0x2545f4914f6cdd1d);
}
