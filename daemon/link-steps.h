/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps in which a link is made equal to a plan, in the order in which they
 * are taken.  Each does what the scene shows to be missing and no more; *step says
 * what was under way when one failed. */
#pragma once

#include "link-apply.h"

bool link_plan_is_zero(const struct link_plan *p);

/* Whether all that is in force stands; not whether its numbers are right. */
bool link_stands(const struct link_apply *l, const struct link_scene *s);

/* Takes away what the plan does not have: first what sends packets somewhere, then
 * the places they were sent to; the IFB comes later. */
int link_take_away(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
                   const char **step);

/* Caps of GSO and GRO, or the recorded values again.  Never above what stood before. */
int link_set_sizes(struct link_apply *l, const struct link_plan *plan, const struct link_scene *s);

int link_drop_ifb(struct link_apply *l);

/* Puts up what the plan has: trees first and filters last, so that no packet is
 * sent to what does not stand yet. */
int link_put_up(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
                const char **step);
