/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow-table.h"
#include "link-shaping.h"

const char *link_shaping_to_string(enum shaping shaping)
{
        return shaping == SHAPING_TIGHT ? "tight" : "loose";
}

/* What announce.bpf.h takes for a call. */
static bool is_of_call(const struct kernel_flow *f)
{
        return flow_makes_call(f) ||
               (f->flow.rule == P2S_RULE_PORT && f->flow.class >= P2S_CLASS_VIDEO);
}

void link_shaping_hear(struct link_shaping *s, const struct kernel_flow *flows, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (is_of_call(&flows[i]))
                        s->call_usec = MAX(s->call_usec, flows[i].flow.last_ns / NSEC_PER_USEC);
}

/* When the last call heard of will have ended; 0 = there was none. */
static uint64_t call_end(const struct link_shaping *s)
{
        return s->call_usec == 0 ? 0 : s->call_usec + LINK_CALL_SILENCE_USEC;
}

enum shaping link_shaping_wanted(const struct link_shaping *s, enum link_when when, uint64_t now)
{
        return when == LINK_WHEN_ALWAYS || now < call_end(s) ? SHAPING_TIGHT : SHAPING_LOOSE;
}

uint64_t link_shaping_due(const struct link_shaping *s, enum link_when when, uint64_t now)
{
        if (s->drain_until_usec > now)
                return s->drain_until_usec;
        if (when == LINK_WHEN_CALL && (s->state == SHAPING_TIGHT || now < call_end(s)))
                return MAX(call_end(s), now);
        return 0;
}
