/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdarg.h>

#include "ini.h"
#include "names.h"

struct parser {
        const char *file;
        unsigned line;
        ini_entry_t entry;
        ini_error_t error;
        void *error_userdata;
        void *entry_userdata;
        bool in_section; /* section holds a header that was not refused */
        bool refused;    /* … or one that was: what follows it goes with it */
        int n_ignored;
        char section[INI_LINE_MAX + 1];
};

static _printf_(2, 3) void ignore(struct parser *p, const char *format, ...)
{
        char message[256];
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);

        if (p->n_ignored < INT_MAX)
                p->n_ignored++;
        if (p->error)
                p->error(p->file, p->line, message, p->error_userdata);
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

/* Printable ASCII, so that it can be cut anywhere and logged. */
static bool is_plain(const char *s)
{
        for (; *s != '\0'; s++)
                if (*s < ' ' || *s > '~')
                        return false;
        return true;
}

/* Cuts white space off both ends, in place. */
static char *strip(char *s)
{
        size_t n;

        while (is_blank(*s))
                s++;
        for (n = strlen(s); n > 0 && is_blank(s[n - 1]); n--)
                ;
        s[n] = '\0';
        return s;
}

static int parse_header(struct parser *p, char *s)
{
        const char *reason = NULL;
        size_t n = strlen(s);
        int r;

        p->in_section = false;
        p->refused = true;

        if (s[n - 1] != ']' || n == 2 || !is_plain(s)) {
                ignore(p, "not a section header");
                return 0;
        }
        s[n - 1] = '\0';
        s = strip(s + 1);
        memcpy(p->section, s, strlen(s) + 1);

        r = p->entry(p->section, NULL, NULL, &reason, p->entry_userdata);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                ignore(p, "[%.64s]: %s", p->section, reason ?: "ignored");
                return 0;
        }

        p->in_section = true;
        p->refused = false;
        return 0;
}

static int parse_assignment(struct parser *p, char *s)
{
        const char *reason = NULL;
        char *equals = strchr(s, '=');
        const char *key, *value;
        int r;

        if (p->refused) /* its header has been reported */
                return 0;
        if (!equals) {
                ignore(p, "neither a section nor an assignment");
                return 0;
        }
        *equals = '\0';
        key = strip(s);
        value = strip(equals + 1);
        if (*key == '\0' || !is_plain(key)) {
                ignore(p, "no key before '='");
                return 0;
        }
        if (!p->in_section) {
                ignore(p, "%.64s= stands outside of any section", key);
                return 0;
        }

        r = p->entry(p->section, key, value, &reason, p->entry_userdata);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                ignore(p, "[%.64s] %.64s=: %s", p->section, key, reason ?: "ignored");
        return 0;
}

/* The reason why a line cannot even be looked at, or NULL. */
static const char *line_refuse(const char *data, size_t n, char line[static INI_LINE_MAX + 1])
{
        if (n > INI_LINE_MAX)
                return "line longer than 4096 bytes";
        if (memchr(data, '\0', n))
                return "NUL in a line";

        memcpy(line, data, n);
        line[n] = '\0';
        /* a tab is white space between words, not text */
        for (size_t i = 0; i < n; i++)
                if (line[i] == '\t')
                        line[i] = ' ';
        if (!text_is_valid(line, INI_LINE_MAX))
                return "not UTF-8, or a control character";
        return NULL;
}

static int parse_line(struct parser *p, const char *data, size_t n)
{
        char line[INI_LINE_MAX + 1];
        const char *why;
        char *s;

        while (n > 0 && is_blank(*data)) {
                data++;
                n--;
        }
        if (n > 0 && data[n - 1] == '\r')
                n--;
        if (n == 0 || *data == '#' || *data == ';')
                return 0;

        why = line_refuse(data, n, line);
        if (why) {
                /* what follows a broken header must not land in the section before */
                if (*data == '[') {
                        p->in_section = false;
                        p->refused = true;
                }
                ignore(p, "%s", why);
                return 0;
        }

        s = strip(line);
        return *s == '[' ? parse_header(p, s) : parse_assignment(p, s);
}

int ini_parse(const char *file, const char *data, size_t size, ini_entry_t entry, ini_error_t error,
              void *error_userdata, void *entry_userdata)
{
        struct parser p = {.file = file,
                           .entry = entry,
                           .error = error,
                           .error_userdata = error_userdata,
                           .entry_userdata = entry_userdata};
        const char *end;
        int r;

        if (size == 0)
                return 0;
        if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
                data += 3;
                size -= 3;
        }

        end = data + size;
        while (data < end) {
                const char *newline = memchr(data, '\n', (size_t)(end - data));

                p.line++;
                r = parse_line(&p, data, (size_t)((newline ?: end) - data));
                if (r < 0)
                        return r;
                data = newline ? newline + 1 : end;
        }

        return p.n_ignored;
}
