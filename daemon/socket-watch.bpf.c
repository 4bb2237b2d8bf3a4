// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells p2sd that a UDP socket has got a port: by bind(), connect() or its first
 * packet, all of which end in one function of the kernel's. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* As far as they are read; libbpf puts in where the members are. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct ns_common {
        unsigned int inum;
};
struct net {
        struct ns_common ns;
};
typedef struct {
        struct net *net;
} possible_net_t;
struct sock_common {
        possible_net_t skc_net;
};
struct sock {
        struct sock_common __sk_common;
};
#pragma clang attribute pop

/* p2sd's network namespace, as /proc/self/ns/net numbers it. */
const volatile __u32 own_namespace = 0;

__u32 opened = 0; /* sockets so far; wraps */
__u32 armed = 0;  /* p2sd wants to be told of the next one: set back here */

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* a page: p2sd sets its size */
} events SEC(".maps");

SEC("fexit/udp_lib_get_port")
int BPF_PROG(socket_opened, struct sock *sk)
{
        __u32 event = 0;

        if (BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) != own_namespace)
                return 0;
        __sync_fetch_and_add(&opened, 1);
        if (!armed)
                return 0;
        armed = 0;
        if (bpf_ringbuf_output(&events, &event, sizeof(event), 0) < 0)
                armed = 1;
        return 0;
}

char LICENSE[] SEC("license") = "GPL";
