/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl link: the links p2sd manages, and at what rates. */
#include <strings.h>

#include "p2sctl.h"
#include "units.h"

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
        if (c->option[OPT_REMOVE]) {
                c->hint = "'p2sctl link' lists those it does";
                return ctl_call(c, true, "UnsetLink", NULL, "s", name);
        }
        return change ? set(c, name) : link_show(c, name);
}
