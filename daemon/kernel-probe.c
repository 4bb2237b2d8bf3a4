/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "kernel-probe.h"
#include "tc-filter.h"

/* Whether a qdisc of that kind can be made on the throw-away IFB. */
static bool try_qdisc(Netlink *nl, unsigned ifindex, const char *kind)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        const struct tc_htb_glob g = {.version = 3, .rate2quantum = 1};
        struct nlattr *options;

        if (netlink_tc(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT, 0, kind,
                       &msg) < 0)
                return false;
        if (streq(kind, "htb")) {
                options = nla_nest_start(msg, TCA_OPTIONS);
                if (!options || nla_put(msg, TCA_HTB_INIT, sizeof(g), &g) < 0)
                        return false;
                (void)nla_nest_end(msg, options);
        }
        return netlink_call(nl, msg, NULL, NULL) >= 0;
}

int kernel_probe(Netlink *nl, ProgramPool *programs, struct kernel_capabilities *ret)
{
        struct kernel_capabilities c = {};
        unsigned trial;
        int r;

        c.bpf = program_pool_prepare(programs, true) >= 0;
        r = ifb_new_trial(nl, 1500, 1, &trial, &c.ifb);
        if (r < 0)
                return r;
        c.htb = try_qdisc(nl, trial, "htb");
        c.fq_codel = try_qdisc(nl, trial, "fq_codel");
        c.clsact = tc_clsact_add(nl, trial) >= 0;
        r = ifb_remove(nl, trial);
        if (r < 0)
                return r;
        *ret = c;
        return 0;
}
