// SPDX-License-Identifier: GPL-2.0-or-later
/* What the programs cost a packet, in ns over a program that does nothing.
 *
 * Each figure is the least of several runs of 1,000,000 repeats: whatever else the
 * machine does can only add. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "p2s-abi.h"
#include "bench.skel.h"
#include "packet.h"
#include "util.h"

#define REPEATS 1000000
#define RUNS    9

static struct bench_bpf *load(uint32_t flows)
{
        struct bench_bpf *b = bench_bpf__open();

        if (!b)
                return NULL;
        b->rodata->bench_flows = flows;
        if (bench_bpf__load(b) < 0) {
                bench_bpf__destroy(b);
                return NULL;
        }
        b->data_ports->port_class[5004] = P2S_CLASS_VOICE;
        b->data_settings->settings.dscp_write[P2S_CLASS_VOICE] = 46;
        b->data_settings->settings.detect = 1;
        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                b->data_settings->settings.priority[P2S_OUTGOING][q] = 0x10010 + q;
        return b;
}

/* Least ns of a packet; 0 = it could not run. */
static uint32_t measure(const struct bpf_program *program, const uint8_t *data, size_t size)
{
        uint32_t least = UINT32_MAX;

        for (unsigned i = 0; i < RUNS; i++) {
                LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data,
                            .data_size_in = (uint32_t)size, .repeat = REPEATS);

                if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts) < 0)
                        return 0;
                least = MIN(least, opts.duration);
        }
        return least;
}

static void report(const char *what, uint32_t ns, uint32_t over, int target)
{
        printf("%-58s %5u ns  %+4d ns", what, ns, (int)ns - (int)over);
        if (target)
                printf("  (target: +%d)", target);
        printf("\n");
}

/* All flows in one batch, as p2sd reads them. */
static void bench_read(struct bench_bpf *b)
{
        size_t value = bpf_map__value_size(b->maps.flows);
        uint8_t *keys = malloc(P2S_FLOWS_MAX * sizeof(struct p2s_flow_id));
        uint8_t *values = malloc(P2S_FLOWS_MAX * value);
        uint64_t least = UINT64_MAX;
        uint32_t n = 0;

        for (unsigned i = 0; i < RUNS && keys && values; i++) {
                uint64_t start = now_usec();
                uint32_t cursor;

                n = P2S_FLOWS_MAX;
                (void)bpf_map_lookup_batch(bpf_map__fd(b->maps.flows), NULL, &cursor, keys, values,
                                           &n, NULL);
                least = MIN(least, now_usec() - start);
        }
        printf("reading %u flows in one batch: %llu us\n", n, (unsigned long long)least);
        free(keys);
        free(values);
}

static int bench_calls(const uint8_t *data, size_t size)
{
        static const uint32_t flows[] = {1, 10000};
        char what[80];

        for (unsigned i = 0; i < ELEMENTSOF(flows); i++) {
                struct bench_bpf *b = load(flows[i]);
                uint32_t vary, voice;

                if (!b)
                        return -1;
                vary = measure(b->progs.bench_vary, data, size);
                voice = measure(b->progs.bench_voice, data, size);
                snprintf(what, sizeof(what), "voice by port, measured and marked, flows: %u",
                         flows[i]);
                report(what, voice, vary, 120);
                b->data_ports->port_class[5004] = P2S_CLASS_NONE;
                voice = measure(b->progs.bench_voice, data, size);
                snprintf(what, sizeof(what), "voice by detection, measured and marked, flows: %u",
                         flows[i]);
                report(what, voice, vary, 120);
                bench_read(b);
                bench_bpf__destroy(b);
        }
        return 0;
}

int main(void)
{
        uint8_t rtp[172] = {}, quic[1200] = {}, other[172] = {}, data[PACKET_MAX];
        struct packet_spec s = {.sport = 443, .dport = 40000, .source_host = 1, .dest_host = 2};
        struct bench_bpf *b;
        uint32_t empty;

        setvbuf(stdout, NULL, _IOLBF, 0);
        b = load(1);
        if (!b) {
                printf("skipped: the programs cannot be loaded: %s\n", strerror(errno));
                return 77;
        }

        s.version = 4, s.proto = IPPROTO_TCP, s.tcp_flags = ACK;
        s.payload = quic, s.payload_size = sizeof(quic);
        empty = measure(b->progs.bench_empty, data, packet_build(&s, data));
        report("empty program", empty, empty, 0);
        report("TCP, IPv4", measure(b->progs.p2s_egress, data, packet_build(&s, data)), empty, 12);
        s.version = 6;
        report("TCP, IPv6", measure(b->progs.p2s_egress, data, packet_build(&s, data)), empty, 12);

        s.version = 6, s.proto = IPPROTO_UDP;
        quic[0] = 0x45; /* a short header, RFC 9000 section 17.3 */
        report("UDP, IPv6, QUIC", measure(b->progs.p2s_egress, data, packet_build(&s, data)), empty,
               50);
        packet_rtp(&(struct rtp_spec){.payload_type = 111, .ssrc = 7}, other);
        s.payload = other, s.payload_size = sizeof(other);
        report("UDP, IPv6, looks like RTP, never confirmed",
               measure(b->progs.p2s_egress, data, packet_build(&s, data)), empty, 50);
        bench_bpf__destroy(b);

        packet_rtp(&(struct rtp_spec){.ssrc = 1}, rtp); /* PCMU */
        s = (struct packet_spec){.version = 4,
                                 .sport = 5004,
                                 .dport = 5004,
                                 .source_host = 1,
                                 .dest_host = 2,
                                 .payload = rtp,
                                 .payload_size = sizeof(rtp)};
        if (bench_calls(data, packet_build(&s, data)) < 0)
                return 1;
        return 0;
}
