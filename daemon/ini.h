/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [Section], Key=value, # and ; comments: read without trusting a byte. */
#pragma once

#include "util.h"

#define INI_LINE_MAX 4096

/* One assignment; key and value are NULL for the header of a section.  White
 * space around key and value is cut off.  Returns 0, -ENOMEM, which ends the
 * parse, or another errno with *reason a static fragment, which is reported; a
 * refused header takes its section's assignments with it. */
typedef int (*ini_entry_t)(const char *section, const char *key, const char *value,
                           const char **reason, void *userdata);

/* Something is wrong with a line, which is ignored.  line counts from 1; 0 = the
 * file as a whole.  The message is one line, fit to be logged. */
typedef void (*ini_error_t)(const char *file, unsigned line, const char *message, void *userdata);

/* Parses size bytes at data.  Any bytes at all are safe: a line that is too
 * long, holds NUL or is not UTF-8 is reported and ignored.  CRLF, a byte-order
 * mark and a last line without a newline are fine.  file is for messages alone.
 * Returns how many lines were ignored, or -ENOMEM from the callback. */
int ini_parse(const char *file, const char *data, size_t size, ini_entry_t entry, ini_error_t error,
              void *error_userdata, void *entry_userdata);
