/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value tree as JSON (RFC 8259). */
#pragma once

#include "p2sctl-value.h"

/* Writes v and a line feed: indented for people, or on one line.  Keys are those of
 * the tree.  Characters that could act on a terminal are \u escapes, so that
 * reading the output on one is safe; to a parser they are what they were. */
void json_print(FILE *f, const Value *v, bool indented);
