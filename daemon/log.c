/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

#include "log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static int max_level = LOG_INFO;
static enum log_target wanted_target = LOG_TARGET_AUTO;

/* By level; the names are those of LogControl1. */
static const char *const level_names[] = {
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

static const char *const target_names[_LOG_TARGET_MAX] = {
        [LOG_TARGET_AUTO] = "auto",
        [LOG_TARGET_JOURNAL] = "journal",
        [LOG_TARGET_CONSOLE] = "console",
        [LOG_TARGET_NULL] = "null",
};

void log_set_level(int level)
{
        max_level = level;
}

int log_level(void)
{
        return max_level;
}

int log_level_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(level_names); i++)
                if (streq(s, level_names[i]))
                        return (int)i;
        return -EINVAL;
}

const char *log_level_to_string(int level)
{
        return level_names[CLAMP(level, LOG_EMERG, LOG_DEBUG)];
}

void log_set_target(enum log_target target)
{
        wanted_target = target;
}

int log_target_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(target_names); i++)
                if (streq(s, target_names[i]))
                        return (int)i;
        return -EINVAL;
}

const char *log_target_to_string(enum log_target target)
{
        return target_names[target];
}

/* Whether standard error is the journal's: $JOURNAL_STREAM names its device and
 * inode (systemd.exec(5)), and is inherited by children that redirect theirs. */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        uint64_t device, inode;
        struct stat st;

        return stream && sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

enum log_target log_target(void)
{
        if (wanted_target == LOG_TARGET_AUTO)
                return stderr_is_journal() ? LOG_TARGET_JOURNAL : LOG_TARGET_CONSOLE;
        return wanted_target;
}

/* One write a line: two processes never mix theirs. */
static void write_console(int level, const char *line)
{
        /* "<6>" is the level for journald, which may still read us (sd-daemon(3)). */
        if (stderr_is_journal())
                (void)fprintf(stderr, "<%d>%s\n", level, line);
        else
                (void)fprintf(stderr, LOG_IDENTIFIER ": %s%s\n",
                              level <= LOG_ERR       ? "error: "
                              : level == LOG_WARNING ? "warning: "
                                                     : "",
                              line);
}

void log_entry_begin(struct log_entry *e, int level, const char *message_id)
{
        e->level = level;
        e->n = e->used = 0;
        log_entry_add(e, "PRIORITY", "%d", level);
        log_entry_add(e, "SYSLOG_IDENTIFIER", "%s", LOG_IDENTIFIER);
        if (message_id)
                log_entry_add(e, "MESSAGE_ID", "%s", message_id);
}

static void _printf_(3, 0)
        add(struct log_entry *e, const char *field, const char *format, va_list ap)
{
        size_t left = sizeof e->text - e->used, name = strlen(field) + 1;
        char *at = e->text + e->used;
        int n;

        if (e->n >= ELEMENTSOF(e->fields) || name >= left)
                return;
        (void)snprintf(at, left, "%s=", field);
        n = vsnprintf(at + name, left - name, format, ap);
        if (n < 0)
                return;
        /* cut off where it does not fit */
        e->fields[e->n].iov_base = at;
        e->fields[e->n].iov_len = name + MIN((size_t)n, left - name - 1);
        e->used += e->fields[e->n++].iov_len + 1;
}

void log_entry_add(struct log_entry *e, const char *field, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        add(e, field, format, ap);
        va_end(ap);
}

static void send_line(struct log_entry *e, const char *line)
{
        enum log_target target = log_target();

        if (target == LOG_TARGET_NULL)
                return;
        /* libsystemd takes a journal that is not there for success */
        if (target == LOG_TARGET_JOURNAL && access(JOURNAL_SOCKET, F_OK) == 0) {
                struct iovec all[ELEMENTSOF(e->fields) + 1];
                _cleanup_free_ char *message = NULL;
                int n = asprintf(&message, "MESSAGE=%s", line);

                if (n >= 0) {
                        all[0] = (struct iovec){message, (size_t)n};
                        memcpy(all + 1, e->fields, e->n * sizeof *all);
                        if (sd_journal_sendv(all, (int)e->n + 1) >= 0)
                                return;
                }
        }
        write_console(e->level, line);
}

static void _printf_(2, 0) send(struct log_entry *e, const char *format, va_list ap)
{
        char line[1024];

        if (e->level > max_level)
                return;
        (void)vsnprintf(line, sizeof line, format, ap);
        send_line(e, line);
}

void log_entry_send(struct log_entry *e, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        send(e, format, ap);
        va_end(ap);
}

void log_full(int level, const char *format, ...)
{
        struct log_entry e;
        va_list ap;

        if (level > max_level)
                return;
        log_entry_begin(&e, level, NULL);
        va_start(ap, format);
        send(&e, format, ap);
        va_end(ap);
}
