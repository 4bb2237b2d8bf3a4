/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stats.h"

#define EACH_TOTAL(d, c)                                                                           \
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)                                          \
                for (unsigned c = 0; c < _P2S_CLASS_MAX; c++)

void stats_add_totals(struct p2s_totals *to, const struct p2s_totals *from)
{
        EACH_TOTAL(d, c)
        {
                to->of[d][c].packets += from->of[d][c].packets;
                to->of[d][c].bytes += from->of[d][c].bytes;
                to->of[d][c].marks += from->of[d][c].marks;
        }
}

void stats_subtract_totals(struct p2s_totals *from, const struct p2s_totals *what)
{
        EACH_TOTAL(d, c)
        {
                from->of[d][c].packets -= what->of[d][c].packets;
                from->of[d][c].bytes -= what->of[d][c].bytes;
                from->of[d][c].marks -= what->of[d][c].marks;
        }
}
