/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl link: the links p2sd manages, and at what rates. */
#include <strings.h>

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
                {"UplinkBps", "Uplink"},
                {"DownlinkBps", "Downlink"},
                {"Outgoing", "Outgoing"},
                {"Incoming", "Incoming"},
                {"TrustIncomingDscp", "Trust DSCP"},
                {"Qdisc", "Qdisc"},
                {"Aqm", "AQM"},
                {"Ifb", "IFB"},
                {"Xdp", "XDP"},
        };
        const Value *degraded = value_get(link, "Degraded");
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
                if (v->type == VALUE_UINT)
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
        for (size_t i = 0; i < value_count(degraded); i++) {
                r = text_print(stdout, c->utf8, "Degraded:    %s",
                               value_string(value_at(degraded, i), "?"));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int show(Ctl *c, const char *name)
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

/* *rate: the option's, or what it was when the option was not given. */
static int parse_rate(Ctl *c, enum ctl_option option, const char *name, uint64_t *rate)
{
        const char *text = c->option[option];
        int r;

        if (!text)
                return 0;
        r = units_parse_rate(text, rate);
        if (r == -ERANGE)
                return ctl_refuse(c, CTL_USAGE,
                                  "%s %s: a rate lies between 64 kbit/s and 100 Gbit/s; "
                                  "say 'unknown' for one that is not known",
                                  name, text);
        if (r < 0)
                return ctl_refuse(c, CTL_USAGE,
                                  "%s %s: not a rate; write bits per second like 9.5M, 500k or "
                                  "unknown",
                                  name, text);
        return 0;
}

static int parse_yes(Ctl *c, const char *name, const char *text, bool *ret)
{
        static const char *const yes[] = {"yes", "true", "on", "1"};
        static const char *const no[] = {"no", "false", "off", "0"};

        for (size_t i = 0; i < ELEMENTSOF(yes); i++)
                if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
                        *ret = strcasecmp(text, yes[i]) == 0;
                        return 0;
                }
        return ctl_refuse(c, CTL_USAGE, "%s %s: say yes or no", name, text);
}

/* SetLink takes everything at once: what was not given stays as it is. */
static int set(Ctl *c, const char *name)
{
        static const char trust_option[] = "trust-incoming-dscp";
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(value_freep) Value *properties = NULL;
        const char *trust_text = c->option[OPT_TRUST_INCOMING_DSCP];
        uint64_t uplink = 0, downlink = 0;
        const Value *link, *trust_now;
        bool trust = false;
        int r;

        /* A wrong word is told before anything is asked of the service. */
        r = parse_rate(c, OPT_UPLINK, "--uplink", &uplink);
        if (r >= 0)
                r = parse_rate(c, OPT_DOWNLINK, "--downlink", &downlink);
        if (r >= 0 && trust_text)
                r = parse_yes(c, "--trust-incoming-dscp", trust_text, &trust);
        if (r < 0)
                return r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        link = value_find(value_get(properties, "Links"), "Name", name);
        if (!c->option[OPT_UPLINK])
                uplink = value_get_uint(link, "UplinkBps", 0);
        if (!c->option[OPT_DOWNLINK])
                downlink = value_get_uint(link, "DownlinkBps", 0);
        trust_now = value_get(link, "TrustIncomingDscp");
        if (!trust_text && trust_now && trust_now->type == VALUE_BOOL)
                trust = trust_now->b;

        r = ctl_new_call(c, "SetLink", &m);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "stt", name, uplink, downlink);
        if (r < 0)
                return r;
        if (trust_text || trust_now)
                r = sd_bus_message_append(m, "a{sv}", 1, trust_option, "b", (int)trust);
        else
                r = sd_bus_message_append(m, "a{sv}", 0);
        if (r < 0)
                return r;
        return ctl_send(c, m, true, NULL);
}

int verb_link(Ctl *c, int argc, char **argv)
{
        const char *name = argc > 1 ? argv[1] : NULL;
        bool change = c->option[OPT_UPLINK] || c->option[OPT_DOWNLINK] ||
                      c->option[OPT_TRUST_INCOMING_DSCP];
        int r;

        if (!name && (change || c->option[OPT_REMOVE]))
                return ctl_refuse(c, CTL_USAGE,
                                  "which link? say 'p2sctl link NAME ...', or auto for the one "
                                  "with the default route");
        if (change && c->option[OPT_REMOVE])
                return ctl_refuse(c, CTL_USAGE, "--remove goes alone");
        if (name) {
                r = ctl_subject(c, "link %s", name);
                if (r < 0)
                        return r;
        }
        if (c->option[OPT_REMOVE])
                return ctl_call(c, true, "UnsetLink", NULL, "s", name);
        return change ? set(c, name) : show(c, name);
}
