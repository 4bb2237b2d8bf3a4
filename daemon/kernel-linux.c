/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real kernel: rtnetlink and BPF behind struct kernel_ops. */
#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <sys/stat.h>

#include "classifier.h"
#include "ifb.h"
#include "kernel.h"
#include "link-apply.h"
#include "link-revert.h"
#include "link-watch.h"
#include "shaper-netlink.h"
#include "tc-filter.h"
#include "text.h"

struct Kernel {
        Netlink *nl;
        LinkWatch *watch;
        IfbReaper *reaper;
        ClassifierPorts *ports; /* NULL until programs are loaded */
        /* Loaded and without a link, by whether frames begin with an Ethernet
         * header: loading takes longer than all the rest of taking a link. */
        Classifier *spare[2];
        struct kernel_ports *ports_wanted;
        char *runtime_dir;
        KernelLink **links;
        size_t n_links;
        /* of the dispatch under way */
        kernel_event_t callback;
        void *userdata;
        unsigned reported[LINK_WATCH_LINKS_MAX];
        size_t n_reported;
};

struct KernelLink {
        Kernel *kernel;
        Classifier *classifier;
        bool ethernet;
        struct p2s_totals base; /* what the programs had counted for another link */
        struct link_apply apply;
};

static void linux_close(Kernel *k)
{
        if (!k)
                return;
        classifier_free(k->spare[false]);
        classifier_free(k->spare[true]);
        classifier_ports_free(k->ports);
        link_watch_free(k->watch);
        ifb_reaper_free(k->reaper);
        netlink_free(k->nl);
        free(k->ports_wanted);
        free(k->runtime_dir);
        free(k->links);
        free(k);
}
DEFINE_CLEANUP(Kernel *, linux_close)

static int linux_open(const char *runtime_dir, Kernel **ret)
{
        _cleanup_(linux_closep) Kernel *k = NULL;
        int r;

        k = calloc(1, sizeof(*k));
        if (!k)
                return -ENOMEM;
        k->runtime_dir = strdup(runtime_dir);
        if (!k->runtime_dir)
                return -ENOMEM;
        r = netlink_new(&k->nl);
        if (r < 0)
                return r;
        r = link_watch_new(netlink_port(k->nl), &k->watch);
        if (r < 0)
                return r;
        r = ifb_reaper_new(&k->reaper);
        if (r < 0)
                return r;
        /* A library does not write to stderr; reasons are handed back. */
        (void)libbpf_set_print(NULL);
        *ret = TAKE_PTR(k);
        return 0;
}

static int need_ports(Kernel *k)
{
        int r;

        if (k->ports)
                return 0;
        r = classifier_ports_new(&k->ports);
        if (r < 0)
                return r;
        if (k->ports_wanted)
                classifier_ports_set(k->ports, k->ports_wanted);
        return 0;
}

static int load_programs(Kernel *k, bool ethernet, Classifier **ret, char **log)
{
        int r;

        r = need_ports(k);
        if (r < 0)
                return r;
        return classifier_new(k->ports, ethernet, ret, log);
}

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

static int linux_probe(Kernel *k, struct kernel_capabilities *ret)
{
        struct kernel_capabilities c = {};
        unsigned trial;
        int r;

        c.bpf = k->spare[true] || load_programs(k, true, &k->spare[true], NULL) >= 0;
        r = ifb_new_trial(k->nl, 1500, 1, &trial, &c.ifb);
        if (r < 0)
                return r;
        c.htb = try_qdisc(k->nl, trial, "htb");
        c.fq_codel = try_qdisc(k->nl, trial, "fq_codel");
        c.clsact = tc_clsact_add(k->nl, trial) >= 0;
        r = ifb_remove(k->nl, trial);
        if (r < 0)
                return r;
        *ret = c;
        return 0;
}

static int linux_event_fd(Kernel *k)
{
        return link_watch_fd(k->watch);
}

/* A link and its IFB may both have changed. */
static void report(Kernel *k, unsigned ifindex)
{
        for (size_t i = 0; i < k->n_reported; i++)
                if (k->reported[i] == ifindex)
                        return;
        if (k->n_reported < ELEMENTSOF(k->reported))
                k->reported[k->n_reported++] = ifindex;
        k->callback(ifindex, k->userdata);
}

