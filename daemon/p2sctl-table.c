/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-table.h"

#include <stdarg.h>

#include "p2sctl-text.h"

#define GAP         2u /* spaces between columns */
#define ELASTIC_MIN 4u /* columns that a cut cell keeps */

struct cell {
        char *text;
        const char *paint;
        char *note; /* on the last cell of a row */
};

struct Table {
        const Ctl *ctl;
        const char *const *headers;
        size_t columns;
        struct cell *cells;
        size_t n;
        int error;
};

void table_free(Table *t)
{
        if (!t)
                return;
        for (size_t i = 0; i < t->n; i++) {
                free(t->cells[i].text);
                free(t->cells[i].note);
        }
        free(t->cells);
        free(t);
}

int table_new(const Ctl *c, const char *const headers[], Table **ret)
{
        Table *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        t->ctl = c;
        t->headers = headers;
        while (headers[t->columns])
                t->columns++;
        *ret = t;
        return 0;
}

void table_add_painted(Table *t, const char *paint, const char *text)
{
        _cleanup_free_ char *safe = NULL;
        struct cell *cells;

        if (t->error < 0)
                return;
        t->error = text_safe(text, t->ctl->utf8, &safe);
        if (t->error < 0)
                return;
        cells = reallocarray(t->cells, t->n + 1, sizeof(*cells));
        if (!cells) {
                t->error = -ENOMEM;
                return;
        }
        t->cells = cells;
        t->cells[t->n++] = (struct cell){.text = TAKE_PTR(safe), .paint = paint};
}

void table_add(Table *t, const char *text)
{
        table_add_painted(t, PAINT_NONE, text);
}

void table_addf(Table *t, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                t->error = -ENOMEM;
                return;
        }
        table_add(t, text);
}

void table_note(Table *t, const char *text)
{
        struct cell *last = t->n > 0 ? &t->cells[t->n - 1] : NULL;

        if (!last || *text == '\0' || t->error < 0)
                return;
        free(last->note);
        last->note = NULL;
        t->error = text_safe(text, t->ctl->utf8, &last->note);
}

/* A header without its mark. */
static const char *header_text(const Table *t, size_t column)
{
        const char *h = t->headers[column];

        return h + (*h == '>' || *h == '*');
}

/* Width of every column; the elastic one gives up what the terminal lacks. */
static void measure(const Table *t, unsigned indent, size_t *widths)
{
        size_t total = indent, elastic = SIZE_MAX, surplus;

        for (size_t k = 0; k < t->columns; k++) {
                widths[k] = text_width(header_text(t, k));
                for (size_t i = k; i < t->n; i += t->columns)
                        widths[k] = MAX(widths[k], text_width(t->cells[i].text));
                total += widths[k] + (k > 0 ? GAP : 0);
                if (t->headers[k][0] == '*')
                        elastic = k;
        }
        if (elastic == SIZE_MAX || total <= t->ctl->columns)
                return;
        surplus = total - t->ctl->columns;
        widths[elastic] =
                widths[elastic] > surplus + ELASTIC_MIN ? widths[elastic] - surplus : ELASTIC_MIN;
}

/* *pending: spaces due before the next visible character; none end a line. */
static int print_cell(const Table *t, FILE *f, size_t column, const char *text, const char *paint,
                      size_t width, int *pending)
{
        _cleanup_free_ char *cut = NULL;
        int padding, r;

        r = text_shorten(text, width, t->ctl->utf8, &cut);
        if (r < 0)
                return r;
        padding = (int)(width - MIN(width, text_width(cut)));

        if (t->headers[column][0] == '>') {
                *pending += padding;
                padding = 0;
        }
        if (*cut != '\0') {
                (void)fprintf(f, "%*s", *pending, "");
                *pending = 0;
                if (paint && t->ctl->color)
                        (void)fprintf(f, "\x1b[%sm%s\x1b[0m", paint, cut);
                else
                        (void)fputs(cut, f);
        }
        *pending += padding + (int)GAP;
        if (column + 1 == t->columns)
                (void)fputc('\n', f);
        return 0;
}

int table_print(const Table *t, FILE *f, unsigned indent)
{
        _cleanup_free_ size_t *widths = NULL;
        int pending = (int)indent, r;

        if (t->error < 0)
                return t->error;
        widths = calloc(t->columns, sizeof(*widths));
        if (!widths)
                return -ENOMEM;
        measure(t, indent, widths);

        for (size_t k = 0; k < t->columns; k++) {
                r = print_cell(t, f, k, header_text(t, k), PAINT_BOLD, widths[k], &pending);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < t->n; i++) {
                const struct cell *cell = &t->cells[i];
                size_t k = i % t->columns;

                if (k == 0)
                        pending = (int)indent;
                r = print_cell(t, f, k, cell->text, cell->paint, widths[k], &pending);
                if (r < 0)
                        return r;
                if (cell->note)
                        (void)fprintf(f, "%*s%s\n", (int)(indent + GAP), "", cell->note);
        }
        return 0;
}
