/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer: the parser of bpf/, compiled for this machine, on any bytes; what it makes of
 * them is what the reference makes of them, and it reads nothing beyond data_end.
 *
 * The first 6 bytes say what an skb says beside its data: bit 0 of the first whether there
 * is an Ethernet header, bit 1 whether the linear part is all there is, else its length in
 * the second; then gso_size and gso_segs, 16 bits each. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include "reference.h"
#include "rtp.bpf.h"
#include "walk.bpf.h"

#define HEAD 6
/* BPF's own limit, LINEAR_MAX, is within. */
#define SIZE_MAX_TRIED 16384

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An skb's addresses have 32 bits: its linear part lies where these reach. */
static uint8_t *low;
/* The frame as a whole, where the helper takes what it is asked for. */
static const uint8_t *whole;
static size_t whole_size;
static struct packet walked_entry;

long bpf_skb_load_bytes(const void *skb, __u32 offset, void *to, __u32 size)
{
        if (offset > whole_size || size > whole_size - offset)
                return -14; /* EFAULT */
        memcpy(to, whole + offset, size);
        return 0;
}

/* Never called: the parser is handed an skb. */
long bpf_xdp_load_bytes(void *xdp, __u32 offset, void *to, __u32 size)
{
        abort();
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
        return map == &walked && *(const __u32 *)key == 0 ? &walked_entry : NULL;
}

/* As libbpf does with an object's read-only data before it loads it. */
static void set_ethernet(bool on)
{
        *(volatile __u8 *)(uintptr_t)&link_ethernet = on;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        uintptr_t page = (uintptr_t)&link_ethernet & ~(uintptr_t)4095;

        low = mmap(NULL, SIZE_MAX_TRIED + 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        if (low == MAP_FAILED || mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) < 0)
                abort();
        return 0;
}

static void same(const char *what, unsigned long ours, unsigned long reference)
{
        if (ours == reference)
                return;
        __builtin_printf("%s: %lu, and %lu by the reference\n", what, ours, reference);
        abort();
}

static void check_payload(struct __sk_buff *skb, const struct packet *p)
{
        /* of a super-packet each segment is looked at */
        __u32 size = skb->gso_size && skb->gso_size < p->payload ? skb->gso_size : p->payload;
        struct reference_rtp r = {0};
        struct rtp ours = {0};
        enum reference_kind kind = reference_look(whole + p->l4 + 8, size, &r);

        same("kind", rtp_look(FRAME_SKB(skb), p->l4 + 8, size, &ours), kind);
        if (kind != REFERENCE_RTP)
                return;
        same("payload type", ours.payload_type, r.type);
        same("marker", ours.marker, r.marker);
        same("padding", ours.padded, r.padded);
        same("sequence", ours.sequence, r.sequence);
        same("timestamp", ours.timestamp, r.timestamp);
        same("SSRC", ours.ssrc, r.ssrc);
        same("size", ours.size, r.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct reference_frame f;
        struct reference r;
        struct packet p;
        struct __sk_buff skb = {0};
        size_t linear;

        if (size < HEAD || size - HEAD > SIZE_MAX_TRIED)
                return 0;
        f = (struct reference_frame){.data = data + HEAD,
                                     .size = size - HEAD,
                                     .ethernet = data[0] & 1,
                                     .gso_size = (unsigned)(data[2] << 8 | data[3]),
                                     .gso_segs = (unsigned)(data[4] << 8 | data[5])};
        whole = f.data;
        whole_size = f.size;
        linear = data[0] & 2 || data[1] > f.size ? f.size : data[1];

        /* what is not linear is poison: reading it is a report of ASan's */
        ASAN_UNPOISON_MEMORY_REGION(low, SIZE_MAX_TRIED + 4096);
        memcpy(low, whole, linear);
        ASAN_POISON_MEMORY_REGION(low + linear, SIZE_MAX_TRIED + 4096 - linear);
        skb.data = (__u32)(uintptr_t)low;
        skb.data_end = skb.data + (__u32)linear;
        skb.len = (__u32)f.size;
        skb.gso_size = f.gso_size;
        skb.gso_segs = f.gso_segs;

        set_ethernet(f.ethernet);
        walk_or_parse(FRAME_SKB(&skb), &p);
        reference_parse(&f, &r);
        same("l3", p.l3, r.l3);
        same("l4", p.l4, r.l4);
        same("bytes", p.bytes, r.bytes);
        same("segments", p.segments, r.segments);
        same("payload", p.payload, r.payload);
        same("version", p.version, r.version);
        same("protocol", p.proto, r.proto);
        same("DSCP", p.dscp, r.dscp);
        same("source", bpf_ntohs(p.source), r.source);
        same("destination", bpf_ntohs(p.dest), r.dest);
        same("pure ACK", p.just_ack, r.just_ack);
        if (p.proto == IPPROTO_UDP)
                check_payload(&skb, &p);
        return 0;
}
