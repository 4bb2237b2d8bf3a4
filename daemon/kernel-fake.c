/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up kernel that anyone can run: for the panel, clients and bus tests.
 *
 * P2S_FAKE names what there is, in words:
 *   eth0          a link that is up (as many as wanted; default "eth0 wlan0")
 *   down:eth1     one that is down
 *   busy:eth2     one with somebody's tree, that cannot be taken
 *   failing:eth3  one on which every change fails
 *   no-calls      nobody talks
 *   rival:eth4    one that sqm-scripts shapes, too
 *   offload:eth5  one whose hardware forwards past us
 *   sleepy:wlan1  one whose radio saves power
 *   queues:eth7   one with a queue for each of eight CPUs
 *   router:eth6   one that forwards, whose driver knows XDP
 *   no-bpf no-clsact no-ifb no-htb no-fq_codel   what the kernel lacks
 * The first link has the default route.  While it runs, lines written to the
 * FIFO fake-events in the runtime directory change that: "add NAME", "remove
 * NAME", "up NAME", "down NAME", "default NAME", "touch NAME", "call NAME" (a call's
 * packet passed), "router-XX NAME" (behind it is 192.0.2.254 at 02:00:00:00:00:XX; 00 =
 * not known, for now). */
#include <fcntl.h>
#include <sys/stat.h>

#include "fake-traffic.h"
#include "kernel.h"
#include "text.h"

#define FAKE_LINKS_MAX 16

struct fake_interface {
        struct link_facts facts;
        bool present;
        bool busy;
        bool failing;
        bool rival, offload, sleepy;
        bool shaped;      /* by p2sd, outgoing */
        bool touched;     /* somebody took away what is ours */
        bool router;      /* its default route leads to one … */
        uint8_t hardware; /* … whose hardware address ends so; 0: not known */
};

struct Kernel {
        struct fake_interface interfaces[FAKE_LINKS_MAX];
        size_t n;
        char default_name[16];
        uint64_t changes;
        bool no_calls;
        struct kernel_capabilities capabilities;
        int fd;
        char line[64]; /* the event being read */
        size_t n_line;
};

struct KernelLink {
        Kernel *kernel;
        struct fake_interface *interface;
        unsigned ifindex;
        struct link_plan plan;
        struct p2s_settings settings;
        struct fake_traffic traffic;
        enum kernel_take take;
        char ifb[16];
};

static struct fake_interface *find(Kernel *k, const char *name)
{
        for (size_t i = 0; i < k->n; i++)
                if (k->interfaces[i].present && streq(k->interfaces[i].facts.name, name))
                        return &k->interfaces[i];
        return NULL;
}

/* A new interface never has the index of an older one, as in the kernel. */
static struct fake_interface *add(Kernel *k, const char *name, bool up)
{
        struct fake_interface *i;

        if (k->n >= FAKE_LINKS_MAX || strlen(name) == 0 || strlen(name) >= sizeof(i->facts.name) ||
            find(k, name))
                return NULL;
        i = &k->interfaces[k->n++];
        *i = (struct fake_interface){
                .present = true,
                .facts =
                        {
                                .ifindex = (unsigned)k->n + 1,
                                .mtu = 1500,
                                .up = up,
                                .ethernet = true,
                                .num_tx_queues = 1,
                        },
        };
        memcpy(i->facts.name, name, strlen(name) + 1);
        return i;
}

static void take_word(Kernel *k, const char *word)
{
        struct kernel_capabilities *c = &k->capabilities;
        const char *name = strchr(word, ':');
        struct fake_interface *i;

        if (streq(word, "no-calls"))
                k->no_calls = true;
        else if (streq(word, "no-bpf"))
                c->bpf = false;
        else if (streq(word, "no-clsact"))
                c->clsact = false;
        else if (streq(word, "no-ifb"))
                c->ifb = false;
        else if (streq(word, "no-htb"))
                c->htb = false;
        else if (streq(word, "no-fq_codel"))
                c->fq_codel = false;
        else {
                i = add(k, name ? name + 1 : word, strncmp(word, "down:", 5) != 0);
                if (!i)
                        return;
                i->busy = strncmp(word, "busy:", 5) == 0;
                i->failing = strncmp(word, "failing:", 8) == 0;
                i->rival = strncmp(word, "rival:", 6) == 0;
                i->offload = strncmp(word, "offload:", 8) == 0;
                i->sleepy = strncmp(word, "sleepy:", 7) == 0;
                if (strncmp(word, "queues:", 7) == 0)
                        i->facts.num_tx_queues = 8;
                i->facts.forwards = i->facts.leads_on = strncmp(word, "router:", 7) == 0;
        }
}

static void fake_close(Kernel *k)
{
        if (!k)
                return;
        if (k->fd >= 0)
                (void)close(k->fd);
        free(k);
}
DEFINE_CLEANUP(Kernel *, fake_close)

