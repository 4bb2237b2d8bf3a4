/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may call what: all authorisation is in this file.
 *
 * One table maps each method to a polkit action, or to "free".  A method that
 * the table does not name is refused.  Root is allowed without asking; without
 * polkit nobody else is. */
#pragma once

#include <systemd/sd-bus.h>

#include "util.h"

typedef struct Authority Authority;

int authority_new(sd_bus *bus, Authority **ret);
Authority *authority_free(Authority *a);

/* The polkit action of a method; NULL with *ret_free set where anyone may call
 * it; NULL without where the table does not name it. */
const char *authority_action(const char *member, bool *ret_free);

/* To be called by a handler once the arguments are known to be valid and to
 * change something.  Returns 1: go on; 0: polkit was asked, and `handler` will be
 * run again from the top with the message rewound when it has answered: return 1
 * from the handler; negative: refused, with *error set. */
int authority_check(Authority *a, sd_bus_message *m, sd_bus_message_handler_t handler,
                    void *userdata, sd_bus_error *error);

/* Queries under way, for tests and for shutting down cleanly. */
unsigned authority_pending(const Authority *a);

DEFINE_CLEANUP(Authority *, authority_free)
