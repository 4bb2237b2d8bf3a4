/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links p2sd manages, as a table or one in detail. */
#include "p2sctl-json.h"
#include "p2sctl-table.h"
#include "p2sctl-text.h"
#include "p2sctl.h"
#include "units.h"

static const char *state_paint(const char *state)
{
        if (streq(state, "active"))
                return PAINT_GREEN;
        if (streq(state, "failed") || streq(state, "busy"))
                return PAINT_RED;
        return PAINT_YELLOW;
}

/* What an administrator should know about this link, in one line; "" for nothing. */
static int remark(const Value *link, char **ret)
{
        _cleanup_free_ char *text = NULL;
        const Value *degraded = value_get(link, "Degraded");
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        (void)fputs(value_get_string(link, "Reason", ""), f);
        if (streq(value_get_string(link, "RatesFrom", ""), "none") && value_get(link, "Network"))
                (void)fprintf(f,
                              "%sthe rates of this network (%s) are not known: 'p2sctl link %s "
                              "--uplink RATE --downlink RATE' sets them",
                              ftell(f) > 0 ? "; " : "", value_get_string(link, "NetworkName", "?"),
                              value_get_string(link, "Name", "auto"));
        for (size_t i = 0; i < value_count(degraded); i++)
                (void)fprintf(f, "%s%s",
                              i > 0          ? ", "
                              : ftell(f) > 0 ? "; degraded: "
                                             : "degraded: ",
                              value_string(value_at(degraded, i), "?"));
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

int link_table(const Ctl *c, const Value *links, unsigned indent)
{
        static const char *const headers[] = {"*LINK",    "STATE",    "UPLINK", "DOWNLINK",
                                              "OUTGOING", "INCOMING", NULL};
        _cleanup_(table_freep) Table *t = NULL;
        int r;

        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(links); i++) {
                const Value *link = value_at(links, i);
                const char *name = value_get_string(link, "Name", "?");
                const char *interface = value_get_string(link, "Interface", name);
                const char *state = value_get_string(link, "State", "unknown");
                _cleanup_free_ char *note = NULL;
                char rate[UNITS_MAX];

                r = remark(link, &note);
                if (r < 0)
                        return r;
                if (streq(name, interface))
                        table_add(t, name);
                else
                        table_addf(t, "%s (%s)", name, interface);
                table_add_painted(t, state_paint(state), state);
                table_add(t, units_format_rate(rate, value_get_uint(link, "UplinkBps", 0)));
                table_add(t, units_format_rate(rate, value_get_uint(link, "DownlinkBps", 0)));
                table_add(t, value_get_string(link, "Outgoing", "none"));
                table_add(t, value_get_string(link, "Incoming", "none"));
                table_note(t, note);
        }
        return table_print(t, stdout, indent);
}

/* The link of this name or, failing that, the one on this interface. */
static const Value *find_link(const Value *properties, const char *name)
{
        const Value *links = value_get(properties, "Links");
        const Value *link = value_find(links, "Name", name);

        return link ? link : value_find(links, "Interface", name);
}

/* "Key:  value" for each key that the link has. */
static int print_details(const Ctl *c, const Value *link)
{
        static const struct {
                const char *key, *label;
        } lines[] = {
                {"Interface", "Interface"},
                {"State", "State"},
                {"Reason", "Reason"},
                {"NetworkName", "Network"},
                {"Network", "Network ID"},
                {"UplinkBps", "Uplink"},
                {"DownlinkBps", "Downlink"},
                {"RatesFrom", "Rates from"},
                {"Outgoing", "Outgoing"},
                {"Incoming", "Incoming"},
                {"Shaping", "Shaping"},
                {"When", "When"},
                {"LinkLayer", "Link layer"},
                {"Overhead", "Overhead"},
                {"TrustIncomingDscp", "Trust DSCP"},
                {"UseXdp", "Use XDP"},
                {"Force", "Force"},
                {"Displaced", "Displaced"},
                {"Carrier", "Carrier"},
                {"Qdisc", "Qdisc"},
                {"Aqm", "AQM"},
                {"Ifb", "IFB"},
                {"Xdp", "XDP"},
        };
        const struct {
                const char *key, *label;
        } lists[] = {{"Notes", "Note:"}, {"Degraded", "Degraded:"}};
        int r;

        r = text_print(stdout, c->utf8, "Link:        %s", value_get_string(link, "Name", "?"));
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                const Value *v = value_get(link, lines[i].key);
                const char *text = value_string(v, NULL);
                char rate[UNITS_MAX];

                if (!v)
                        continue;
                if (v->type == VALUE_INT) {
                        (void)snprintf(rate, sizeof(rate), "%" PRId64 " B", v->i);
                        text = rate;
                } else if (v->type == VALUE_UINT)
                        text = units_format_rate(rate, v->u);
                else if (v->type == VALUE_BOOL)
                        text = v->b ? "yes" : "no";
                if (!text)
                        continue;
                r = text_print(stdout, c->utf8, "%s:%*s %s", lines[i].label,
                               (int)(11 - strlen(lines[i].label)), "", text);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                const Value *list = value_get(link, lists[i].key);

                for (size_t k = 0; k < value_count(list); k++) {
                        r = text_print(stdout, c->utf8, "%-12s %s", lists[i].label,
                                       value_string(value_at(list, k), "?"));
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int link_show(Ctl *c, const char *name)
{
        _cleanup_(value_freep) Value *properties = NULL;
        const Value *links, *link;
        int r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        if (name) {
                link = find_link(properties, name);
                if (!link)
                        return ctl_refuse(c, CTL_FAILED,
                                          "link %s: p2sd does not manage it; "
                                          "'p2sctl link %s --uplink RATE --downlink RATE' "
                                          "makes it",
                                          name, name);
                if (!c->json)
                        return print_details(c, link);
                json_print(stdout, link, true);
                return 0;
        }

        links = value_get(properties, "Links");
        if (c->json) {
                if (links)
                        json_print(stdout, links, true);
                else
                        (void)puts("[]");
                return 0;
        }
        if (value_count(links) == 0) {
                (void)puts("No link is managed; 'p2sctl link auto --uplink RATE --downlink RATE' "
                           "adds one.");
                return 0;
        }
        return link_table(c, links, 0);
}
