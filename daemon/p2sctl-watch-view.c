/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-text.h"
#include "p2sctl-watch.h"
#include "text.h"
#include "units.h"

/* Columns of a row beside its two sparklines:
 * "  voice     9.5 Mbit/s  …   1.4 ms  …       0" */
#define CLASS_COLUMNS  7
#define RATE_COLUMNS   11
#define JITTER_COLUMNS 7
#define LOST_COLUMNS   7
#define FIXED_COLUMNS                                                                              \
        (2 + CLASS_COLUMNS + 2 + RATE_COLUMNS + 1 + 2 + JITTER_COLUMNS + 1 + LOST_COLUMNS)
#define SPARK_MIN 4u

/* Less jitter than this is drawn small, however little there was before: 1 ms is
 * no peak. */
#define JITTER_SCALE_MIN_USEC (10 * USEC_PER_MSEC)

static void print_painted(const Ctl *c, FILE *f, const char *paint, const char *text)
{
        if (paint && c->color)
                (void)fprintf(f, "\x1b[%sm%s\x1b[0m", paint, text);
        else
                (void)fputs(text, f);
}

/* Right-aligned, in columns rather than bytes. */
static int print_right(const Ctl *c, FILE *f, size_t width, const char *paint, const char *text)
{
        _cleanup_free_ char *safe = NULL;
        int r;

        r = text_safe(text, c->utf8, &safe);
        if (r < 0)
                return r;
        (void)fprintf(f, "%*s", (int)(width - MIN(width, text_width(safe))), "");
        print_painted(c, f, paint, safe);
        return 0;
}

/* A heading, painted, cut to the terminal. */
static int print_line(const Ctl *c, FILE *f, const char *paint, const char *text)
{
        _cleanup_free_ char *safe = NULL, *cut = NULL;
        int r;

        r = text_safe(text, c->utf8, &safe);
        if (r < 0)
                return r;
        r = text_shorten(safe, c->columns, c->utf8, &cut);
        if (r < 0)
                return r;
        print_painted(c, f, paint, cut);
        (void)fputc('\n', f);
        return 0;
}

static const char *class_paint(size_t class)
{
        static const char *const paints[SAMPLE_CLASSES] = {PAINT_GREEN, PAINT_BLUE, PAINT_DIM};

        return paints[class];
}

/* The last width samples, oldest first; blanks for what was before the first. */
static void print_sparkline(const Ctl *c, FILE *f, const struct watch_series *s,
                            enum sample_direction d, size_t class, size_t width, bool jitter)
{
        uint64_t max = jitter ? JITTER_SCALE_MIN_USEC : 1;

        for (size_t i = 0; i < width; i++) {
                const struct sample_figures *p = watch_series_at(s, i, d, class);

                if (p)
                        max = MAX(max, jitter ? p->jitter_usec : p->bitrate_bps);
        }
        for (size_t i = width; i-- > 0;) {
                const struct sample_figures *p = watch_series_at(s, i, d, class);
                uint64_t value = !p ? 0 : jitter ? p->jitter_usec : p->bitrate_bps;

                /* Nothing measured is not the same as nothing to see. */
                if (!p || (jitter && value == 0))
                        (void)fputc(' ', f);
                else
                        print_painted(c, f,
                                      jitter ? sample_jitter_paint(value) : class_paint(class),
                                      text_spark(value, max, c->utf8));
        }
}

static int print_class(const Ctl *c, FILE *f, const struct watch_series *s, enum sample_direction d,
                       size_t class, size_t spark)
{
        const struct sample_figures *now = watch_series_at(s, 0, d, class);
        char text[UNITS_MAX];
        int r;

        (void)fprintf(f, "  %-*s  ", CLASS_COLUMNS, sample_class_names[class]);
        r = print_right(c, f, RATE_COLUMNS, PAINT_NONE, units_format_bps(text, now->bitrate_bps));
        if (r < 0)
                return r;
        (void)fputc(' ', f);
        print_sparkline(c, f, s, d, class, spark, false);
        (void)fputs("  ", f);
        if (now->jitter_usec > 0)
                r = print_right(c, f, JITTER_COLUMNS, sample_jitter_paint(now->jitter_usec),
                                units_format_usec(text, now->jitter_usec));
        else
                r = print_right(c, f, JITTER_COLUMNS, PAINT_NONE, "-");
        if (r < 0)
                return r;
        (void)fputc(' ', f);
        print_sparkline(c, f, s, d, class, spark, true);
        (void)snprintf(text, sizeof(text), "%" PRIu64, s->lost[d][class]);
        r = print_right(c, f, LOST_COLUMNS, s->lost[d][class] > 0 ? PAINT_RED : PAINT_NONE, text);
        (void)fputc('\n', f);
        return r;
}

