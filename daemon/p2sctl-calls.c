/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl calls: who talks to whom, and how well. */
#include "mos-bands.h"
#include "p2sctl-json.h"
#include "p2sctl-sample.h"
#include "p2sctl-table.h"
#include "p2sctl-text.h"
#include "p2sctl.h"
#include "units.h"

static void add_flow(Table *t, const Value *flow)
{
        uint64_t jitter = value_get_uint(flow, "JitterUsec", 0);
        int64_t lost = value_int(value_get(flow, "Lost"), 0);
        uint64_t expected = value_get_uint(flow, "Expected", 0);
        double mos = value_double(value_get(flow, "Mos"), 0);
        char text[UNITS_MAX];

        table_add(t, value_get_string(flow, "Direction", "?"));
        table_add(t, value_get_string(flow, "Class", "?"));
        table_add(t, value_get_string(flow, "Rule", "?"));
        table_add(t, value_get_string(flow, "Codec", "-"));
        table_add(t, units_format_bps(text, value_get_uint(flow, "BitrateBps", 0)));
        table_add_painted(t, sample_jitter_paint(jitter), units_format_usec(text, jitter));
        if (expected > 0 && lost > 0)
                (void)snprintf(text, sizeof(text), "%.1f %%",
                               100.0 * (double)lost / (double)expected);
        else
                (void)snprintf(text, sizeof(text), "%s", expected > 0 ? "0" : "-");
        table_add_painted(t, expected > 0 && lost > 0 ? PAINT_RED : PAINT_NONE, text);
        if (mos > 0)
                (void)snprintf(text, sizeof(text), "%.1f", mos);
        else
                (void)snprintf(text, sizeof(text), "-");
        table_add_painted(t,
                          mos > 0 && mos < MOS_POOR   ? PAINT_RED
                          : mos > 0 && mos < MOS_FAIR ? PAINT_YELLOW
                                                      : PAINT_NONE,
                          text);
}

/* "192.0.2.1:5004", "[2001:db8::1]:5004". */
static int print_end(const Ctl *c, const char *label, const Value *call, const char *address_key,
                     const char *port_key)
{
        const char *address = value_get_string(call, address_key, "?");
        bool brackets = strchr(address, ':');

        return text_print(stdout, c->utf8, "  %s %s%s%s:%" PRIu64, label, brackets ? "[" : "",
                          address, brackets ? "]" : "", value_get_uint(call, port_key, 0));
}

static int print_call(const Ctl *c, const Value *call)
{
        static const char *const headers[] = {"DIRECTION", "CLASS", "RULE", "*CODEC", ">BITRATE",
                                              ">JITTER",   ">LOST", ">MOS", NULL};
        const char *process = value_get_string(call, "Process", NULL);
        const Value *pid = value_get(call, "ProcessId"), *flows = value_get(call, "Flows");
        _cleanup_(table_freep) Table *t = NULL;
        char duration[UNITS_MAX], number[32] = "";
        int r;

        if (process && pid)
                (void)snprintf(number, sizeof(number), " (%" PRIu64 ")", value_uint(pid, 0));
        r = text_print(stdout, c->utf8, "Call %" PRIu64 " on %s for %s%s%s%s",
                       value_get_uint(call, "Id", 0), value_get_string(call, "Link", "?"),
                       units_format_usec(duration, value_get_uint(call, "DurationUsec", 0)),
                       process ? ", " : "", process ? process : "", number);
        if (r >= 0)
                r = print_end(c, "local ", call, "LocalAddress", "LocalPort");
        if (r >= 0)
                r = print_end(c, "remote", call, "RemoteAddress", "RemotePort");
        if (r < 0)
                return r;
        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(flows); i++)
                add_flow(t, value_at(flows, i));
        return table_print(t, stdout, 2);
}

int verb_calls(Ctl *c, int argc, char **argv)
{
        _cleanup_(value_freep) Value *reply = NULL;
        const Value *calls;
        int r;

        r = ctl_subject(c, "calls");
        if (r < 0)
                return r;
        r = ctl_call(c, true, "GetCalls", &reply, NULL);
        if (r < 0)
                return r;
        calls = value_at(reply, 0);
        if (!calls)
                return -EBADMSG;
        if (c->json) {
                json_print(stdout, calls, true);
                return 0;
        }
        if (value_count(calls) == 0)
                (void)puts("No call is running.");
        for (size_t i = 0; i < value_count(calls); i++) {
                if (i > 0)
                        (void)fputc('\n', stdout);
                r = print_call(c, value_at(calls, i));
                if (r < 0)
                        return r;
        }
        return 0;
}
