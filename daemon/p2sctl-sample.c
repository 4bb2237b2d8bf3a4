/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-sample.h"

#include "p2sctl-text.h"

#define JITTER_FAIR_USEC (20 * USEC_PER_MSEC)
#define JITTER_POOR_USEC (50 * USEC_PER_MSEC)

/* Where the arguments of Sample and the fields of GetHistory's rows stand. */
enum field {
        FIELD_LINK,
        FIELD_TIME,
        FIELD_INTERVAL,
        FIELD_MODE,
        FIELD_CALLS,
        FIELD_OUTGOING,
        FIELD_INCOMING,
        _FIELD_MAX,
};

const char *const sample_class_names[SAMPLE_CLASSES] = {"voice", "video", "general"};
const char *const sample_direction_names[_SAMPLE_DIRECTION_MAX] = {"outgoing", "incoming"};

static void read_figures(const Value *v, struct sample_figures *ret)
{
        *ret = (struct sample_figures){
                .bitrate_bps = value_uint(value_at(v, 0), 0),
                .packets = value_uint(value_at(v, 1), 0),
                .drops = value_uint(value_at(v, 2), 0),
                .lost = value_uint(value_at(v, 3), 0),
                .jitter_usec = value_uint(value_at(v, 4), 0),
                .backlog_bytes = value_uint(value_at(v, 5), 0),
        };
}

int sample_read(const Value *row, struct ctl_sample *ret)
{
        struct ctl_sample s = {};

        if (value_count(row) < _FIELD_MAX)
                return -EBADMSG;
        s.link = value_string(value_at(row, FIELD_LINK), NULL);
        s.mode = value_string(value_at(row, FIELD_MODE), NULL);
        if (!s.link || !s.mode)
                return -EBADMSG;
        s.time_usec = value_uint(value_at(row, FIELD_TIME), 0);
        s.interval_usec = value_uint(value_at(row, FIELD_INTERVAL), 0);
        s.calls = value_uint(value_at(row, FIELD_CALLS), 0);
        for (size_t k = 0; k < SAMPLE_CLASSES; k++) {
                read_figures(value_at(value_at(row, FIELD_OUTGOING), k),
                             &s.figures[SAMPLE_OUTGOING][k]);
                read_figures(value_at(value_at(row, FIELD_INCOMING), k),
                             &s.figures[SAMPLE_INCOMING][k]);
        }
        *ret = s;
        return 0;
}

static int name_figures(Value *classes)
{
        static const char *const fields[] = {"BitrateBps", "Packets",      "Drops", "Lost",
                                             "JitterUsec", "BacklogBytes", NULL};
        int r;

        r = value_name(classes, fields);
        if (r < 0)
                return r;
        for (size_t k = 0; k < SAMPLE_CLASSES && k < value_count(classes); k++) {
                Value *name = NULL;

                if (classes->items[k]->type != VALUE_DICT)
                        continue;
                r = value_new(VALUE_STRING, sample_class_names[k], &name);
                if (r < 0)
                        return r;
                r = value_add(classes->items[k], "Class", name);
                if (r < 0)
                        return r;
        }
        return 0;
}

int sample_name(Value *rows)
{
        static const char *const fields[] = {"Link",  "TimeUsec", "IntervalUsec", "Mode",
                                             "Calls", "Outgoing", "Incoming",     NULL};
        int r;

        if (rows->type == VALUE_ARRAY) {
                for (size_t i = 0; i < rows->n; i++) {
                        r = sample_name(rows->items[i]);
                        if (r < 0)
                                return r;
                }
                return 0;
        }
        for (size_t i = FIELD_OUTGOING; i <= FIELD_INCOMING && i < value_count(rows); i++) {
                r = name_figures(rows->items[i]);
                if (r < 0)
                        return r;
        }
        return value_name(rows, fields);
}

const char *sample_jitter_paint(uint64_t jitter_usec)
{
        return jitter_usec >= JITTER_POOR_USEC   ? PAINT_RED
               : jitter_usec >= JITTER_FAIR_USEC ? PAINT_YELLOW
                                                 : PAINT_GREEN;
}

void sample_format_time(char buf[static SAMPLE_TIME_MAX], uint64_t time_usec)
{
        /* Signed: the sample may end after the moment we look. */
        int64_t age = (int64_t)(now_usec() - time_usec) / (int64_t)USEC_PER_SEC;
        time_t when = time(NULL) - (time_t)age;
        struct tm tm;

        if (!localtime_r(&when, &tm) || strftime(buf, SAMPLE_TIME_MAX, "%H:%M:%S", &tm) == 0)
                (void)snprintf(buf, SAMPLE_TIME_MAX, "?");
}
