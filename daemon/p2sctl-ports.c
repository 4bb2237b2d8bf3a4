/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl ports: the user's port rules. */
#include "p2sctl-json.h"
#include "p2sctl-table.h"
#include "p2sctl.h"

static int list(Ctl *c)
{
        static const char *const headers[] = {">FIRST", ">LAST", "CLASS", "*LABEL", NULL};
        _cleanup_(value_freep) Value *properties = NULL;
        _cleanup_(table_freep) Table *t = NULL;
        const Value *ports;
        int r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        ports = value_get(properties, "Ports");
        if (c->json) {
                if (ports)
                        json_print(stdout, ports, true);
                else
                        (void)puts("[]");
                return 0;
        }
        if (value_count(ports) == 0) {
                (void)puts("No port rules; 'p2sctl ports add 3478-3481 voice Teams' adds one.");
                return 0;
        }

        r = table_new(c, headers, &t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < value_count(ports); i++) {
                const Value *rule = value_at(ports, i);

                table_addf(t, "%" PRIu64, value_get_uint(rule, "First", 0));
                table_addf(t, "%" PRIu64, value_get_uint(rule, "Last", 0));
                table_add(t, value_get_string(rule, "Class", "?"));
                table_add(t, value_get_string(rule, "Label", ""));
        }
        return table_print(t, stdout, 0);
}

/* A port from *s, which is moved behind it.  -EINVAL. */
static int parse_port(const char **s, uint16_t *ret)
{
        const char *p = *s;
        unsigned value = 0;

        while (*p >= '0' && *p <= '9' && value <= UINT16_MAX)
                value = value * 10 + (unsigned)(*p++ - '0');
        if (p == *s || value < 1 || value > UINT16_MAX)
                return -EINVAL;
        *s = p;
        *ret = (uint16_t)value;
        return 0;
}

/* "FIRST" or "FIRST-LAST". */
static int parse_range(Ctl *c, const char *text, uint16_t *first, uint16_t *last)
{
        const char *p = text;
        int r;

        r = parse_port(&p, first);
        *last = *first;
        if (r >= 0 && *p == '-') {
                p++;
                r = parse_port(&p, last);
        }
        if (r < 0 || *p != '\0')
                return ctl_refuse(c, CTL_USAGE,
                                  "ports %s: say a port or a range from 1 to 65535, like 5060 or "
                                  "3478-3481",
                                  text);
        if (*first > *last)
                return ctl_refuse(c, CTL_USAGE, "ports %s: the range runs backwards; say %d-%d",
                                  text, *last, *first);
        return 0;
}

int verb_ports(Ctl *c, int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "list";
        uint16_t first = 0, last = 0;
        int r;

        if (streq(what, "list") && argc <= 2)
                return list(c);
        if (streq(what, "add") && (argc == 4 || argc == 5)) {
                r = parse_range(c, argv[2], &first, &last);
                if (r >= 0)
                        r = ctl_subject(c, "ports %s %s", argv[2], argv[3]);
                if (r < 0)
                        return r;
                return ctl_call(c, true, "AddPorts", NULL, "qqss", first, last, argv[3],
                                argc == 5 ? argv[4] : "");
        }
        if (streq(what, "remove") && argc == 3) {
                r = parse_range(c, argv[2], &first, &last);
                if (r >= 0)
                        r = ctl_subject(c, "ports %s", argv[2]);
                if (r < 0)
                        return r;
                return ctl_call(c, true, "RemovePorts", NULL, "qq", first, last);
        }
        return ctl_refuse(c, CTL_USAGE,
                          "say 'ports list', 'ports add FIRST[-LAST] CLASS [LABEL]' or "
                          "'ports remove FIRST[-LAST]'");
}
