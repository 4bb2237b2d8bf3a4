// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include "flows.h"

static const char *address_text(const uint8_t address[16], char text[INET6_ADDRSTRLEN])
{
        if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address))
                return inet_ntop(AF_INET, address + 12, text, INET6_ADDRSTRLEN);
        return inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
}

static void flow_print(const struct p2s_flow_entry *e)
{
        static const char *const rules[] = {"none", "port", "stun+rtp", "rtp", "dscp"};
        static const char *const classes[] = {"none", "general", "video", "voice"};
        const struct p2s_flow *f = &e->flow;
        const struct p2s_flow_key *k = &e->key;
        bool out = k->direction == P2S_OUTGOING;
        char source[INET6_ADDRSTRLEN], dest[INET6_ADDRSTRLEN];
        double mean = f->jitter_packets ? (double)f->jitter_sum_ns / (double)f->jitter_packets : 0;

        printf("flow %s %u %s %u 0x%08X %s %s %u %llu %lld %.6f %.6f\n",
               address_text(out ? k->local : k->remote, source),
               ntohs(out ? k->local_port : k->remote_port),
               address_text(out ? k->remote : k->local, dest),
               ntohs(out ? k->remote_port : k->local_port), k->ssrc, rules[f->rule],
               classes[f->class], f->clock_hz, (unsigned long long)f->packets,
               (long long)(f->max_ext_seq - f->base_ext_seq + 1) - f->received, mean / 1e6,
               (double)f->jitter_max_ns / 1e6);
}

void flows_print(struct p2s_bpf *skel)
{
        struct harness h = {.skel = skel};
        struct p2s_flow_entry e;

        for (uint32_t i = 0; i < P2S_FLOWS_MAX; i++)
                if (harness_entry(&h, i, &e))
                        flow_print(&e);
}
