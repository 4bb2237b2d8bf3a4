/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl status: everything that is free to read, on one page. */
#include "p2sctl-json.h"
#include "p2sctl-text.h"
#include "p2sctl.h"

/* The strings of an array, with commas. */
static int join(const Value *array, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        for (size_t i = 0; i < value_count(array); i++)
                (void)fprintf(f, "%s%s", i > 0 ? ", " : "", value_string(value_at(array, i), "?"));
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

static int print_count(const Ctl *c, const char *name, size_t n, const char *one, const char *more)
{
        if (n == 0)
                return text_print(stdout, c->utf8, "%s no %s", name, more);
        return text_print(stdout, c->utf8, "%s %zu %s", name, n, n == 1 ? one : more);
}

int verb_status(Ctl *c, int argc, char **argv)
{
        _cleanup_(value_freep) Value *properties = NULL;
        _cleanup_free_ char *mode = NULL, *capabilities = NULL;
        const Value *links;
        int r;

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        if (c->json) {
                json_print(stdout, properties, true);
                return 0;
        }

        r = mode_describe(properties, &mode);
        if (r < 0)
                return r;
        r = join(value_get(properties, "Capabilities"), &capabilities);
        if (r < 0)
                return r;
        links = value_get(properties, "Links");

        r = text_print(stdout, c->utf8, "Mode:    %s", mode);
        if (r < 0)
                return r;
        r = print_count(c, "Ports:  ", value_count(value_get(properties, "Ports")), "rule",
                        "rules");
        if (r < 0)
                return r;
        r = print_count(c, "DSCP:   ", value_count(value_get(properties, "Dscps")), "value trusted",
                        "values trusted");
        if (r < 0)
                return r;
        r = text_print(stdout, c->utf8, "Kernel:  %s",
                       *capabilities ? capabilities : "nothing p2sd could use");
        if (r < 0)
                return r;
        r = text_print(stdout, c->utf8, "p2sd:    %s",
                       value_get_string(properties, "Version", "unknown version"));
        if (r < 0)
                return r;
        if (value_count(links) == 0)
                return text_print(stdout, c->utf8,
                                  "Links:   none; 'p2sctl link auto --uplink RATE "
                                  "--downlink RATE' adds one");
        (void)fputs("Links:\n", stdout);
        return link_table(c, links, 2);
}
