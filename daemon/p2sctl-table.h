/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows in aligned columns. */
#pragma once

#include <stdio.h>

#include "p2sctl.h"

typedef struct Table Table;

/* headers: one a column, ends with NULL; those that begin with '>' are aligned to
 * the right, one that begins with '*' is cut when the rows are too wide. */
int table_new(const Ctl *c, const char *const headers[], Table **ret);
void table_free(Table *t);
DEFINE_CLEANUP(Table *, table_free);

/* Adds the next cell, row by row; the text is made safe.  Out of memory is
 * remembered for table_print(). */
void table_add(Table *t, const char *text);
_printf_(2, 3) void table_addf(Table *t, const char *format, ...);
/* The same, painted (an SGR parameter or NULL). */
void table_add_painted(Table *t, const char *paint, const char *text);
/* A line of its own below the row that has just been filled, "" for none. */
void table_note(Table *t, const char *text);

/* Prints header and rows behind so many spaces.  -ENOMEM. */
int table_print(const Table *t, FILE *f, unsigned indent);
