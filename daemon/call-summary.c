/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-summary.h"
#include "call-quality.h"
#include "units.h"

void call_summary_make(const CallTable *t, const struct call *call, struct call_summary *ret)
{
        struct call_summary s = {
                .duration_usec =
                        (call->last_ns - MIN(call->last_ns, call->begin_ns)) / NSEC_PER_USEC,
        };
        const struct call_flow *f = NULL;
        double mos;

        while ((f = call_table_next_flow(t, call, f))) {
                s.jitter_usec = MAX(s.jitter_usec, flow_jitter_mean_usec(&f->flow));
                s.expected += flow_expected(&f->flow);
                s.lost += flow_lost(&f->flow);
                if (flow_mos(&f->flow, &mos) >= 0 && (s.mos < 1.0 || mos < s.mos))
                        s.mos = mos;
        }
        *ret = s;
}

char *call_summary_format(const struct call_summary *s, char ret[static CALL_SUMMARY_MAX])
{
        char duration[UNITS_MAX], jitter[UNITS_MAX], mos[32] = "";
        double loss = s->expected > 0 && s->lost > 0 ? 100.0 * (double)s->lost / (double)s->expected
                                                     : 0.0;

        if (s->mos >= 1.0)
                (void)snprintf(mos, sizeof mos, "MOS %.1f, ", s->mos);
        (void)snprintf(ret, CALL_SUMMARY_MAX, "%s, %sjitter %s, %.*f %% lost",
                       units_format_usec(duration, s->duration_usec), mos,
                       units_format_usec(jitter, s->jitter_usec), loss > 0.0 ? 2 : 0, loss);
        return ret;
}
