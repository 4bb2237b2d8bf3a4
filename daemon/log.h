/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for the journal, or for a terminal.
 *
 * A function logs or returns an error, never both; lines begin with the object
 * they are about ("eth0: …").  Under systemd each line carries its level. */
#pragma once

#include <syslog.h>

#include "util.h"

/* Levels above this one (LOG_ERR … LOG_DEBUG) are dropped. */
void log_set_level(int level);
int log_level(void);

void log_full(int level, const char *format, ...) _printf_(2, 3);

#define log_debug(...)   log_full(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_full(LOG_INFO, __VA_ARGS__)
#define log_notice(...)  log_full(LOG_NOTICE, __VA_ARGS__)
#define log_warning(...) log_full(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_full(LOG_ERR, __VA_ARGS__)

/* "debug" … "err" <-> LOG_DEBUG … LOG_ERR; -EINVAL. */
int log_level_from_string(const char *s);
const char *log_level_to_string(int level);
