/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-settings.h"
#include "units.h"

void link_settings_done(LinkSettings *l)
{
        free(l->links);
        *l = (LinkSettings){0};
}

static struct link_setting *find(const LinkSettings *l, const char *name)
{
        for (size_t i = 0; i < l->n; i++)
                if (streq(l->links[i].name, name))
                        return l->links + i;
        return NULL;
}

const struct link_setting *link_settings_find(const LinkSettings *l, const char *name)
{
        return find(l, name);
}

static bool link_equal(const struct link_setting *a, const struct link_setting *b)
{
        return streq(a->name, b->name) && a->uplink_bps == b->uplink_bps &&
               a->downlink_bps == b->downlink_bps && link_options_equal(&a->options, &b->options);
}

int link_settings_set(LinkSettings *l, const struct link_setting *link)
{
        struct link_setting *old, *links;

        if (!link_name_is_valid(link->name))
                return -EINVAL;
        if (!units_rate_is_valid(link->uplink_bps) || !units_rate_is_valid(link->downlink_bps))
                return -ERANGE;

        old = find(l, link->name);
        if (old) {
                if (link_equal(old, link))
                        return 0;
                *old = *link;
                return 1;
        }

        if (l->n >= LINK_SETTINGS_MAX)
                return -E2BIG;
        links = reallocarray(l->links, l->n + 1, sizeof(*links));
        if (!links)
                return -ENOMEM;
        l->links = links;
        l->links[l->n++] = *link;
        return 1;
}

int link_settings_unset(LinkSettings *l, const char *name)
{
        struct link_setting *old = find(l, name);

        if (!old)
                return 0;
        memmove(old, old + 1, (size_t)(l->links + l->n - (old + 1)) * sizeof(*old));
        l->n--;
        return 1;
}

int link_settings_copy(const LinkSettings *from, LinkSettings *to)
{
        LinkSettings copy = {.n = from->n};

        if (from->n > 0) {
                copy.links = reallocarray(NULL, from->n, sizeof(*copy.links));
                if (!copy.links)
                        return -ENOMEM;
                memcpy(copy.links, from->links, from->n * sizeof(*copy.links));
        }

        link_settings_done(to);
        *to = copy;
        return 0;
}

bool link_settings_equal(const LinkSettings *a, const LinkSettings *b)
{
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (!link_equal(a->links + i, b->links + i))
                        return false;
        return true;
}
