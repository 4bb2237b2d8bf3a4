/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl log: samples for a file or another program, as CSV (RFC 4180) or as JSON,
 * one object a line. */
#include "p2sctl-json.h"
#include "p2sctl-stream.h"

struct log {
        Ctl *ctl;
        const char *link; /* NULL: all */
};

/* "2026-11-22T10:00:00.123Z" (RFC 3339): the end of the sample's interval. */
#define TIMESTAMP_MAX 32
static void format_timestamp(char buf[static TIMESTAMP_MAX], uint64_t time_usec)
{
        uint64_t now = now_usec(), at;
        struct timespec ts;
        struct tm tm;
        char seconds[24];
        time_t when;

        (void)clock_gettime(CLOCK_REALTIME, &ts);
        at = (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC -
             (now - MIN(now, time_usec));
        when = (time_t)(at / USEC_PER_SEC);
        if (!gmtime_r(&when, &tm) ||
            strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
                seconds[0] = '\0';
        (void)snprintf(buf, TIMESTAMP_MAX, "%s.%03uZ", seconds,
                       (unsigned)(at % USEC_PER_SEC / USEC_PER_MSEC));
}

static const char *const figure_names[] = {"bitrate_bps", "packets",     "drops",
                                           "lost",        "jitter_usec", "backlog_bytes"};

static void print_header(void)
{
        (void)fputs("time,link,interval_usec,mode,calls", stdout);
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++)
                for (size_t k = 0; k < SAMPLE_CLASSES; k++)
                        for (size_t i = 0; i < ELEMENTSOF(figure_names); i++)
                                (void)printf(",%s_%s_%s", sample_direction_names[d],
                                             sample_class_names[k], figure_names[i]);
        (void)fputs("\r\n", stdout);
}

/* In quotes where it needs them. */
static void print_text(const char *s)
{
        if (!strpbrk(s, ",\"\r\n")) {
                (void)fputs(s, stdout);
                return;
        }
        (void)fputc('"', stdout);
        for (; *s != '\0'; s++) {
                if (*s == '"')
                        (void)fputc('"', stdout);
                (void)fputc(*s, stdout);
        }
        (void)fputc('"', stdout);
}

static void print_row(const struct ctl_sample *s)
{
        char time[TIMESTAMP_MAX];

        format_timestamp(time, s->time_usec);
        (void)printf("%s,", time);
        print_text(s->link);
        (void)printf(",%" PRIu64 ",", s->interval_usec);
        print_text(s->mode);
        (void)printf(",%" PRIu64, s->calls);
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++)
                for (size_t k = 0; k < SAMPLE_CLASSES; k++) {
                        const struct sample_figures *f = &s->figures[d][k];

                        (void)printf(",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                                     ",%" PRIu64,
                                     f->bitrate_bps, f->packets, f->drops, f->lost, f->jitter_usec,
                                     f->backlog_bytes);
                }
        (void)fputs("\r\n", stdout);
}

static int print_object(const struct ctl_sample *s, Value *row)
{
        char time[TIMESTAMP_MAX];
        Value *text;
        int r;

        /* before the row's strings move */
        format_timestamp(time, s->time_usec);
        r = sample_name(row);
        if (r < 0)
                return r;
        r = value_new(VALUE_STRING, time, &text);
        if (r >= 0)
                r = value_add(row, "Time", text);
        if (r < 0)
                return r;
        json_print(stdout, row, false);
        return 0;
}

static int on_begun(bool again, void *userdata)
{
        const struct log *l = userdata;

        if (again)
                (void)fputs("p2sctl: p2sd is back\n", stderr);
        else if (!l->ctl->json)
                print_header();
        return fflush(stdout) == 0 ? 0 : -errno;
}

static int on_sample(const struct ctl_sample *s, Value *row, void *userdata)
{
        const struct log *l = userdata;

        if (l->link && !streq(s->link, l->link))
                return 0;
        if (l->ctl->json) {
                int r = print_object(s, row);

                if (r < 0)
                        return r;
        } else
                print_row(s);
        /* Whoever reads a pipe wants it now; a full disk is told at once. */
        return fflush(stdout) == 0 ? 0 : -errno;
}

static int on_gone(void *userdata)
{
        (void)fputs("p2sctl: p2sd has gone away; waiting for it to return\n", stderr);
        return 0;
}

int verb_log(Ctl *c, int argc, char **argv)
{
        static const struct stream_handler handler = {on_begun, on_sample, on_gone, NULL};
        struct log l = {.ctl = c, .link = c->option[OPT_LINK]};
        uint64_t interval_usec;
        sd_event *event;
        int r;

        if (c->json && c->option[OPT_CSV])
                return ctl_refuse(c, CTL_USAGE, "--csv and --json: say one of them");
        r = stream_interval(c, &interval_usec);
        if (r < 0)
                return r;
        r = l.link ? ctl_subject(c, "log of %s", l.link) : ctl_subject(c, "log");
        if (r < 0)
                return r;
        r = sd_event_new(&event);
        if (r < 0)
                return r;
        r = stream_run(c, event, interval_usec, &handler, &l);
        sd_event_unref(event);
        return r;
}