static int fake_open(const char *runtime_dir, Kernel **ret)
{
        _cleanup_(fake_closep) Kernel *k = NULL;
        _cleanup_free_ char *path = NULL, *words = NULL;
        const char *script = getenv("P2S_FAKE");
        char *word, *state = NULL;

        k = calloc(1, sizeof(*k));
        if (!k)
                return -ENOMEM;
        k->fd = -EBADF;
        k->capabilities = (struct kernel_capabilities){
                .bpf = true,
                .clsact = true,
                .ifb = true,
                .htb = true,
                .fq_codel = true,
        };
        words = strdup(script ?: "eth0 wlan0");
        if (!words)
                return -ENOMEM;
        for (word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state))
                take_word(k, word);
        if (k->n > 0)
                memcpy(k->default_name, k->interfaces[0].facts.name, sizeof(k->default_name));

        if (asprintf(&path, "%s/fake-events", runtime_dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (mkfifo(path, 0600) < 0 && errno != EEXIST)
                return -errno;
        /* for writing too, so that the end of a writer is no end of file */
        k->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (k->fd < 0)
                return -errno;
        *ret = TAKE_PTR(k);
        return 0;
}

static int fake_probe(Kernel *k, struct kernel_capabilities *ret)
{
        *ret = k->capabilities;
        return 0;
}

static int fake_event_fd(Kernel *k)
{
        return k->fd;
}

static void take_event(Kernel *k, const char *line, kernel_event_t callback, void *userdata)
{
        struct fake_interface *i;
        const char *name = strchr(line, ' ');

        if (!name || strlen(++name) >= sizeof(k->default_name))
                return;
        if (strncmp(line, "default ", 8) == 0) {
                (void)snprintf(k->default_name, sizeof(k->default_name), "%s", name);
                callback(KERNEL_LINK_CHANGED, 0, userdata);
                return;
        }
        i = strncmp(line, "add ", 4) == 0 ? add(k, name, true) : find(k, name);
        if (!i)
                return;
        if (strncmp(line, "remove ", 7) == 0)
                i->present = false;
        else if (strncmp(line, "up ", 3) == 0)
                i->facts.up = true;
        else if (strncmp(line, "down ", 5) == 0)
                i->facts.up = false;
        else if (strncmp(line, "touch ", 6) == 0)
                i->touched = true;
        else if (strncmp(line, "router-", 7) == 0) {
                i->router = true;
                i->hardware = (uint8_t)strtoul(line + 7, NULL, 16);
        }
        callback(strncmp(line, "call ", 5) == 0 ? KERNEL_CALL_BEGAN : KERNEL_LINK_CHANGED,
                 i->facts.ifindex, userdata);
}

static int fake_dispatch(Kernel *k, kernel_event_t callback, void *userdata)
{
        ssize_t r;
        char c;

        while ((r = read(k->fd, &c, 1)) == 1) {
                if (c != '\n') {
                        if (k->n_line < sizeof(k->line) - 1)
                                k->line[k->n_line++] = c;
                        continue;
                }
                k->line[k->n_line] = '\0';
                k->n_line = 0;
                take_event(k, k->line, callback, userdata);
        }
        return r < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

static int fake_link_facts(Kernel *k, const char *name, struct link_facts *ret)
{
        const struct fake_interface *i = find(k, name);

        if (!i)
                return -ENODEV;
        *ret = i->facts;
        return 0;
}

static int fake_default_link(Kernel *k, struct default_link *ret)
{
        if (!find(k, k->default_name))
                return -ENODEV;
        *ret = (struct default_link){};
        memcpy(ret->name, k->default_name, sizeof(k->default_name));
        return 0;
}

static int fake_link_gateway(Kernel *k, unsigned ifindex, struct link_gateway *ret)
{
        for (size_t i = 0; i < k->n; i++) {
                const struct fake_interface *f = &k->interfaces[i];

                if (!f->present || f->facts.ifindex != ifindex || !f->router)
                        continue;
                *ret = (struct link_gateway){.address = "192.0.2.254",
                                             .hardware = {2, [5] = f->hardware},
                                             .n_hardware = f->hardware ? 6 : 0};
                return 0;
        }
        return -ENODEV;
}

static int fake_link_surroundings(Kernel *k, const char *name, struct link_surroundings *ret)
{
        const struct fake_interface *i = find(k, name);

        if (!i)
                return -ENODEV;
        *ret = (struct link_surroundings){.speed_bps = 1000000000};
        ret->qdisc_ours = i->shaped;
        ret->qdisc_set = !i->shaped && (i->busy || i->rival);
        (void)stpcpy(ret->qdisc, i->shaped || i->busy ? "htb" : i->rival ? "cake" : "fq_codel");
        if (i->rival)
                (void)snprintf(ret->rival_ifb, sizeof ret->rival_ifb, "ifb4%.11s", name);
        ret->offload[LINK_OFFLOAD_HW_TC] = i->offload;
        ret->wifi_power_save = i->sleepy;
        return 0;
}

static void say_busy(const struct fake_interface *i, char **reason)
{
        if (i->busy)
                (void)text_set(reason, "htb 8001: on %s may have classes and filters",
                               i->facts.name);
}

static int fake_link_take(Kernel *k, const struct link_facts *facts, enum kernel_take take,
                          KernelLink **ret, char **reason)
{
        struct fake_interface *i = find(k, facts->name);
        KernelLink *l;

        if (!i)
                return -ENODEV;
        if (take != KERNEL_TAKE_BUT_ROOT)
                say_busy(i, reason);
        if (i->busy && take == KERNEL_TAKE_ALL)
                return -EBUSY;
        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->kernel = k;
        l->interface = i;
        l->take = take;
        l->ifindex = i->facts.ifindex;
        (void)snprintf(l->ifb, sizeof(l->ifb), "p2s-%u", l->ifindex);
        fake_traffic_init(&l->traffic, l->ifindex);
        *ret = l;
        return 0;
}

static int fake_link_apply(KernelLink *l, const struct link_plan *plan, char **reason)
{
        const bool zero = !plan->classify && !plan->outgoing.present && !plan->incoming.present;

        if (!l->interface->present && !zero)
                return -ENODEV;
        if (l->interface->failing && !zero) {
                (void)text_set(reason, "cannot set up HTB on %s: %s", l->interface->facts.name,
                               strerror(EIO));
                return -EIO;
        }
        if (l->interface->busy && l->take == KERNEL_TAKE_BUT_ROOT && plan->outgoing.present) {
                say_busy(l->interface, reason);
                return -EBUSY;
        }
        fake_traffic_run(&l->traffic, &l->plan, &l->settings, now_usec());
        if (l->interface->touched || !link_plan_equal(&l->plan, plan))
                l->kernel->changes++;
        l->interface->touched = false;
        l->plan = *plan;
        l->interface->shaped = plan->outgoing.present;
        return 0;
}

static void fake_link_free(KernelLink *l)
{
        free(l);
}

static uint64_t fake_changes(Kernel *k)
{
        return k->changes;
}

static const char *fake_link_ifb(KernelLink *l)
{
        return l->plan.incoming.present ? l->ifb : NULL;
}

static enum kernel_xdp fake_link_xdp(KernelLink *l)
{
        if (!l->plan.xdp)
                return KERNEL_XDP_NONE;
        return l->plan.xdp_native ? KERNEL_XDP_NATIVE : KERNEL_XDP_GENERIC;
}

/* Nobody else is there to take anything away. */
static bool fake_link_mended(KernelLink *l)
{
        return false;
}

static int fake_link_settings(KernelLink *l, const struct p2s_settings *settings)
{
        fake_traffic_run(&l->traffic, &l->plan, &l->settings, now_usec());
        l->settings = *settings;
        return 0;
}

static int fake_link_totals(KernelLink *l, struct p2s_totals *ret)
{
        fake_traffic_run(&l->traffic, &l->plan, &l->settings, now_usec());
        *ret = l->traffic.totals;
        return 0;
}

static int fake_link_queues(KernelLink *l,
                            struct kernel_queue_stats ret[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX])
{
        fake_traffic_run(&l->traffic, &l->plan, &l->settings, now_usec());
        memcpy(ret, l->traffic.queues, sizeof(l->traffic.queues));
        return 0;
}

static int fake_link_flows(KernelLink *l, struct kernel_flow **ret, size_t *ret_n)
{
        fake_traffic_run(&l->traffic, &l->plan, &l->settings, now_usec());
        if (l->kernel->no_calls) {
                *ret = NULL;
                *ret_n = 0;
                return 0;
        }
        return fake_traffic_flows(&l->traffic, ret, ret_n);
}

static int fake_link_forget(KernelLink *l, const struct p2s_flow_key *key)
{
        return fake_traffic_forget(&l->traffic, key);
}

static int fake_set_ports(Kernel *k, const struct kernel_ports *ports)
{
        return 0;
}

static int fake_revert(Kernel *k, unsigned *ret_links, char **reason)
{
        *ret_links = 0;
        return 0;
}

const struct kernel_ops kernel_fake = {
        .made_up = true,
        .open = fake_open,
        .close = fake_close,
        .probe = fake_probe,
        .event_fd = fake_event_fd,
        .dispatch = fake_dispatch,
        .link_facts = fake_link_facts,
        .default_link = fake_default_link,
        .link_gateway = fake_link_gateway,
        .link_surroundings = fake_link_surroundings,
        .link_take = fake_link_take,
        .link_apply = fake_link_apply,
        .changes = fake_changes,
        .link_free = fake_link_free,
        .link_ifb = fake_link_ifb,
        .link_xdp = fake_link_xdp,
        .link_mended = fake_link_mended,
        .link_torn = fake_link_mended,
        .link_settings = fake_link_settings,
        .link_totals = fake_link_totals,
        .link_queues = fake_link_queues,
        .link_flows = fake_link_flows,
        .link_forget = fake_link_forget,
        .set_ports = fake_set_ports,
        .revert = fake_revert,
};
