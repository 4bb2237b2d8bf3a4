/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "log.h"

static int max_level = LOG_INFO;

/* By level; the names are those of LogControl1. */
static const char *const level_names[] = {
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
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

void log_full(int level, const char *format, ...)
{
        char line[1024];
        va_list ap;

        if (level > max_level)
                return;

        va_start(ap, format);
        (void)vsnprintf(line, sizeof line, format, ap);
        va_end(ap);

        /* One write a line: two processes never mix theirs.  "<6>" is the level
         * for journald (sd-daemon(3)). */
        if (getenv("JOURNAL_STREAM"))
                (void)fprintf(stderr, "<%d>%s\n", level, line);
        else
                (void)fprintf(stderr, "p2sd: %s%s\n",
                              level <= LOG_ERR       ? "error: "
                              : level == LOG_WARNING ? "warning: "
                                                     : "",
                              line);
}
