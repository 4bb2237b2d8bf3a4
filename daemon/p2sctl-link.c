/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl link: the links p2sd manages, and at what rates on which networks. */
#include "link-options.h"
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

/* Whether one of a link's own options was given. */
static bool option_given(const Ctl *c)
{
        for (int i = 0; i < _LINK_OPTION_MAX; i++)
                if (c->option[OPT_TRUST_INCOMING_DSCP + i])
                        return true;
        return false;
}

static int parse_options(Ctl *c, struct link_options *ret)
{
        for (int i = 0; i < _LINK_OPTION_MAX; i++) {
                const char *text = c->option[OPT_TRUST_INCOMING_DSCP + i], *reason;
                _cleanup_free_ char *explained = NULL;

                if (!text ||
                    link_option_parse((enum link_option)i, text, &ret->of[i], &reason) >= 0)
                        continue;
                if (link_option_explain((enum link_option)i, &explained) < 0)
                        return -ENOMEM;
                return ctl_refuse(c, CTL_USAGE, "--%s %s: say %s", link_option_infos[i].name, text,
                                  explained);
        }
        return 0;
}

/* An option as it was given, or as it is: what an older p2sd does not name is left
 * to it. */
static int append_option(sd_bus_message *m, enum link_option option, const Value *now, bool given,
                         const struct link_options *options)
{
        const struct link_option_info *o = &link_option_infos[option];
        int number;

        switch (o->type) {
        case LINK_OPTION_BOOLEAN:
                if (given || (now && now->type == VALUE_BOOL))
                        return sd_bus_message_append(m, "{sv}", o->name, "b",
                                                     given ? options->of[option] : (int)now->b);
                return 0;
        case LINK_OPTION_WORD:
                if (given || value_string(now, NULL))
                        return sd_bus_message_append(m, "{sv}", o->name, "s",
                                                     given ? o->words[options->of[option]]
                                                           : value_string(now, NULL));
                return 0;
        case LINK_OPTION_NUMBER:
        default:
                if (given && !link_option_number(options, option, &number))
                        return 0; /* "auto": left out */
                if (given || now)
                        return sd_bus_message_append(m, "{sv}", o->name, "i",
                                                     given ? number : (int)value_int(now, 0));
                return 0;
        }
}

/* SetLink takes everything at once: what was not given stays as it is. */
static int set(Ctl *c, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(value_freep) Value *properties = NULL;
        struct link_options options = {0};
        uint64_t uplink = 0, downlink = 0;
        const Value *link;
        int r;

        /* A wrong word is told before anything is asked of the service. */
        r = parse_rate(c, OPT_UPLINK, "--uplink", &uplink);
        if (r >= 0)
                r = parse_rate(c, OPT_DOWNLINK, "--downlink", &downlink);
        if (r >= 0)
                r = parse_options(c, &options);
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

        r = ctl_new_call(c, "SetLink", &m);
        if (r >= 0)
                r = sd_bus_message_append(m, "stt", name, uplink, downlink);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        for (int i = 0; i < _LINK_OPTION_MAX && r >= 0; i++) {
                r = append_option(m, (enum link_option)i, value_get(link, link_option_infos[i].key),
                                  c->option[OPT_TRUST_INCOMING_DSCP + i], &options);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : ctl_send(c, m, true, NULL);
}

int verb_link(Ctl *c, int argc, char **argv)
{
        const char *name = argc > 1 ? argv[1] : NULL;
        bool change = c->option[OPT_UPLINK] || c->option[OPT_DOWNLINK] || option_given(c);
        const char *forget = c->option[OPT_FORGET];
        int r;

        if (change + !!c->option[OPT_REMOVE] + !!c->option[OPT_NETWORKS] + !!forget > 1)
                return ctl_refuse(c, CTL_USAGE, "--remove, --networks and --forget go alone");
        if (c->option[OPT_NETWORKS])
                return network_list(c, name);
        if (!name && forget)
                return ctl_refuse(c, CTL_USAGE,
                                  "on which interface? say 'p2sctl link INTERFACE --forget "
                                  "NETWORK', as 'p2sctl link --networks' shows them");
        if (!name && (change || c->option[OPT_REMOVE]))
                return ctl_refuse(c, CTL_USAGE,
                                  "which link? say 'p2sctl link NAME ...', or auto for the one "
                                  "with the default route");
        if (name) {
                r = ctl_subject(c, "link %s", name);
                if (r < 0)
                        return r;
        }
        if (forget)
                return network_forget(c, name, forget);
        if (c->option[OPT_REMOVE]) {
                c->hint = "'p2sctl link' lists those it does";
                return ctl_call(c, true, "UnsetLink", NULL, "s", name);
        }
        return change ? set(c, name) : link_show(c, name);
}
