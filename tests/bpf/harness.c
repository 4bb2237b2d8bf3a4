// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness.h"

static __attribute__((format(printf, 2, 0))) int quiet(enum libbpf_print_level level,
                                                       const char *format, va_list args)
{
        return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
        return 0;
}

void harness_check(void)
{
        struct bpf_insn exit0[] = {
                {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
                {.code = BPF_JMP | BPF_EXIT},
        };
        int fd;

        (void)libbpf_set_print(silent);
        fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "check", "GPL", exit0, ELEMENTSOF(exit0), NULL);
        if (fd < 0) {
                printf("skipped: no BPF program of type sched_cls can be loaded: %s\n",
                       strerror(-fd));
                exit(77);
        }
        (void)close(fd);
        (void)libbpf_set_print(quiet);
}

uint32_t harness_priority(enum p2s_direction direction, enum p2s_queue queue)
{
        return 0x10000u | (uint32_t)direction << 8 | (uint32_t)queue;
}

struct harness *harness_new(bool ethernet, bool own_clock)
{
        struct harness *h = calloc(1, sizeof(*h));

        assert_non_null(h);
        h->skel = p2s_bpf__open();
        assert_non_null(h->skel);
        h->skel->rodata->link_ethernet = ethernet;
        h->skel->rodata->test_clock = own_clock;
        assert_int_equal(p2s_bpf__load(h->skel), 0);
        h->settings = &h->skel->data_settings->settings;
        h->ports = h->skel->data_ports->port_class;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        h->settings->priority[d][q] = harness_priority(d, q);
        h->clock_ns = 1000 * NSEC_PER_SEC;
        return h;
}

struct harness *harness_detecting(void)
{
        struct harness *h = harness_new(true, true);

        h->settings->detect = 1;
        return h;
}

void harness_free(struct harness *h)
{
        if (!h)
                return;
        p2s_bpf__destroy(h->skel);
        free(h);
}

int harness_try(struct harness *h, enum p2s_direction direction, const void *data, size_t size,
                struct outcome *ret)
{
        struct __sk_buff in = {
                .tstamp = h->clock_ns,
                .gso_segs = h->gso_segs,
                .gso_size = h->gso_size,
        };
        struct __sk_buff out = {};
        LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = (uint32_t)size,
                    .data_out = ret->data, .data_size_out = sizeof(ret->data), .ctx_in = &in,
                    .ctx_size_in = sizeof(in), .ctx_out = &out, .ctx_size_out = sizeof(out));
        struct bpf_program *program =
                direction == P2S_OUTGOING ? h->skel->progs.p2s_egress : h->skel->progs.p2s_ingress;
        int r;

        r = bpf_prog_test_run_opts(bpf_program__fd(program), &opts);
        if (r < 0)
                return r;
        ret->size = opts.data_size_out;
        ret->priority = out.priority;
        ret->verdict = (int)opts.retval;
        return 0;
}

void harness_run(struct harness *h, enum p2s_direction direction, const void *data, size_t size,
                 struct outcome *ret)
{
        assert_int_equal(harness_try(h, direction, data, size, ret), 0);
        assert_int_equal(ret->verdict, TC_ACT_UNSPEC);
}

void harness_arrive(struct harness *h, const void *data, size_t size, struct outcome *ret)
{
        LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = (uint32_t)size,
                    .data_out = ret->data, .data_size_out = sizeof(ret->data));

        assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(h->skel->progs.p2s_xdp), &opts), 0);
        assert_int_equal(opts.retval, XDP_PASS);
        ret->size = opts.data_size_out;
}

enum p2s_queue harness_queue(struct harness *h, enum p2s_direction direction,
                             const struct packet_spec *spec)
{
        uint8_t data[PACKET_MAX];
        struct outcome o;

        harness_run(h, direction, data, packet_build(spec, data), &o);
        assert_int_equal(o.priority & ~0xffu, harness_priority(direction, 0));
        return o.priority & 0xff;
}

struct p2s_totals harness_totals(struct harness *h)
{
        int cpus = libbpf_num_possible_cpus();
        struct p2s_totals sum = {}, *each;
        uint32_t zero = 0;

        assert_true(cpus > 0);
        each = calloc((size_t)cpus, sizeof(*each));
        assert_non_null(each);
        assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->skel->maps.totals), &zero, each), 0);
        for (int cpu = 0; cpu < cpus; cpu++)
                for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                        for (unsigned c = 0; c < _P2S_CLASS_MAX; c++) {
                                sum.of[d][c].packets += each[cpu].of[d][c].packets;
                                sum.of[d][c].bytes += each[cpu].of[d][c].bytes;
                                sum.of[d][c].marks += each[cpu].of[d][c].marks;
                        }
        free(each);
        return sum;
}

bool harness_entry(struct harness *h, uint32_t entry, struct p2s_flow_entry *ret)
{
        static const struct p2s_flow_id none;
        uint8_t value[512];

        if (entry >= h->skel->bss->flow_index.used)
                return false;
        assert_true(bpf_map__value_size(h->skel->maps.flows) <= sizeof(value));
        assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(h->skel->maps.flows), &entry, value), 0);
        memcpy(ret, value, sizeof(*ret));
        return memcmp(&ret->id, &none, sizeof(none)) != 0;
}

bool harness_flow(struct harness *h, enum p2s_direction direction, uint32_t ssrc,
                  struct p2s_flow_key *key, struct p2s_flow *ret)
{
        struct p2s_flow_entry e;
        bool found = false;

        for (uint32_t i = 0; i < P2S_FLOWS_MAX; i++) {
                if (!harness_entry(h, i, &e) || e.key.direction != direction || e.key.ssrc != ssrc)
                        continue;
                assert_false(found);
                found = true;
                *ret = e.flow;
                if (key)
                        *key = e.key;
        }
        return found;
}

size_t harness_flow_count(struct harness *h)
{
        struct p2s_flow_entry e;
        size_t n = 0;

        for (uint32_t i = 0; i < P2S_FLOWS_MAX; i++)
                n += harness_entry(h, i, &e);
        return n;
}

static void empty(const struct bpf_map *map)
{
        int fd = bpf_map__fd(map);
        uint8_t key[64];

        assert_true(bpf_map__key_size(map) <= sizeof(key));
        while (bpf_map_get_next_key(fd, NULL, key) == 0)
                assert_int_equal(bpf_map_delete_elem(fd, key), 0);
}

static void zero(const struct bpf_map *map)
{
        void *none = calloc(1, bpf_map__value_size(map));

        assert_non_null(none);
        for (uint32_t i = 0; i < bpf_map__max_entries(map); i++)
                assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), &i, none, BPF_ANY), 0);
        free(none);
}

void harness_forget(struct harness *h)
{
        empty(h->skel->maps.tuples);
        empty(h->skel->maps.sources);
        zero(h->skel->maps.clock_guesses);
        zero(h->skel->maps.bss); /* aliens, and the index of the flows */
}
