/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for the journal, or for a terminal.
 *
 * A function logs or returns an error, never both; lines begin with the object
 * they are about ("eth0: …").  Where the journal reads our standard error, or
 * LogControl1 says so, messages go to it with their fields (systemd.journal-fields(7));
 * elsewhere the same line goes to standard error. */
#pragma once

#include <sys/uio.h>
#include <syslog.h>

#include "util.h"

#define LOG_IDENTIFIER "p2sd"

/* Where messages go, by the names of LogControl1. */
enum log_target {
        LOG_TARGET_AUTO,    /* the journal where it reads our standard error, else console */
        LOG_TARGET_JOURNAL, /* console while there is none */
        LOG_TARGET_CONSOLE, /* standard error */
        LOG_TARGET_NULL,    /* nowhere */
        _LOG_TARGET_MAX,
};

/* Levels above this one (LOG_ERR … LOG_DEBUG) are dropped. */
void log_set_level(int level);
int log_level(void);
void log_set_target(enum log_target target);
/* Never LOG_TARGET_AUTO: what that comes to. */
enum log_target log_target(void);

void log_full(int level, const char *format, ...) _printf_(2, 3);

#define log_debug(...)   log_full(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_full(LOG_INFO, __VA_ARGS__)
#define log_notice(...)  log_full(LOG_NOTICE, __VA_ARGS__)
#define log_warning(...) log_full(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_full(LOG_ERR, __VA_ARGS__)

/* A message with fields of its own: begin, add, send.  Fields beyond what it holds
 * are left out. */
struct log_entry {
        int level;
        size_t n;    /* fields */
        size_t used; /* of text */
        struct iovec fields[20];
        char text[2048];
};

/* message_id: 32 hexadecimal digits (message-id.h), or NULL. */
void log_entry_begin(struct log_entry *e, int level, const char *message_id);
/* field: upper case, "P2S_LINK". */
void log_entry_add(struct log_entry *e, const char *field, const char *format, ...) _printf_(3, 4);
void log_entry_send(struct log_entry *e, const char *format, ...) _printf_(2, 3);

/* "debug" … "emerg" <-> LOG_DEBUG … LOG_EMERG; -EINVAL. */
int log_level_from_string(const char *s);
const char *log_level_to_string(int level);
/* -EINVAL. */
int log_target_from_string(const char *s);
const char *log_target_to_string(enum log_target target);
