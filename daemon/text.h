/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings from outside, made fit to be shown. */
#pragma once

#include "util.h"

/* "“eth0”" with control characters escaped as \xNN and at most 40 bytes of it,
 * cut at a character; NULL: out of memory. */
char *text_quote(const char *s);

/* A printf into a fresh string that *ret then owns; -ENOMEM.  What *ret owned
 * before is freed.  NULL: nobody wants to know. */
int text_set(char **ret, const char *format, ...) _printf_(2, 3);
