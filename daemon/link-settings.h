/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links p2sd is told to manage, and what is known of each. */
#pragma once

#include "link-options.h"
#include "names.h"

#define LINK_SETTINGS_MAX 64

struct link_setting {
        char name[16];       /* an interface, or "auto" for that with the default route */
        uint64_t uplink_bps; /* of the narrowest hop; 0 = not known */
        uint64_t downlink_bps;
        struct link_options options;
};

/* { 0 } is an empty list.  Names are unique, in the order they were set.  The
 * members are for reading. */
typedef struct LinkSettings {
        struct link_setting *links;
        size_t n;
} LinkSettings;

void link_settings_done(LinkSettings *l);

/* NULL: no such link. */
const struct link_setting *link_settings_find(const LinkSettings *l, const char *name);

/* Adds a link or changes that of the same name.  1 = changed, 0 = was so already,
 * -EINVAL (name), -ERANGE (a rate), -E2BIG, -ENOMEM: nothing changed. */
int link_settings_set(LinkSettings *l, const struct link_setting *link);

/* 1 = removed, 0 = there was none. */
int link_settings_unset(LinkSettings *l, const char *name);

int link_settings_copy(const LinkSettings *from, LinkSettings *to);
bool link_settings_equal(const LinkSettings *a, const LinkSettings *b);

static inline void link_settings_donep(LinkSettings *l)
{
        link_settings_done(l);
}