/* A change of an IFB of ours is one of its link. */
static void on_event(unsigned ifindex, void *userdata)
{
        Kernel *k = userdata;

        if (ifindex == LINK_WATCH_ALL) {
                for (size_t i = 0; i < k->n_links; i++)
                        report(k, k->links[i]->apply.ifindex);
                return;
        }
        for (size_t i = 0; i < k->n_links && ifindex != 0; i++)
                if (k->links[i]->apply.ifb == ifindex) {
                        ifindex = k->links[i]->apply.ifindex;
                        break;
                }
        report(k, ifindex);
}

static int linux_dispatch(Kernel *k, kernel_event_t callback, void *userdata)
{
        k->callback = callback;
        k->userdata = userdata;
        k->n_reported = 0;
        return link_watch_dispatch(k->watch, on_event, k);
}

static int linux_link_facts(Kernel *k, const char *name, struct link_facts *ret)
{
        struct link_view s;
        int r;

        if (strlen(name) >= sizeof(s.name))
                return -ENODEV;
        r = link_view_get(k->nl, 0, name, &s);
        if (r < 0)
                return r;
        link_view_facts(&s, ret);
        return 0;
}

static int linux_default_link(Kernel *k, char ret[static 16])
{
        struct link_view s;
        unsigned ifindex;
        int r;

        r = link_watch_default(k->nl, &ifindex);
        if (r < 0)
                return r;
        r = link_view_get(k->nl, ifindex, NULL, &s);
        if (r < 0)
                return r;
        memcpy(ret, s.name, sizeof(s.name));
        return 0;
}

