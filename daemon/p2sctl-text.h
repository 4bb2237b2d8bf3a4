/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on a terminal: made safe, measured in columns, painted. */
#pragma once

#include <stdio.h>

#include "util.h"

/* SGR parameters. */
#define PAINT_NONE   NULL
#define PAINT_BOLD   "1"
#define PAINT_DIM    "2"
#define PAINT_RED    "31"
#define PAINT_GREEN  "32"
#define PAINT_YELLOW "33"
#define PAINT_BLUE   "34"

/* Reads one character (UTF-8) and moves *s behind it.  A byte that is not UTF-8
 * counts as U+FFFD. */
uint32_t text_next(const char **s);

/* Whether a character could do something to a terminal, or to the order or look
 * of the text around it, other than show itself: controls (C0, C1, DEL), bidi
 * overrides, invisible characters, line separators. */
bool text_hostile(uint32_t character);

/* A copy in which hostile characters are escapes ("\x1b", "\u202e") and, without
 * UTF-8, whatever is not ASCII is "?" (a "µ" is "u").  Lines are joined.
 * *ret: to be freed.  -ENOMEM. */
int text_safe(const char *s, bool utf8, char **ret);

/* Prints what the format makes as one safe line.  -ENOMEM. */
_printf_(3, 4) int text_print(FILE *f, bool utf8, const char *format, ...);

/* Columns that safe text takes. */
size_t text_width(const char *s);

/* Cuts safe text to so many columns, with "…" ("~" without UTF-8) for the rest.
 * Width 0 stays at one column. */
int text_shorten(const char *s, size_t columns, bool utf8, char **ret);

/* The character for a value in a sparkline, from 0 (lowest) to max (highest). */
const char *text_spark(uint64_t value, uint64_t max, bool utf8);
