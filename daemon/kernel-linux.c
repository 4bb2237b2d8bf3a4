/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real kernel: rtnetlink and BPF behind struct kernel_ops. */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <sys/epoll.h>

#include "forwarding.h"
#include "kernel-probe.h"
#include "kernel.h"
#include "link-apply.h"
#include "link-revert.h"
#include "link-surroundings.h"
#include "link-watch.h"
#include "names.h"
#include "program-pool.h"
#include "shaper-netlink.h"
#include "text.h"
#include "tunnel.h"

struct Kernel {
        Netlink *nl;
        LinkWatch *watch;
        int epoll_fd;     /* what tells of links, and of calls */
        bool hears_calls; /* the latter is in it */
        IfbReaper *reaper;
        ProgramPool *programs;
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
        closep(&k->epoll_fd);
        program_pool_free(k->programs);
        link_watch_free(k->watch);
        ifb_reaper_free(k->reaper);
        netlink_free(k->nl);
        free(k->runtime_dir);
        free(k->links);
        free(k);
}
DEFINE_CLEANUP(Kernel *, linux_close)

static int listen_to(Kernel *k, int fd)
{
        struct epoll_event e = {.events = EPOLLIN};

        return epoll_ctl(k->epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* The ring of events is there once programs are loaded. */
static int listen_to_calls(Kernel *k)
{
        int fd = program_pool_event_fd(k->programs), r;

        if (k->hears_calls || fd < 0)
                return 0;
        r = listen_to(k, fd);
        k->hears_calls = r >= 0;
        return r;
}

static int linux_open(const char *runtime_dir, Kernel **ret)
{
        _cleanup_(linux_closep) Kernel *k = NULL;
        int r;

        k = calloc(1, sizeof(*k));
        if (!k)
                return -ENOMEM;
        k->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (k->epoll_fd < 0)
                return -errno;
        k->runtime_dir = strdup(runtime_dir);
        if (!k->runtime_dir)
                return -ENOMEM;
        r = program_pool_new(&k->programs);
        if (r < 0)
                return r;
        r = netlink_new(&k->nl);
        if (r < 0)
                return r;
        r = link_watch_new(netlink_port(k->nl), &k->watch);
        if (r < 0)
                return r;
        r = listen_to(k, link_watch_fd(k->watch));
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

static int linux_probe(Kernel *k, struct kernel_capabilities *ret)
{
        int r = kernel_probe(k->nl, k->programs, ret);

        return r < 0 ? r : listen_to_calls(k);
}

static int linux_event_fd(Kernel *k)
{
        return k->epoll_fd;
}

/* A link and its IFB may both have changed. */
static void report(Kernel *k, unsigned ifindex)
{
        for (size_t i = 0; i < k->n_reported; i++)
                if (k->reported[i] == ifindex)
                        return;
        if (k->n_reported < ELEMENTSOF(k->reported))
                k->reported[k->n_reported++] = ifindex;
        k->callback(KERNEL_LINK_CHANGED, ifindex, k->userdata);
}

static void on_call(unsigned ifindex, void *userdata)
{
        Kernel *k = userdata;

        k->callback(KERNEL_CALL_BEGAN, ifindex, k->userdata);
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
        int r;

        k->callback = callback;
        k->userdata = userdata;
        k->n_reported = 0;
        r = program_pool_dispatch(k->programs, on_call, k);
        return r < 0 ? r : link_watch_dispatch(k->watch, on_event, k);
}

static int linux_link_facts(Kernel *k, const char *name, struct link_facts *ret)
{
        struct link_facts facts;
        struct link_view s;
        int r;

        if (strlen(name) >= sizeof(s.name))
                return -ENODEV;
        r = link_view_get(k->nl, 0, name, &s);
        if (r < 0)
                return r;
        link_view_facts(&s, &facts);
        if (facts.forwards && facts.ethernet) {
                r = forwarding_leads_on(k->nl, &s, &facts.leads_on);
                if (r < 0)
                        return r;
        }
        *ret = facts;
        return 0;
}

static int linux_default_link(Kernel *k, struct default_link *ret)
{
        int r = tunnel_default(k->nl, ret);

        link_watch_hosts(k->watch, r >= 0 && ret->tunnel[0] != '\0');
        if (r >= 0 && !(link_name_is_text(ret->name) && link_name_is_text(ret->tunnel)))
                return -EILSEQ;
        return r;
}

static int linux_link_gateway(Kernel *k, unsigned ifindex, struct link_gateway *ret)
{
        struct default_route routes[DEFAULT_ROUTES_MAX];
        struct link_gateway gateway = {};
        size_t n, i = 0;
        int r;

        r = default_routes_get(k->nl, routes, &n);
        if (r < 0)
                return r;
        while (i < n && (routes[i].ifindex != ifindex || routes[i].n_gateway == 0))
                i++;
        if (i == n)
                return -ENODEV;
        r = default_route_resolve(k->nl, &routes[i], gateway.hardware, &gateway.n_hardware);
        if (r >= 0)
                r = link_watch_gateway(k->watch, &routes[i], gateway.hardware, gateway.n_hardware);
        if (r < 0)
                return r;
        (void)inet_ntop(routes[i].via, routes[i].gateway, gateway.address, sizeof(gateway.address));
        *ret = gateway;
        return 0;
}

static int linux_link_surroundings(Kernel *k, const char *name, struct link_surroundings *ret)
{
        return link_surroundings_get(k->nl, name, ret);
}

static void linux_link_free(KernelLink *l)
{
        if (!l)
                return;
        for (size_t i = 0; i < l->kernel->n_links; i++)
                if (l->kernel->links[i] == l)
                        l->kernel->links[i] = l->kernel->links[--l->kernel->n_links];
        link_apply_done(&l->apply);
        program_pool_give_back(l->kernel->programs, l->ethernet, l->classifier);
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

static int linux_link_take(Kernel *k, const struct link_facts *facts, enum kernel_take take,
                           KernelLink **ret, char **reason)
{
        _cleanup_(linux_link_freep) KernelLink *l = NULL;
        _cleanup_free_ char *words = NULL;
        KernelLink **grown;
        int r;

        r = link_new(k, facts->ifindex, facts->name, &l);
        if (r < 0)
                return r;
        l->ethernet = facts->ethernet;
        l->apply.record.take = take;
        r = program_pool_take(k->programs, l->ethernet, &l->classifier, &l->base, &words);
        if (r < 0) {
                (void)text_set(reason, "cannot load the programs for %s: %s%s%s", facts->name,
                               strerror(-r), words ? ": " : "", words ?: "");
                return r;
        }
        l->apply.classifier = l->classifier;
        r = listen_to_calls(k);
        if (r < 0)
                return r;

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

static bool linux_link_mended(KernelLink *l)
{
        return l->apply.mended;
}

static bool linux_link_torn(KernelLink *l)
{
        return xdp_hook_is_torn(&l->apply.xdp, l->apply.ifindex);
}

static uint64_t linux_changes(Kernel *k)
{
        return netlink_changes();
}

static const char *linux_link_ifb(KernelLink *l)
{
        return l->apply.ifb != 0 ? l->apply.ifb_name : NULL;
}

static enum kernel_xdp linux_link_xdp(KernelLink *l)
{
        return l->apply.xdp.state;
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
        return program_pool_set_ports(k->programs, ports);
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
        .link_gateway = linux_link_gateway,
        .link_surroundings = linux_link_surroundings,
        .link_take = linux_link_take,
        .link_apply = linux_link_apply,
        .changes = linux_changes,
        .link_mended = linux_link_mended,
        .link_torn = linux_link_torn,
        .link_free = linux_link_free,
        .link_ifb = linux_link_ifb,
        .link_xdp = linux_link_xdp,
        .link_settings = linux_link_settings,
        .link_totals = linux_link_totals,
        .link_queues = linux_link_queues,
        .link_flows = linux_link_flows,
        .link_forget = linux_link_forget,
        .set_ports = linux_set_ports,
        .revert = linux_revert,
};
