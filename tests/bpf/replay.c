// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a capture through the egress program, each packet at its own arrival time, and
 * prints what was found: one line a flow, for test-tshark.py to compare. */
#include <arpa/inet.h>

#include "harness.h"

/* pcap, classic, in this machine's byte order; times in ns by the magic. */
#define PCAP_NS_MAGIC 0xa1b23c4du

struct pcap_record {
        uint32_t sec, nsec, captured, length;
};

static int replay(struct harness *h, FILE *f)
{
        uint32_t header[6];
        struct pcap_record r;
        uint8_t data[PACKET_MAX];
        struct outcome o;

        if (fread(header, sizeof(header), 1, f) != 1 || header[0] != PCAP_NS_MAGIC)
                return -EINVAL;
        while (fread(&r, sizeof(r), 1, f) == 1) {
                if (r.captured > sizeof(data) || fread(data, r.captured, 1, f) != 1)
                        return -EINVAL;
                h->clock_ns = r.sec * NSEC_PER_SEC + r.nsec;
                harness_run(h, P2S_OUTGOING, data, r.captured, &o);
        }
        return 0;
}

static void print_flows(struct harness *h)
{
        static const char *const rules[] = {"none", "port", "stun+rtp", "rtp", "dscp"};
        static const char *const classes[] = {"none", "general", "video", "voice"};
        int fd = bpf_map__fd(h->skel->maps.flows);
        struct p2s_flow_id id, *previous = NULL;
        union {
                struct p2s_flow_entry entry;
                uint8_t bytes[512];
        } value;

        for (; bpf_map_get_next_key(fd, previous, &id) == 0; previous = &id) {
                struct p2s_flow_key key;
                struct p2s_flow f;
                double mean;

                assert_int_equal(bpf_map_lookup_elem(fd, &id, &value), 0);
                f = value.entry.flow;
                key = value.entry.key;
                mean = f.jitter_packets ? (double)f.jitter_sum_ns / (double)f.jitter_packets : 0;
                printf("0x%08X %u %s %s %u %llu %lld %.6f %.6f\n", key.ssrc, ntohs(key.local_port),
                       rules[f.rule], classes[f.class], f.clock_hz, (unsigned long long)f.packets,
                       (long long)(f.max_ext_seq - f.base_ext_seq + 1) - f.received, mean / 1e6,
                       (double)f.jitter_max_ns / 1e6);
        }
}

int main(int argc, char *argv[])
{
        _cleanup_(harness_freep) struct harness *h = NULL;
        _cleanup_fclose_ FILE *f = NULL;

        if (argc != 2) {
                fprintf(stderr, "usage: replay CAPTURE\n");
                return 2;
        }
        harness_check();
        f = fopen(argv[1], "re");
        if (!f) {
                fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
                return 1;
        }
        h = harness_new(true, true);
        h->settings->detect = 1;
        if (replay(h, f) < 0) {
                fprintf(stderr, "%s: not a capture in pcap format with ns\n", argv[1]);
                return 1;
        }
        print_flows(h);
        return 0;
}
