/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "config-diff.h"
#include "units.h"

struct diff {
        config_change_t told;
        void *userdata;
        int n;
};

static void _printf_(3, 4) tell(struct diff *d, enum config_part part, const char *format, ...)
{
        char text[1024]; /* the rest of a long list of ports is cut off */
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(text, sizeof text, format, ap);
        va_end(ap);
        d->n++;
        d->told(part, text, d->userdata);
}

static void diff_rate(struct diff *d, const char *link, const char *key, uint64_t a, uint64_t b)
{
        char before[UNITS_MAX], after[UNITS_MAX];

        if (a != b)
                tell(d, CONFIG_LINKS, "[Link %s] %s=: %s, now %s", link, key,
                     units_format_rate(before, a), units_format_rate(after, b));
}

static void diff_option(struct diff *d, const char *link, enum link_option option, int before,
                        int after)
{
        char a[LINK_OPTION_TEXT_MAX], b[LINK_OPTION_TEXT_MAX];

        if (before != after)
                tell(d, CONFIG_LINKS, "[Link %s] %s=: %s, now %s", link,
                     link_option_infos[option].key, link_option_format(option, before, a),
                     link_option_format(option, after, b));
}

static void diff_links(struct diff *d, const LinkSettings *a, const LinkSettings *b)
{
        for (size_t i = 0; i < a->n; i++)
                if (!link_settings_find(b, a->links[i].name))
                        tell(d, CONFIG_LINKS, "[Link %s]: gone", a->links[i].name);
        for (size_t i = 0; i < b->n; i++) {
                static const struct link_setting unset;
                const struct link_setting *after = &b->links[i];
                const struct link_setting *before = link_settings_find(a, after->name);

                if (!before) {
                        tell(d, CONFIG_LINKS, "[Link %s]: new", after->name);
                        before = &unset;
                }
                diff_rate(d, after->name, "Uplink", before->uplink_bps, after->uplink_bps);
                diff_rate(d, after->name, "Downlink", before->downlink_bps, after->downlink_bps);
                for (int o = 0; o < _LINK_OPTION_MAX; o++)
                        diff_option(d, after->name, (enum link_option)o, before->options.of[o],
                                    after->options.of[o]);
        }
}

/* "3478-3481 5060" of one class, or "none"; to be freed. */
static char *ports_text(const PortSet *set, enum p2s_class class)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        PORT_SET_FOREACH (p, set) {
                if (p->class != class)
                        continue;
                (void)fprintf(f, "%s%u", ftell(f) > 0 ? " " : "", p->first);
                if (p->last != p->first)
                        (void)fprintf(f, "-%u", p->last);
        }
        if (ftell(f) == 0)
                (void)fputs("none", f);
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

static char *dscps_text(const DscpMap *map, enum p2s_class class)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (unsigned v = 0; v < DSCP_MAX; v++)
                if (map->class[v] == class)
                        (void)fprintf(f, "%s%u", ftell(f) > 0 ? " " : "", v);
        if (ftell(f) == 0)
                (void)fputs("none", f);
        return fclose(f) == 0 ? TAKE_PTR(text) : NULL;
}

static const struct {
        enum p2s_class class;
        const char *key;
} classes[] = {
        {P2S_CLASS_VOICE, "Voice"}, {P2S_CLASS_VIDEO, "Video"}, {P2S_CLASS_GENERAL, "General"}};

static int diff_rules(struct diff *d, const struct config *a, const struct config *b)
{
        for (size_t i = 0; i < ELEMENTSOF(classes); i++) {
                _cleanup_free_ char *before = ports_text(&a->ports, classes[i].class);
                _cleanup_free_ char *after = ports_text(&b->ports, classes[i].class);

                if (!before || !after)
                        return -ENOMEM;
                if (!streq(before, after))
                        tell(d, CONFIG_PORTS, "[Ports] %s=: %s, now %s", classes[i].key, before,
                             after);
        }
        for (size_t i = 0; i < ELEMENTSOF(classes); i++) {
                _cleanup_free_ char *before = dscps_text(&a->dscps, classes[i].class);
                _cleanup_free_ char *after = dscps_text(&b->dscps, classes[i].class);

                if (!before || !after)
                        return -ENOMEM;
                if (!streq(before, after))
                        tell(d, CONFIG_DSCPS, "[Dscp] %s=: %s, now %s", classes[i].key, before,
                             after);
        }
        return 0;
}

int config_diff(const struct config *a, const struct config *b, config_change_t told,
                void *userdata)
{
        struct diff d = {.told = told, .userdata = userdata};
        int r;

        if (a->mode != b->mode)
                tell(&d, CONFIG_MODE, "[Service] Mode=: %s, now %s", mode_to_string(a->mode),
                     mode_to_string(b->mode));
        diff_links(&d, &a->links, &b->links);
        r = diff_rules(&d, a, b);
        return r < 0 ? r : d.n;
}
