/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user chose over the bus, kept over a reboot. */
#pragma once

#include "dscp.h"
#include "ini.h"
#include "link-networks.h"
#include "port-set.h"

/* { 0 } = nothing chosen: where has_… is false the admin's default holds. */
struct settings {
        bool has_mode;
        bool has_links;
        bool has_ports;
        bool has_dscps;
        enum mode mode;
        LinkSettings links;
        PortSet ports;
        DscpMap dscps;
        LinkNetworks networks;
};

void settings_done(struct settings *s);

/* Reads dir/settings.  No such file: 0 and nothing chosen.  A file that is cut
 * off, damaged or of a version not known is renamed to settings.bad, told to
 * log, and nothing chosen.  Negative errno where the file cannot be read. */
int settings_load(const char *dir, ini_error_t log, void *userdata, struct settings *ret);

/* Replaces dir/settings: written beside it, synced, renamed, the directory
 * synced.  On failure (-ENOSPC …) the old file stands as it was. */
int settings_save(const char *dir, const struct settings *s);

/* The text of the file and back; without I/O.  settings_parse: -EBADMSG where
 * the text is not whole, with *reason a static fragment. */
int settings_format(const struct settings *s, char **ret, size_t *ret_size);
int settings_parse(const char *file, const char *data, size_t size, ini_error_t log, void *userdata,
                   struct settings *ret, const char **reason);

static inline void settings_donep(struct settings *s)
{
        settings_done(s);
}
