/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user's port rules: sorted, without overlap. */
#pragma once

#include "kernel.h"
#include "names.h"

#define PORT_LABEL_MAX 64   /* bytes, without the NUL */
#define PORT_SET_MAX   1024 /* ranges */

struct port_range {
        uint16_t first; /* 1 … 65535 */
        uint16_t last;  /* inclusive, >= first */
        enum p2s_class class;
        char label[PORT_LABEL_MAX + 1]; /* UTF-8, may be empty */
};

/* { 0 } is an empty set.  The members are for reading. */
typedef struct PortSet {
        struct port_range *ranges;
        size_t n;
        size_t allocated;
} PortSet;

#define PORT_SET_FOREACH(r, set)                                                                   \
        for (const struct port_range *r = (set)->ranges; r && r < (set)->ranges + (set)->n; r++)

/* "5004" or "10000-20000"; whether the range makes sense, port_set_add() says.
 * -EINVAL: neither. */
int port_range_parse(const char *s, uint16_t *ret_first, uint16_t *ret_last);

void port_set_done(PortSet *set);

/* 0, or -EINVAL with *reason a static fragment ("port 0").  NULL label: "".
 * reason may be NULL, here and below. */
int port_set_validate(uint16_t first, uint16_t last, int class, const char *label,
                      const char **reason);

/* Adds a range.  What it overlaps is re-classed and re-labelled; neighbours of
 * the same class and label join.  1 = the set changed, 0 = it held that already.
 * -EINVAL, -E2BIG (more than PORT_SET_MAX ranges), -ENOMEM: nothing changed. */
int port_set_add(PortSet *set, uint16_t first, uint16_t last, enum p2s_class class,
                 const char *label, const char **reason);

/* Takes ports out of every range, splitting what is cut in the middle.  1, 0 or
 * errors as above. */
int port_set_remove(PortSet *set, uint16_t first, uint16_t last, const char **reason);

/* Makes the set what adding these n ranges in turn to an empty one makes; all or
 * nothing.  1, 0 or errors as above; n > PORT_SET_MAX is -E2BIG. */
int port_set_replace(PortSet *set, const struct port_range *ranges, size_t n, const char **reason);

/* Makes *to equal to from.  0 or -ENOMEM. */
int port_set_copy(const PortSet *from, PortSet *to);

bool port_set_equal(const PortSet *a, const PortSet *b);

/* Lays the set out by port; every slot is written. */
void port_set_to_map(const PortSet *set, struct kernel_ports *ret);

static inline void port_set_donep(PortSet *set)
{
        port_set_done(set);
}
