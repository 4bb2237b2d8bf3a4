/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How to come by a kernel module that is missing. */
#pragma once

#include "util.h"

/* "load it with 'modprobe sch_htb' …", or which package has it, or the option a
 * kernel must be built with.  root: "" or a directory in place of "/"; release: as
 * uname(2) has it.  *ret is to be freed; -ENOMEM. */
int module_advice(const char *root, const char *release, const char *module, const char *option,
                  char **ret);
