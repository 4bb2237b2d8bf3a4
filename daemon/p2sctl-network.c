/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl link --networks and --forget: the networks whose rates p2sd remembers. */
#include "p2sctl-json.h"
#include "p2sctl-table.h"
#include "p2sctl.h"
#include "units.h"

int network_list(Ctl *c, const char *interface)
{
        static const char *const headers[] = {"INTERFACE", "*NETWORK", "NAME",
                                              "UPLINK",    "DOWNLINK", NULL};
        _cleanup_(value_freep) Value *properties = NULL;
        _cleanup_(table_freep) Table *t = NULL;
        const Value *networks;
        size_t shown = 0;
        int r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        networks = value_get(properties, "Networks");
        if (c->json) {
                if (networks)
                        json_print(stdout, networks, true);
                else
                        (void)puts("[]");
                return 0;
        }
        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(networks); i++) {
                const Value *n = value_at(networks, i);
                char rate[UNITS_MAX];

                if (interface && !streq(value_get_string(n, "Interface", ""), interface))
                        continue;
                table_add(t, value_get_string(n, "Interface", "?"));
                table_add(t, value_get_string(n, "Network", "?"));
                table_add(t, value_get_string(n, "NetworkName", ""));
                table_add(t, units_format_rate(rate, value_get_uint(n, "UplinkBps", 0)));
                table_add(t, units_format_rate(rate, value_get_uint(n, "DownlinkBps", 0)));
                shown++;
        }
        if (shown == 0) {
                (void)puts("No network's rates are remembered; 'p2sctl link auto --uplink RATE "
                           "--downlink RATE' sets those of the one you are on.");
                return 0;
        }
        return table_print(t, stdout, 0);
}

int network_forget(Ctl *c, const char *interface, const char *network)
{
        c->hint = "'p2sctl link --networks' lists those it remembers";
        return ctl_call(c, true, "ForgetNetwork", NULL, "ss", interface, network);
}
