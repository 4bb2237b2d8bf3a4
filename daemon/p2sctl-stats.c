/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl stats: totals by class and direction. */
#include "p2sctl-json.h"
#include "p2sctl-table.h"
#include "p2sctl-text.h"
#include "p2sctl.h"
#include "units.h"

int verb_stats(Ctl *c, int argc, char **argv)
{
        static const char *const headers[] = {"DIRECTION", "CLASS",    ">PACKETS", ">SIZE",
                                              ">MARKED",   ">DROPPED", ">WAITING", NULL};
        static const char *const counters[] = {"Marks", "Drops"};
        _cleanup_(value_freep) Value *reply = NULL;
        _cleanup_(table_freep) Table *t = NULL;
        const Value *stats, *classes;
        uint64_t since, now = now_usec();
        char text[UNITS_MAX];
        int r;

        r = ctl_subject(c, "stats");
        if (r < 0)
                return r;
        r = ctl_call(c, false, "GetStats", &reply, NULL);
        if (r < 0)
                return r;
        stats = value_at(reply, 0);
        if (!stats)
                return -EBADMSG;
        if (c->json) {
                json_print(stdout, stats, true);
                return 0;
        }

        classes = value_get(stats, "Classes");
        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(classes); i++) {
                const Value *row = value_at(classes, i);

                table_add(t, value_get_string(row, "Direction", "?"));
                table_add(t, value_get_string(row, "Class", "?"));
                table_addf(t, "%" PRIu64, value_get_uint(row, "Packets", 0));
                table_add(t, units_format_bytes(text, value_get_uint(row, "Bytes", 0)));
                for (size_t k = 0; k < ELEMENTSOF(counters); k++)
                        table_addf(t, "%" PRIu64, value_get_uint(row, counters[k], 0));
                table_add(t, units_format_bytes(text, value_get_uint(row, "BacklogBytes", 0)));
        }
        r = table_print(t, stdout, 0);
        if (r < 0)
                return r;

        since = value_get_uint(stats, "SinceUsec", UINT64_MAX);
        if (since > now)
                return 0;
        return text_print(stdout, c->utf8, "Counted for %s.", units_format_usec(text, now - since));
}
