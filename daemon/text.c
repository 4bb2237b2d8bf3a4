/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "text.h"

#define QUOTE_MAX 40u

char *text_quote(const char *s)
{
        size_t n = strnlen(s, QUOTE_MAX + 1);
        bool cut = n > QUOTE_MAX;
        char *out, *p;

        if (cut)
                /* not through the middle of a UTF-8 sequence */
                for (n = QUOTE_MAX; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80;)
                        n--;
        out = malloc(n * 4 + sizeof "“”…");
        if (!out)
                return NULL;
        p = stpcpy(out, "“");
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)s[i];

                if (c < 0x20 || c == 0x7f)
                        p += sprintf(p, "\\x%02x", c);
                else
                        *p++ = (char)c;
        }
        if (cut)
                p = stpcpy(p, "…");
        (void)stpcpy(p, "”");
        return out;
}

int text_set(char **ret, const char *format, ...)
{
        char *s = NULL;
        va_list ap;
        int r;

        if (!ret)
                return 0;
        va_start(ap, format);
        r = vasprintf(&s, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;
        free(*ret);
        *ret = s;
        return 0;
}
