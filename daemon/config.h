/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin's defaults: p2sd.conf and p2sd.conf.d/, with systemd's precedence. */
#pragma once

#include "config-dirs.h"
#include "dscp.h"
#include "link-settings.h"
#include "port-set.h"

/* Highest precedence first, NULL at the end. */
extern const char *const config_default_dirs[];

struct config {
        enum mode mode;     /* [Service] Mode=, default "off" */
        LinkSettings links; /* [Link NAME], default none */
        PortSet ports;      /* [Ports], default none */
        DscpMap dscps;      /* [Dscp], default dscp_map_default() */
};

/* A key, and what it is where no file sets it; link options are among them.  The
 * section of links is "Link".  False beyond the last. */
struct config_key {
        const char *section;
        const char *key;
        const char *fallback;
};
bool config_key(size_t i, struct config_key *ret);

/* What holds where no file says otherwise. */
void config_default(struct config *ret);
void config_done(struct config *c);

/* Reads the main file (the first that is there among dirs, or main_file where
 * not NULL: --config) and after it the drop-ins of all dirs, sorted by name; of
 * the same name only that of the directory with the highest precedence counts,
 * so that an empty one or a link to /dev/null masks the others.  A bad line is
 * told to log with file and line, and ignored, as is a file that cannot be read;
 * the rest holds.  dirs NULL: config_default_dirs.  Returns 0, -ENOMEM, or what
 * opening main_file said. */
int config_load(const char *const *dirs, const char *main_file, ini_error_t log, void *userdata,
                struct config *ret);

/* Takes in one file's text over what *c holds.  For tests and the fuzzer.
 * Returns the number of lines ignored, or -ENOMEM. */
int config_parse(struct config *c, const char *file, const char *data, size_t size, ini_error_t log,
                 void *userdata);

static inline void config_donep(struct config *c)
{
        config_done(c);
}
