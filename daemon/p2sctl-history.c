/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl history: how voice fared in the last 10 minutes. */
#include "p2sctl-json.h"
#include "p2sctl-sample.h"
#include "p2sctl-table.h"
#include "p2sctl-text.h"
#include "p2sctl.h"
#include "units.h"

static void add_row(Table *t, const struct ctl_sample *s)
{
        char text[UNITS_MAX], time[SAMPLE_TIME_MAX];

        sample_format_time(time, s->time_usec);
        table_add(t, time);
        table_add(t, s->mode);
        table_addf(t, "%" PRIu64, s->calls);
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++) {
                const struct sample_figures *f = &s->figures[d][SAMPLE_VOICE];

                table_add(t, units_format_bps(text, f->bitrate_bps));
                /* 0 is what a class without a flow has. */
                table_add(t, f->jitter_usec > 0 ? units_format_usec(text, f->jitter_usec) : "-");
                (void)snprintf(text, sizeof(text), "%" PRIu64, f->lost);
                table_add_painted(t, f->lost > 0 ? PAINT_RED : PAINT_NONE, text);
        }
}

/* The rows of one link; *seen names those that are done. */
static int print_link(const Ctl *c, const Value *rows, const char *link)
{
        static const char *const headers[] = {"TIME",    "MODE",  ">CALLS",      ">VOICE UP",
                                              ">JITTER", ">LOST", ">VOICE DOWN", ">JITTER",
                                              ">LOST",   NULL};
        _cleanup_(table_freep) Table *t = NULL;
        int r;

        r = text_print(stdout, c->utf8, "%s", link);
        if (r < 0)
                return r;
        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(rows); i++) {
                struct ctl_sample s;

                if (sample_read(value_at(rows, i), &s) >= 0 && streq(s.link, link))
                        add_row(t, &s);
        }
        return table_print(t, stdout, 0);
}

/* Whether a row before this one is of the same link. */
static bool seen_before(const Value *rows, size_t i, const char *link)
{
        struct ctl_sample s;

        while (i-- > 0)
                if (sample_read(value_at(rows, i), &s) >= 0 && streq(s.link, link))
                        return true;
        return false;
}

int verb_history(Ctl *c, int argc, char **argv)
{
        _cleanup_(value_freep) Value *reply = NULL;
        const char *link = argc > 1 ? argv[1] : "", *last = c->option[OPT_LAST];
        uint64_t span, since = 0, now = now_usec();
        struct ctl_sample s;
        size_t links = 0;
        int r;

        if (last) {
                r = units_parse_span(last, &span);
                if (r < 0 || span == 0)
                        return ctl_refuse(c, CTL_USAGE,
                                          "--last %s: say a span of time like 30s or 5min", last);
                since = span < now ? now - span : 0;
        }
        r = *link ? ctl_subject(c, "history of %s", link) : ctl_subject(c, "history");
        if (r < 0)
                return r;
        r = ctl_call(c, false, "GetHistory", &reply, "st", link, since);
        if (r < 0)
                return r;
        if (value_count(reply) != 1 || reply->items[0]->type != VALUE_ARRAY)
                return -EBADMSG;

        if (c->json) {
                r = sample_name(reply->items[0]);
                if (r < 0)
                        return r;
                json_print(stdout, reply->items[0], true);
                return 0;
        }
        for (size_t i = 0; i < value_count(reply->items[0]); i++) {
                if (sample_read(value_at(reply->items[0], i), &s) < 0 ||
                    seen_before(reply->items[0], i, s.link))
                        continue;
                if (links++ > 0)
                        (void)fputc('\n', stdout);
                r = print_link(c, reply->items[0], s.link);
                if (r < 0)
                        return r;
        }
        if (links == 0)
                (void)puts("No samples; p2sd keeps them while the mode is not off and a link is "
                           "managed.");
        return 0;
}