/* As after loading: nothing is marked, nothing is in the table. */
static int reset_programs(Classifier *c, struct p2s_totals *ret_base)
{
        struct p2s_settings neutral = {};
        _cleanup_free_ struct kernel_flow *flows = NULL;
        size_t n = 0;
        int r;

        memset(neutral.dscp_write, 64, sizeof(neutral.dscp_write));
        classifier_settings(c, &neutral);
        r = classifier_flows(c, &flows, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                (void)classifier_forget(c, &flows[i].key);
        return classifier_totals(c, ret_base);
}

static int take_programs(KernelLink *l, bool ethernet, char **log)
{
        Kernel *k = l->kernel;

        l->ethernet = ethernet;
        if (k->spare[ethernet] && reset_programs(k->spare[ethernet], &l->base) >= 0) {
                l->classifier = TAKE_PTR(k->spare[ethernet]);
                return 0;
        }
        l->base = (struct p2s_totals){};
        return load_programs(k, ethernet, &l->classifier, log);
}

static void linux_link_free(KernelLink *l)
{
        if (!l)
                return;
        for (size_t i = 0; i < l->kernel->n_links; i++)
                if (l->kernel->links[i] == l)
                        l->kernel->links[i] = l->kernel->links[--l->kernel->n_links];
        if (!l->kernel->spare[l->ethernet])
                l->kernel->spare[l->ethernet] = TAKE_PTR(l->classifier);
        classifier_free(l->classifier);
        link_apply_done(&l->apply);
        free(l);
}
DEFINE_CLEANUP(KernelLink *, linux_link_free)

static int link_new(Kernel *k, unsigned ifindex, const char *name, KernelLink **ret)
{
        KernelLink *l;

        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->kernel = k;
        l->apply.nl = k->nl;
        l->apply.reaper = k->reaper;
        l->apply.record.dir = k->runtime_dir;
        l->apply.ifindex = ifindex;
        (void)snprintf(l->apply.name, sizeof(l->apply.name), "%s", name);
        *ret = l;
        return 0;
}

static int linux_link_take(Kernel *k, const struct link_facts *facts, KernelLink **ret,
                           char **reason)
{
        _cleanup_(linux_link_freep) KernelLink *l = NULL;
        _cleanup_free_ char *words = NULL;
        KernelLink **grown;
        int r;

        r = link_new(k, facts->ifindex, facts->name, &l);
        if (r < 0)
                return r;
        r = take_programs(l, facts->ethernet, &words);
        if (r < 0) {
                (void)text_set(reason, "cannot load the programs for %s: %s%s%s", facts->name,
                               strerror(-r), words ? ": " : "", words ?: "");
                return r;
        }
        l->apply.classifier = l->classifier;

        r = link_apply_take(&l->apply, reason);
        if (r < 0) {
                if (!*reason)
                        (void)text_set(reason, "cannot look at %s: %s", facts->name, strerror(-r));
                return r;
        }
        grown = reallocarray(k->links, k->n_links + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        k->links = grown;
        k->links[k->n_links++] = l;
        *ret = TAKE_PTR(l);
        return 0;
}

static int linux_link_apply(KernelLink *l, const struct link_plan *plan, char **reason)
{
        return link_apply_plan(&l->apply, plan, reason);
}

static const char *linux_link_ifb(KernelLink *l)
{
        return l->apply.ifb != 0 ? l->apply.ifb_name : NULL;
}

static int linux_link_settings(KernelLink *l, const struct p2s_settings *settings)
{
        classifier_settings(l->classifier, settings);
        return 0;
}

static int linux_link_totals(KernelLink *l, struct p2s_totals *ret)
{
        int r;

        r = classifier_totals(l->classifier, ret);
        if (r < 0)
                return r;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned c = 0; c < _P2S_CLASS_MAX; c++) {
                        ret->of[d][c].packets -= l->base.of[d][c].packets;
                        ret->of[d][c].bytes -= l->base.of[d][c].bytes;
                        ret->of[d][c].marks -= l->base.of[d][c].marks;
                }
        return 0;
}

static int linux_link_queues(KernelLink *l,
                             struct kernel_queue_stats ret[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX])
{
        _cleanup_(tc_list_done) struct tc_list qdiscs = {};
        const unsigned on[_P2S_DIRECTION_MAX] = {
                [P2S_OUTGOING] = l->apply.ifindex,
                [P2S_INCOMING] = l->apply.ifb,
        };
        int r;

        /* fq_codel counts what it drops from its own queue; HTB's classes don't */
        r = tc_list_qdiscs(l->kernel->nl, l->apply.ifindex, l->apply.ifb, &qdiscs);
        if (r < 0)
                return r;
        memset(ret, 0, _P2S_DIRECTION_MAX * sizeof(*ret));
        for (enum p2s_direction d = 0; d < _P2S_DIRECTION_MAX; d++) {
                if (on[d] == 0 || !shaper_stands(&qdiscs, on[d]))
                        continue;
                for (enum p2s_queue q = 0; q < _P2S_QUEUE_MAX; q++) {
                        const struct tc_object *o =
                                tc_list_below(&qdiscs, on[d], shaper_class_id(q));

                        if (o)
                                ret[d][q] = (struct kernel_queue_stats){
                                        .drops = o->drops,
                                        .backlog_bytes = o->backlog_bytes,
                                        .backlog_packets = o->backlog_packets,
                                };
                }
        }
        return 0;
}

static int linux_link_flows(KernelLink *l, struct kernel_flow **ret, size_t *ret_n)
{
        return classifier_flows(l->classifier, ret, ret_n);
}

static int linux_link_forget(KernelLink *l, const struct p2s_flow_key *key)
{
        return classifier_forget(l->classifier, key);
}

static int linux_set_ports(Kernel *k, const struct kernel_ports *ports)
{
        struct kernel_ports *copy;

        copy = malloc(sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        *copy = *ports;
        free(k->ports_wanted);
        k->ports_wanted = copy;
        if (k->ports)
                classifier_ports_set(k->ports, ports);
        return 0;
}

static int linux_revert(Kernel *k, unsigned *ret_links, char **reason)
{
        _cleanup_free_ unsigned *taken = calloc(k->n_links + 1, sizeof(*taken));

        if (!taken)
                return -ENOMEM;
        for (size_t i = 0; i < k->n_links; i++)
                taken[i] = k->links[i]->apply.ifindex;
        return link_revert(k->nl, k->reaper, k->runtime_dir, taken, k->n_links, ret_links, reason);
}

const struct kernel_ops kernel_linux = {
        .open = linux_open,
        .close = linux_close,
        .probe = linux_probe,
        .event_fd = linux_event_fd,
        .dispatch = linux_dispatch,
        .link_facts = linux_link_facts,
        .default_link = linux_default_link,
        .link_take = linux_link_take,
        .link_apply = linux_link_apply,
        .link_free = linux_link_free,
        .link_ifb = linux_link_ifb,
        .link_settings = linux_link_settings,
        .link_totals = linux_link_totals,
        .link_queues = linux_link_queues,
        .link_flows = linux_link_flows,
        .link_forget = linux_link_forget,
        .set_ports = linux_set_ports,
        .revert = linux_revert,
};
