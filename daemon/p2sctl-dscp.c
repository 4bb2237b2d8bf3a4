/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl dscp: the DSCP values that are trusted to name a class. */
#include "dscp.h"
#include "p2sctl-json.h"
#include "p2sctl-table.h"
#include "p2sctl.h"

static int list(Ctl *c)
{
        static const char *const headers[] = {">DSCP", "CLASS", NULL};
        _cleanup_(value_freep) Value *properties = NULL;
        _cleanup_(table_freep) Table *t = NULL;
        const Value *dscps;
        int r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        dscps = value_get(properties, "Dscps");
        if (c->json) {
                if (dscps)
                        json_print(stdout, dscps, true);
                else
                        (void)puts("[]");
                return 0;
        }
        if (value_count(dscps) == 0) {
                (void)puts("No DSCP value is trusted; 'p2sctl dscp set EF=voice' trusts one.");
                return 0;
        }

        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(dscps); i++) {
                table_addf(t, "%" PRIu64, value_get_uint(value_at(dscps, i), "Value", 0));
                table_add(t, value_get_string(value_at(dscps, i), "Class", "?"));
        }
        return table_print(t, stdout, 0);
}

/* Appends one "VALUE=CLASS". */
static int append(Ctl *c, sd_bus_message *m, const char *text)
{
        const char *equals = strchr(text, '=');
        _cleanup_free_ char *name = NULL;
        int value;

        name = equals ? strndup(text, (size_t)(equals - text)) : strdup(text);
        if (!name)
                return -ENOMEM;
        value = dscp_from_string(name);
        if (!equals || value < 0)
                return ctl_refuse(c, CTL_USAGE,
                                  "dscp %s: say VALUE=CLASS with a value from 0 to 63 or a name, "
                                  "like 46=voice or AF41=video",
                                  text);
        return sd_bus_message_append(m, "(ys)", (uint8_t)value, equals + 1);
}

static int set(Ctl *c, int argc, char **argv)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        bool none = argc == 1 && streq(argv[0], "none");
        int r;

        r = ctl_subject(c, "dscp");
        if (r < 0)
                return r;
        r = ctl_new_call(c, "SetDscps", &m);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(m, 'a', "(ys)");
        if (r < 0)
                return r;
        for (int i = 0; i < argc && !none; i++) {
                r = append(c, m, argv[i]);
                if (r < 0)
                        return r;
        }
        r = sd_bus_message_close_container(m);
        if (r < 0)
                return r;
        return ctl_send(c, m, true, NULL);
}

int verb_dscp(Ctl *c, int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "list";

        if (streq(what, "list") && argc <= 2)
                return list(c);
        if (streq(what, "set") && argc > 2)
                return set(c, argc - 2, argv + 2);
        return ctl_refuse(c, CTL_USAGE,
                          "say 'dscp list', 'dscp set VALUE=CLASS...' or 'dscp set none'");
}
