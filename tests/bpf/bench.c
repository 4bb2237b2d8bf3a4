// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs cost a packet, in ns over a program that does nothing, beside 1 flow
 * in the table and beside 10,000.
 *
 * Each figure is the least of several runs of 1,000,000 repeats: whatever else the
 * machine does can only add. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "flow-places.h"
#include "bench.skel.h"
#include "packet.h"
#include "util.h"

#define REPEATS 1000000
#define ROUNDS  9
#define PORT    5004

/* One object a number of flows, as there is one a link. */
struct table {
        uint32_t flows;
        bool incoming; /* that XDP marks */
        struct bench_bpf *bpf;
};

/* One line of the report.  All take turns, for what else the machine does comes and goes in
 * seconds. */
struct row {
        const char *what;
        enum { TCP, UDP, RTP, VOICE } packet;
        uint8_t version; /* of TCP */
        const char *program;
        size_t table;
        uint8_t data[PACKET_MAX];
        size_t size;
        bool by_port;
        size_t over; /* the row that it is compared with */
        int target;  /* ns over that; 0 = none */
        uint32_t least;
};

static int load(struct table *t)
{
        struct bench_bpf *b = t->bpf = bench_bpf__open();

        if (!b)
                return -errno;
        b->rodata->bench_flows = t->flows;
        if (bench_bpf__load(b) < 0)
                return -errno;
        b->data_settings->settings.dscp_write[P2S_CLASS_VOICE] = 46;
        b->data_settings->settings.detect = 1;
        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                b->data_settings->settings.priority[P2S_OUTGOING][q] =
                        b->data_settings->settings.priority[P2S_INCOMING][q] = 0x10010 + q;
        return 0;
}

/* ns a packet, the mean of so many; 0 = it could not run. */
static uint32_t run(const struct table *t, const struct row *row, uint32_t repeats)
{
        const struct bpf_program *program =
                bpf_object__find_program_by_name(t->bpf->obj, row->program);
        LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = row->data,
                    .data_size_in = (uint32_t)row->size, .repeat = (int)repeats);

        t->bpf->data_ports->port_class[PORT] = row->by_port ? P2S_CLASS_VOICE : P2S_CLASS_NONE;
        return bpf_prog_test_run_opts(bpf_program__fd(program), &opts) < 0 ? 0 : opts.duration;
}

/* A single flow gets in a second what 50,000 do, and would be demoted for it: it begins
 * anew, named by port for a few packets. */
static void begin_flow(const struct table *t, const struct row *row)
{
        struct row by_port = *row;

        flow_forget_all(&t->bpf->bss->flow_index);
        by_port.by_port = true;
        (void)run(t, &by_port, 10);
        if (!t->incoming)
                return;
        /* XDP marks what was found to be a call */
        by_port.by_port = false;
        by_port.program = "bench_arrived";
        (void)run(t, &by_port, 10);
}

static int measure(const struct table *tables, struct row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++)
                rows[i].least = UINT32_MAX;
        for (unsigned round = 0; round < ROUNDS; round++)
                for (size_t i = 0; i < n; i++) {
                        const struct table *t = tables + rows[i].table;
                        uint32_t ns;

                        if (t->flows == 1 && rows[i].over && !rows[i].by_port)
                                begin_flow(t, rows + i);
                        ns = run(t, rows + i, REPEATS);
                        if (!ns)
                                return -errno;
                        rows[i].least = MIN(rows[i].least, ns);
                }
        return 0;
}

/* Returns how many miss their target. */
static int report(const struct table *tables, const struct row *rows, size_t n)
{
        int missed = 0;

        for (size_t i = 0; i < n; i++) {
                const struct row *row = rows + i;
                int over = (int)row->least - (int)rows[row->over].least;

                printf("%-44s %5u flows %5u ns", row->what, tables[row->table].flows, row->least);
                if (row->target)
                        printf("  %+4d ns (target: +%d)", over, row->target);
                printf("\n");
                missed += row->target && over > row->target;
        }
        return missed;
}

/* All flows, as p2sd reads them. */
static int bench_read(const struct table *t)
{
        uint64_t least = UINT64_MAX;
        size_t n = 0;

        for (unsigned i = 0; i < ROUNDS; i++) {
                _cleanup_free_ struct kernel_flow *flows = NULL;
                uint64_t start = now_usec();

                if (flow_read(bpf_map__fd(t->bpf->maps.flows), t->bpf->bss->flow_index.used, &flows,
                              &n) < 0)
                        return 1;
                least = MIN(least, now_usec() - start);
        }
        printf("reading %zu flows: %llu us (target: 5000)\n", n, (unsigned long long)least);
        return least > 5000;
}

