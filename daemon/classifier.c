// SPDX-License-Identifier: GPL-2.0-or-later
#include "classifier.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "flow-places.h"
#include "p2s.skel.h"

/* Where all kernels that P2S runs on take tail calls beside functions. */
#if defined(__x86_64__) || defined(__aarch64__)
#define MARK_IN_PLACE 1
#else
#define MARK_IN_PLACE 0
#endif

/* How much of libbpf's words is kept: the end, where the reason stands. */
#define LOG_MAX 4096

struct ClassifierShared {
        int fd; /* the port rules */
        struct kernel_ports *mapped;
        int ring_fd;
        struct ring_buffer *ring;
        /* of the dispatch under way */
        void (*callback)(unsigned ifindex, void *userdata);
        void *userdata;
};

struct Classifier {
        struct p2s_bpf *skel;
        unsigned cpus;
        uint32_t secret[FLOW_ID_SECRETS]; /* where an IPv6 flow is in the table */
};

/* libbpf has one place for its words in a process. */
static char *load_log;

static _printf_(2, 0) int load_log_print(enum libbpf_print_level level, const char *format,
                                         va_list args)
{
        _cleanup_free_ char *text = NULL, *all = NULL;
        size_t length;

        if (level != LIBBPF_WARN)
                return 0;
        if (vasprintf(&text, format, args) < 0) {
                text = NULL; /* what it points to is undefined */
                return 0;
        }
        if (asprintf(&all, "%s%s", load_log ? load_log : "", text) < 0) {
                all = NULL;
                return 0;
        }
        length = strlen(all);
        free(load_log);
        load_log = strdup(length > LOG_MAX ? all + length - LOG_MAX : all);
        return 0;
}

static int on_event(void *ctx, void *data, size_t size)
{
        const ClassifierShared *p = ctx;
        struct p2s_event e;

        if (size >= sizeof(e)) {
                memcpy(&e, data, sizeof(e));
                p->callback(e.ifindex, p->userdata);
        }
        return 0;
}

static int ring_new(ClassifierShared *p)
{
        p->ring_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "p2s_events", 0, 0,
                                    (uint32_t)sysconf(_SC_PAGESIZE), NULL);
        if (p->ring_fd < 0)
                return p->ring_fd;
        p->ring = ring_buffer__new(p->ring_fd, on_event, p, NULL);
        return p->ring ? 0 : -errno;
}

int classifier_shared_event_fd(const ClassifierShared *p)
{
        return ring_buffer__epoll_fd(p->ring);
}

int classifier_shared_dispatch(ClassifierShared *p, void (*callback)(unsigned ifindex, void *),
                               void *userdata)
{
        int r;

        p->callback = callback;
        p->userdata = userdata;
        r = ring_buffer__consume(p->ring);
        return r < 0 ? r : 0;
}

int classifier_shared_new(ClassifierShared **ret)
{
        _cleanup_(classifier_shared_freep) ClassifierShared *p = NULL;
        LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
        void *m;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->fd = p->ring_fd = -EBADF;
        p->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "p2s_ports", sizeof(uint32_t),
                               sizeof(*p->mapped), 1, &opts);
        if (p->fd < 0)
                return p->fd;
        r = ring_new(p);
        if (r < 0)
                return r;
        m = mmap(NULL, sizeof(*p->mapped), PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
        if (m == MAP_FAILED)
                return -errno;
        p->mapped = m;

        *ret = TAKE_PTR(p);
        return 0;
}

void classifier_shared_free(ClassifierShared *p)
{
        if (!p)
                return;
        if (p->mapped)
                (void)munmap(p->mapped, sizeof(*p->mapped));
        ring_buffer__free(p->ring);
        closep(&p->ring_fd);
        closep(&p->fd);
        free(p);
}

void classifier_shared_set_ports(ClassifierShared *p, const struct kernel_ports *ports)
{
        memcpy(p->mapped, ports, sizeof(*ports));
}

