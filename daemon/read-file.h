/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One small file, whole. */
#pragma once

#include "util.h"

/* Reads a regular file (or /dev/null) of at most max bytes; ret holds one byte
 * more, NUL.  dirfd as in openat().  Never blocks on a pipe or device.
 * -ENOENT …, -EISDIR, -EINVAL (no regular file), -EFBIG. */
int read_file_at(int dirfd, const char *path, size_t max, char **ret, size_t *ret_size);