static size_t build_tcp(unsigned version, uint8_t *ret)
{
        uint8_t data[1200] = {};
        struct packet_spec s = {.version = (uint8_t)version,
                                .proto = IPPROTO_TCP,
                                .tcp_flags = ACK,
                                .sport = 443,
                                .dport = 40000,
                                .source_host = 1,
                                .dest_host = 2,
                                .payload = data,
                                .payload_size = sizeof(data)};

        return packet_build(&s, ret);
}

/* rtp: in the form of RTP; or else a short header of QUIC (RFC 9000 section 17.3). */
static size_t build_udp(bool rtp, uint8_t *ret)
{
        uint8_t data[1200] = {0x45};
        struct packet_spec s = {.version = 6,
                                .proto = IPPROTO_UDP,
                                .sport = 443,
                                .dport = 40000,
                                .source_host = 1,
                                .dest_host = 2,
                                .payload = data,
                                .payload_size = rtp ? 172 : sizeof(data)};

        if (rtp)
                packet_rtp(&(struct rtp_spec){.payload_type = 111, .ssrc = 7}, data);
        return packet_build(&s, ret);
}

/* PCMU, 20 ms. */
static size_t build_voice(uint8_t *ret)
{
        uint8_t data[172] = {};
        struct packet_spec s = {.version = 4,
                                .sport = PORT,
                                .dport = PORT,
                                .source_host = 1,
                                .dest_host = 2,
                                .payload = data,
                                .payload_size = sizeof(data)};

        packet_rtp(&(struct rtp_spec){.ssrc = 1}, data);
        return packet_build(&s, ret);
}

static size_t build(const struct row *row, uint8_t *ret)
{
        switch (row->packet) {
        case TCP:
                return build_tcp(row->version, ret);
        case UDP:
        case RTP:
                return build_udp(row->packet == RTP, ret);
        case VOICE:
        default:
                return build_voice(ret);
        }
}

int main(void)
{
        static struct table tables[] = {{.flows = 1},
                                        {.flows = 10000},
                                        {.flows = 1, .incoming = true},
                                        {.flows = 10000, .incoming = true}};
        /* The first two of each are what the others are compared with. */
        static const struct row kinds[2][8] = {
                {
                        {"empty program", VOICE, .program = "bench_empty"},
                        {"what the bench itself does to voice", VOICE, .program = "bench_vary"},
                        {"TCP, IPv4", TCP, 4, .program = "p2s_egress", .target = 12},
                        {"TCP, IPv6", TCP, 6, .program = "p2s_egress", .target = 12},
                        {"UDP, IPv6, QUIC", UDP, .program = "p2s_egress", .target = 50},
                        {"UDP, IPv6, as RTP, never confirmed", RTP, .program = "p2s_egress",
                         .target = 50},
                        {"voice by port, measured, marked", VOICE, .program = "bench_voice",
                         .by_port = true, .over = 1, .target = 120},
                        {"voice by detection, measured, marked", VOICE, .program = "bench_voice",
                         .over = 1, .target = 120},
                },
                {
                        {"XDP: empty program", VOICE, .program = "bench_xdp_empty"},
                        {"XDP: what the bench itself does to voice", VOICE,
                         .program = "bench_xdp_vary"},
                        {"XDP: TCP, IPv4", TCP, 4, .program = "p2s_xdp", .target = 12},
                        {"XDP: TCP, IPv6", TCP, 6, .program = "p2s_xdp", .target = 12},
                        {"XDP: UDP, IPv6, QUIC", UDP, .program = "p2s_xdp", .target = 50},
                        {"voice that arrives, by port, measured", VOICE, .program = "bench_arrived",
                         .by_port = true, .over = 1},
                        {"voice that arrives, by detection, measured", VOICE,
                         .program = "bench_arrived", .over = 1},
                        {"XDP: voice by detection, marked", VOICE, .program = "bench_xdp_voice",
                         .over = 1, .target = 60},
                },
        };
        static struct row rows[ELEMENTSOF(tables) * ELEMENTSOF(kinds[0])];
        size_t n = 0;
        int missed;

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t t = 0; t < ELEMENTSOF(tables); t++) {
                if (load(tables + t) < 0) {
                        printf("skipped: the programs cannot be loaded: %s\n", strerror(errno));
                        return 77;
                }
                for (size_t k = 0; k < ELEMENTSOF(kinds[0]); k++, n++) {
                        rows[n] = kinds[tables[t].incoming][k];
                        rows[n].table = t;
                        rows[n].over += t * ELEMENTSOF(kinds[0]);
                        rows[n].size = build(rows + n, rows[n].data);
                }
        }
        if (measure(tables, rows, n) < 0) {
                printf("a program cannot be run: %s\n", strerror(errno));
                return 1;
        }
        missed = report(tables, rows, n);
        for (size_t t = 0; t < ELEMENTSOF(tables); t++) {
                missed += !tables[t].incoming && bench_read(tables + t);
                bench_bpf__destroy(tables[t].bpf);
        }
        return missed ? 1 : 0;
}
