/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-json.h"

#include <inttypes.h>
#include <math.h>

#include "p2sctl-text.h"

static void print_string(FILE *f, const char *s)
{
        (void)fputc('"', f);
        while (*s) {
                const char *start = s;
                uint32_t c = text_next(&s);

                if (c == '"' || c == '\\')
                        (void)fprintf(f, "\\%c", (int)c);
                else if (c >= 0x10000 && text_hostile(c))
                        (void)fprintf(f, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10 & 0x3ff),
                                      0xdc00 + (c & 0x3ff));
                else if (text_hostile(c))
                        (void)fprintf(f, "\\u%04x", c);
                else
                        (void)fwrite(start, 1, (size_t)(s - start), f);
        }
        (void)fputc('"', f);
}

/* The shortest of the two forms that reads back as the same number: 4.1, not
 * 4.0999999999999996. */
static void print_double(FILE *f, double d)
{
        char text[32];

        (void)snprintf(text, sizeof(text), "%.15g", d);
        if (strtod(text, NULL) < d || strtod(text, NULL) > d)
                (void)snprintf(text, sizeof(text), "%.17g", d);
        (void)fputs(text, f);
}

static void new_line(FILE *f, bool indented, unsigned depth)
{
        if (indented)
                (void)fprintf(f, "\n%*s", (int)(2 * depth), "");
}

static void print_value(FILE *f, const Value *v, bool indented, unsigned depth)
{
        switch (v->type) {
        case VALUE_NULL:
                (void)fputs("null", f);
                return;
        case VALUE_BOOL:
                (void)fputs(v->b ? "true" : "false", f);
                return;
        case VALUE_INT:
                (void)fprintf(f, "%" PRIi64, v->i);
                return;
        case VALUE_UINT:
                (void)fprintf(f, "%" PRIu64, v->u);
                return;
        case VALUE_DOUBLE:
                /* JSON has no NaN and no infinity. */
                if (isfinite(v->d))
                        print_double(f, v->d);
                else
                        (void)fputs("null", f);
                return;
        case VALUE_STRING:
                print_string(f, v->s);
                return;
        case VALUE_ARRAY:
        case VALUE_STRUCT:
        case VALUE_DICT:
                break;
        }

        (void)fputc(v->type == VALUE_DICT ? '{' : '[', f);
        for (size_t i = 0; i < v->n; i++) {
                if (i > 0)
                        (void)fputc(',', f);
                new_line(f, indented, depth + 1);
                if (v->type == VALUE_DICT) {
                        print_string(f, v->keys[i]);
                        (void)fputs(indented ? ": " : ":", f);
                }
                print_value(f, v->items[i], indented, depth + 1);
        }
        if (v->n > 0)
                new_line(f, indented, depth);
        (void)fputc(v->type == VALUE_DICT ? '}' : ']', f);
}

void json_print(FILE *f, const Value *v, bool indented)
{
        print_value(f, v, indented, 0);
        (void)fputc('\n', f);
}
