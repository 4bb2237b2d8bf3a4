/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plan values as the kernel's options of HTB classes and leaf qdiscs, and back:
 * pure, without I/O.  Comparing goes by what the kernel would show after setting
 * a value, so that its rounding is no difference. */
#pragma once

#include "shaper-plan.h"
#include "tc-list.h"

enum shaper_leaf_difference {
        SHAPER_LEAF_EQUAL,
        SHAPER_LEAF_CHANGE, /* can be changed in place */
        SHAPER_LEAF_OTHER,  /* has to be made anew */
};

/* Appends TCA_OPTIONS. */
int shaper_class_put(struct nl_msg *msg, const struct shaper_class *c);
bool shaper_class_equal(const struct tc_object *o, const struct shaper_class *c);

/* Appends TCA_STAB, or nothing where packets count as the kernel counts them. */
int shaper_sizes_put(struct nl_msg *msg, const struct shaper_sizes *sizes);
bool shaper_sizes_equal(const struct tc_object *root, const struct shaper_sizes *sizes);

const char *shaper_leaf_kind(const struct shaper_leaf *l);
/* create: with what can only be said when the qdisc is made. */
int shaper_leaf_put(struct nl_msg *msg, const struct shaper_leaf *l, bool create);
enum shaper_leaf_difference shaper_leaf_compare(const struct tc_object *o,
                                                const struct shaper_leaf *l);

/* Time that `bytes` take at rate_bps, in HTB's ticks of 64 ns, rounded up. */
uint32_t shaper_ticks(uint32_t bytes, uint64_t rate_bps);