/* "eth0  active, 2 calls  up 9.5 Mbit/s, shaped  down 47.5 Mbit/s, shaped" */
static int describe(const struct watch_model *model, const struct watch_series *s, char **ret)
{
        const Value *links = value_get(model->properties, "Links");
        const Value *link = value_find(links, "Interface", s->link);
        char up[UNITS_MAX], down[UNITS_MAX];

        if (!link)
                link = value_find(links, "Name", s->link);
        if (!link)
                return text_set(ret, "%s", s->link);
        return text_set(ret, "%s  %s, %" PRIu64 " call%s  up %s, %s  down %s, %s", s->link,
                        value_get_string(link, "State", "unknown"), s->calls,
                        s->calls == 1 ? "" : "s",
                        units_format_rate(up, value_get_uint(link, "UplinkBps", 0)),
                        value_get_string(link, "Outgoing", "none"),
                        units_format_rate(down, value_get_uint(link, "DownlinkBps", 0)),
                        value_get_string(link, "Incoming", "none"));
}

static int draw_series(const Ctl *c, FILE *f, const struct watch_model *model,
                       const struct watch_series *s)
{
        _cleanup_free_ char *title = NULL;
        size_t columns = CLAMP(c->columns, 40u, 40u + 2 * WATCH_HISTORY);
        size_t spark =
                columns > FIXED_COLUMNS + 2 * SPARK_MIN ? (columns - FIXED_COLUMNS) / 2 : SPARK_MIN;
        int r;

        r = describe(model, s, &title);
        if (r < 0)
                return r;
        r = print_line(c, f, PAINT_BOLD, title);
        if (r < 0)
                return r;
        for (enum sample_direction d = 0; d < _SAMPLE_DIRECTION_MAX; d++) {
                (void)fprintf(f, "  %-8s %*s%*s%*s\n", sample_direction_names[d], RATE_COLUMNS,
                              "BITRATE", (int)spark + 1 + 2 + JITTER_COLUMNS, "JITTER",
                              (int)spark + 1 + LOST_COLUMNS, "LOST");
                for (size_t k = 0; k < SAMPLE_CLASSES; k++) {
                        r = print_class(c, f, s, d, k, spark);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int draw(const Ctl *c, const struct watch_model *model, FILE *f)
{
        _cleanup_free_ char *mode = NULL, *head = NULL;
        char time[SAMPLE_TIME_MAX];
        int r;

        sample_format_time(time, now_usec());
        r = mode_describe(model->properties, &mode);
        if (r < 0)
                return r;
        r = text_set(&head, "%s  mode %s", time, model->properties ? mode : "not known yet");
        if (r < 0)
                return r;
        r = print_line(c, f, PAINT_BOLD, head);
        if (r < 0)
                return r;
        if (!model->present) {
                r = print_line(c, f, PAINT_YELLOW, "p2sd has gone away; waiting for it to return");
                if (r < 0)
                        return r;
        } else if (model->properties && value_count(value_get(model->properties, "Links")) == 0) {
                r = print_line(c, f, PAINT_YELLOW,
                               "No link is managed; 'p2sctl link auto --uplink RATE "
                               "--downlink RATE' adds one.");
                if (r < 0)
                        return r;
        } else if (model->n == 0) {
                r = print_line(c, f, PAINT_DIM, "Waiting for the first figures");
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < model->n; i++) {
                (void)fputc('\n', f);
                r = draw_series(c, f, model, model->series[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

int watch_view_draw(const Ctl *c, const struct watch_model *model, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return -ENOMEM;
        r = draw(c, model, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        return 0;
}

void watch_view_plain_header(FILE *f)
{
        (void)fprintf(f, "%-8s %-7s %-7s %5s %11s %7s %4s %11s %7s %4s\n", "TIME", "LINK", "MODE",
                      "CALLS", "VOICE UP", "JITTER", "LOST", "VOICE DOWN", "JITTER", "LOST");
}

void watch_view_plain(FILE *f, bool utf8, const struct ctl_sample *s)
{
        char time[SAMPLE_TIME_MAX], rate[2][UNITS_MAX], jitter[2][UNITS_MAX];

        sample_format_time(time, s->time_usec);
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++) {
                const struct sample_figures *voice = &s->figures[d][SAMPLE_VOICE];

                (void)units_format_bps(rate[d], voice->bitrate_bps);
                if (voice->jitter_usec > 0)
                        (void)units_format_usec(jitter[d], voice->jitter_usec);
                else
                        (void)snprintf(jitter[d], UNITS_MAX, "-");
        }
        (void)text_print(f, utf8,
                         "%-8s %-7s %-7s %5" PRIu64 " %11s %7s %4" PRIu64 " %11s %7s %4" PRIu64,
                         time, s->link, s->mode, s->calls, rate[0], jitter[0],
                         s->figures[0][SAMPLE_VOICE].lost, rate[1], jitter[1],
                         s->figures[1][SAMPLE_VOICE].lost);
}
