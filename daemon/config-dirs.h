/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files make the configuration, in which order, and how one is read. */
#pragma once

#include "ini.h"

#define CONFIG_FILE_MAX (1024 * 1024) /* bytes */

/* { 0 } is an empty list. */
typedef struct ConfigFiles {
        char **paths; /* in the order they are to be read */
        size_t n;
} ConfigFiles;

void config_files_done(ConfigFiles *files);

/* The main file NAME and the drop-ins NAME.d/[*].conf of these directories (highest
 * precedence first, NULL at the end), by systemd's rules: the main file of the
 * first directory that has one, then the drop-ins of all, sorted by name; of the
 * same name only the first directory's.  main_file replaces the main file where
 * not NULL.  Directories that are not there are no error.  0 or -ENOMEM. */
int config_files_find(const char *const *dirs, const char *name, const char *main_file,
                      ConfigFiles *ret);

/* Reads one of them with ini_parse().  That it cannot be read is told to log, and
 * is what is returned; else 0, or -ENOMEM. */
int config_file_parse(const char *path, ini_entry_t entry, ini_error_t log, void *log_userdata,
                      void *entry_userdata);

static inline void config_files_donep(ConfigFiles *files)
{
        config_files_done(files);
}
