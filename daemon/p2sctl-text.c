/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-text.h"

#include <stdarg.h>
#include <wchar.h>

#define REPLACEMENT 0xfffdu

uint32_t text_next(const char **s)
{
        const unsigned char *p = (const unsigned char *)*s;
        uint32_t c;
        unsigned more;

        if (p[0] < 0x80) {
                (*s)++;
                return p[0];
        }
        if (p[0] >= 0xc2 && p[0] <= 0xdf) {
                more = 1;
                c = p[0] & 0x1fu;
        } else if ((p[0] & 0xf0) == 0xe0) {
                more = 2;
                c = p[0] & 0x0fu;
        } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
                more = 3;
                c = p[0] & 0x07u;
        } else {
                (*s)++;
                return REPLACEMENT;
        }
        for (unsigned i = 1; i <= more; i++) {
                if ((p[i] & 0xc0) != 0x80) {
                        (*s)++;
                        return REPLACEMENT;
                }
                c = c << 6 | (p[i] & 0x3fu);
        }
        /* Over-long forms are refused (RFC 3629 section 3). */
        if ((more == 2 && c < 0x800) || (more == 3 && c < 0x10000)) {
                (*s)++;
                return REPLACEMENT;
        }
        *s += more + 1;
        return c;
}

bool text_hostile(uint32_t c)
{
        static const struct {
                uint32_t first, last;
        } hostile[] = {
                {0x0000, 0x001f},   /* C0 */
                {0x007f, 0x009f},   /* DEL, C1 */
                {0x00ad, 0x00ad},   /* soft hyphen */
                {0x061c, 0x061c},   /* Arabic letter mark */
                {0x180e, 0x180e},   /* Mongolian vowel separator */
                {0x200b, 0x200f},   /* zero width, direction marks */
                {0x2028, 0x202e},   /* line separators, bidi embeddings and overrides */
                {0x2060, 0x206f},   /* invisible operators, bidi isolates */
                {0xd800, 0xdfff},   /* surrogates */
                {0xfeff, 0xfeff},   /* byte order mark */
                {0xfff9, 0xfffb},   /* interlinear annotation */
                {0xe0000, 0xe0fff}, /* tags */
        };

        for (size_t i = 0; i < ELEMENTSOF(hostile); i++)
                if (c >= hostile[i].first && c <= hostile[i].last)
                        return true;
        return c > 0x10ffff;
}

int text_safe(const char *s, bool utf8, char **ret)
{
        _cleanup_free_ char *safe = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&safe, &size);

        if (!f)
                return -ENOMEM;
        while (*s) {
                const char *start = s;
                uint32_t c = text_next(&s);

                if (c == '\n' || c == '\t')
                        (void)fputc(' ', f);
                else if (text_hostile(c))
                        (void)fprintf(f, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
                else if (c < 0x80)
                        (void)fputc((int)c, f);
                else if (!utf8)
                        (void)fputc(c == 0xb5 ? 'u' : '?', f);
                else if (c == REPLACEMENT)
                        (void)fputs("\xef\xbf\xbd", f);
                else
                        (void)fwrite(start, 1, (size_t)(s - start), f);
        }
        /* safe is written by fclose(). */
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(safe);
        return 0;
}

int text_print(FILE *f, bool utf8, const char *format, ...)
{
        _cleanup_free_ char *text = NULL, *safe = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                return -ENOMEM;
        }
        r = text_safe(text, utf8, &safe);
        if (r < 0)
                return r;
        (void)fprintf(f, "%s\n", safe);
        return 0;
}

/* Columns of one character; what the locale does not know takes one. */
static size_t character_width(uint32_t c)
{
        int w = wcwidth((wchar_t)c);

        return w < 0 ? 1 : (size_t)w;
}

size_t text_width(const char *s)
{
        size_t width = 0;

        while (*s)
                width += character_width(text_next(&s));
        return width;
}

int text_shorten(const char *s, size_t columns, bool utf8, char **ret)
{
        const char *end = s, *next = s;
        size_t width = 0;
        char *cut;

        if (text_width(s) <= columns) {
                cut = strdup(s);
        } else {
                while (*next) {
                        width += character_width(text_next(&next));
                        if (width + 1 > columns)
                                break;
                        end = next;
                }
                if (asprintf(&cut, "%.*s%s", (int)(end - s), s, utf8 ? "…" : "~") < 0)
                        cut = NULL;
        }
        if (!cut)
                return -ENOMEM;
        *ret = cut;
        return 0;
}

const char *text_spark(uint64_t value, uint64_t max, bool utf8)
{
        static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
        static const char *const ascii[] = {"_", ".", ".", "-", "-", "=", "=", "#"};
        size_t i = 0;

        if (max > 0)
                i = (size_t)((double)MIN(value, max) / (double)max * 7 + 0.5);
        return (utf8 ? blocks : ascii)[i];
}
