// SPDX-License-Identifier: GPL-2.0-or-later
/* The shipped programs and what the benchmark compares them with.
 *
 * BPF_PROG_TEST_RUN repeats one packet.  To measure marking, and flows beyond the
 * first, the packet must change between repeats: bench_vary does that alone, and
 * bench_voice does it and then runs the egress program on it. */
#include "../../bpf/p2s.bpf.c"

/* How many SSRCs take turns. */
const volatile __u32 bench_flows = 1;

__u32 bench_turn;

/* A prime: flows take turns in no order that a prefetcher would guess. */
#define BENCH_STEP 7919

SEC("tc")
int bench_empty(struct __sk_buff *skb)
{
        return TC_ACT_UNSPEC;
}

/* The next SSRC and host, for one host may not fill the table; the next number and
 * 20 ms of PCMU each time all had their turn; and the DSCP back to 0 with its
 * checksum.  Ethernet, IPv4 without options, UDP, RTP. */
static __always_inline void vary(const struct frame *f, bool incoming)
{
        __u32 turn = bench_turn++, round = turn / bench_flows;
        __u32 flow = (__u32)((__u64)turn * BENCH_STEP % bench_flows);
        struct {
                __be16 sequence;
                __be32 timestamp;
                __be32 ssrc;
        } __attribute__((packed)) rtp = {
                .sequence = bpf_htons((__u16)round),
                .timestamp = bpf_htonl(round * 160),
                .ssrc = bpf_htonl(flow + 1),
        };
        __be16 host = bpf_htons((__u16)flow);

        /* the far end's, whoever that is */
        (void)frame_store(f, incoming ? 28 : 32, &host, sizeof(host), 0);
        (void)frame_store(f, 44, &rtp, sizeof(rtp), 0);
        (void)mark_ipv4(f, sizeof(struct ethhdr), 0);
}

SEC("tc")
int bench_vary(struct __sk_buff *skb)
{
        vary(FRAME_SKB(skb), false);
        return TC_ACT_UNSPEC;
}

SEC("tc")
int bench_voice(struct __sk_buff *skb)
{
        vary(FRAME_SKB(skb), false);
        return run(skb, P2S_OUTGOING);
}

/* What arrives: begins the flows that XDP marks. */
SEC("tc")
int bench_arrived(struct __sk_buff *skb)
{
        vary(FRAME_SKB(skb), true);
        return run(skb, P2S_INCOMING);
}

SEC("xdp.frags")
int bench_xdp_empty(struct xdp_md *xdp)
{
        return XDP_PASS;
}

SEC("xdp.frags")
int bench_xdp_vary(struct xdp_md *xdp)
{
        vary(FRAME_XDP(xdp), true);
        return XDP_PASS;
}

SEC("xdp.frags")
int bench_xdp_voice(struct xdp_md *xdp)
{
        vary(FRAME_XDP(xdp), true);
        return arrive(xdp);
}