static int load(Classifier *c, ClassifierShared *shared, bool ethernet)
{
        uint32_t secret[FLOW_ID_SECRETS];
        int r;

        c->skel = p2s_bpf__open();
        if (!c->skel)
                return -errno;
        c->skel->rodata->link_ethernet = ethernet;
        c->skel->rodata->mark_in_place = MARK_IN_PLACE;
        if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
                return -EIO;
        memcpy(c->secret, secret, sizeof(secret));
        memcpy((void *)c->skel->rodata->flow_secret, secret, sizeof(secret));
        r = bpf_map__reuse_fd(c->skel->maps.data_ports, shared->fd);
        if (r >= 0)
                r = bpf_map__reuse_fd(c->skel->maps.events, shared->ring_fd);
        if (r >= 0)
                r = p2s_bpf__load(c->skel);
        if (r < 0)
                return r;
        /* libbpf asks the kernel once; one that maps the table of ports does these, too */
        if (!c->skel->data_settings || !c->skel->bss) {
                free(load_log);
                load_log = strdup("for want of memory, libbpf took the kernel for one that cannot "
                                  "map maps: restart p2sd");
                return -ENOMEM;
        }
        return 0;
}

int classifier_new(ClassifierShared *shared, bool ethernet, Classifier **ret, char **log)
{
        _cleanup_(classifier_freep) Classifier *c = NULL;
        _cleanup_free_ char *words = NULL;
        libbpf_print_fn_t previous;
        int cpus, r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        cpus = libbpf_num_possible_cpus();
        if (cpus < 0)
                return cpus;
        c->cpus = (unsigned)cpus;

        previous = libbpf_set_print(load_log_print);
        r = load(c, shared, ethernet);
        (void)libbpf_set_print(previous);
        words = TAKE_PTR(load_log);
        if (r < 0) {
                if (log)
                        *log = TAKE_PTR(words);
                return r;
        }

        *ret = TAKE_PTR(c);
        return 0;
}

void classifier_free(Classifier *c)
{
        if (!c)
                return;
        p2s_bpf__destroy(c->skel);
        free(c);
}

int classifier_program_fd(Classifier *c, enum p2s_direction direction)
{
        return bpf_program__fd(direction == P2S_OUTGOING ? c->skel->progs.p2s_egress
                                                         : c->skel->progs.p2s_ingress);
}

void classifier_xdp_fds(Classifier *c, int *ret_native, int *ret_generic)
{
        *ret_native = bpf_program__fd(c->skel->progs.p2s_xdp);
        *ret_generic = bpf_program__fd(c->skel->progs.p2s_xdp_generic);
}

void classifier_settings(Classifier *c, const struct p2s_settings *settings)
{
        c->skel->data_settings->settings = *settings;
}

int classifier_totals(Classifier *c, struct p2s_totals *ret)
{
        _cleanup_free_ struct p2s_totals *by_cpu = NULL;
        struct p2s_totals sum = {};
        uint32_t zero = 0;
        int r;

        by_cpu = calloc(c->cpus, sizeof(*by_cpu));
        if (!by_cpu)
                return -ENOMEM;
        r = bpf_map_lookup_elem(bpf_map__fd(c->skel->maps.totals), &zero, by_cpu);
        if (r < 0)
                return r;
        for (unsigned cpu = 0; cpu < c->cpus; cpu++)
                for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                        for (unsigned i = 0; i < _P2S_CLASS_MAX; i++) {
                                sum.of[d][i].packets += by_cpu[cpu].of[d][i].packets;
                                sum.of[d][i].bytes += by_cpu[cpu].of[d][i].bytes;
                                sum.of[d][i].marks += by_cpu[cpu].of[d][i].marks;
                        }

        *ret = sum;
        return 0;
}

int classifier_flows(Classifier *c, struct kernel_flow **ret, size_t *ret_n)
{
        return flow_read(bpf_map__fd(c->skel->maps.flows), c->skel->bss->flow_index.used, ret,
                         ret_n);
}

int classifier_forget(Classifier *c, const struct p2s_flow_key *key)
{
        return flow_forget(bpf_map__fd(c->skel->maps.flows), &c->skel->bss->flow_index, c->secret,
                           key);
}

void classifier_forget_all(Classifier *c)
{
        flow_forget_all(&c->skel->bss->flow_index);
}
