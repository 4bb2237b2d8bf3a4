/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the BPF programs and p2sd share: fixed-width structs, limits and ids.
 *
 * Both sides include this file; sizes are asserted at the end of it, so a
 * change that moves a field fails to compile on either.  All numbers are in
 * host byte order unless a comment says otherwise. */
#pragma once

#include <linux/types.h>

/* How many flows one link can hold; a power of two. */
#define P2S_FLOWS_MAX 16384

/* A class as rules name it.  0 means that nothing named the packet: it queues
 * with general.  The order is that of strength. */
enum p2s_class {
        P2S_CLASS_NONE = 0,
        P2S_CLASS_GENERAL = 1, /* named by a rule: exempt from weaker rules */
        P2S_CLASS_VIDEO = 2,
        P2S_CLASS_VOICE = 3,
        _P2S_CLASS_MAX,
};

/* A bit beside the class in the map of ports: this local port is a socket's of a
 * program that makes calls, so that detection needs less evidence.  A hint, no
 * class: a browser's QUIC goes by such ports, too. */
#define P2S_PORT_MEDIA 0x80u

enum p2s_direction {
        P2S_OUTGOING = 0,
        P2S_INCOMING = 1,
        _P2S_DIRECTION_MAX,
};

/* Which rule named a flow's class; strongest first. */
enum p2s_rule {
        P2S_RULE_NONE = 0,
        P2S_RULE_PORT = 1,
        P2S_RULE_STUN_RTP = 2,
        P2S_RULE_RTP = 3,
        P2S_RULE_DSCP = 4,
        _P2S_RULE_MAX,
};

/* Where a packet waits under HTB.  Pure TCP ACKs have a leaf of their own:
 * uploads that delay them make downloads arrive in lumps. */
enum p2s_queue {
        P2S_QUEUE_GENERAL = 0,
        P2S_QUEUE_ACK = 1,
        P2S_QUEUE_VIDEO = 2,
        P2S_QUEUE_VOICE = 3,
        _P2S_QUEUE_MAX,
};

/* What changes while the programs run, one a link, mapped into p2sd: a write
 * there is in force for the next packet. */
struct p2s_settings {
        /* skb->priority by direction and queue; 0 = leave it alone. */
        __u32 priority[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        /* DSCP to write on outgoing packets by class; 64 = leave it alone. */
        __u8 dscp_write[_P2S_CLASS_MAX];
        /* 1 = the DSCP of packets in this direction may name a class. */
        __u8 dscp_trust[_P2S_DIRECTION_MAX];
        /* 1 = look for calls that no rule names. */
        __u8 detect;
        /* 1 = tell p2sd of the next packet of a call.  The programs set it back: one
         * event a call, not one a packet. */
        __u8 announce;
        /* enum p2s_class by DSCP. */
        __u8 dscp_class[64];
        /* What the hash of a packet in this queue is made where a tunnel is about to take it,
         * and looked for where the tunnel's own packets leave: of all that p2sd can set
         * in an skb it is what WireGuard keeps, which encrypts the rest away.  Random, so
         * that other packets' hashes are others. */
        __u32 tag[_P2S_QUEUE_MAX];
        __u8 tag_write; /* 1 = this link is such a tunnel */
        __u8 tag_read;  /* 1 = one leaves by this link */
        __u8 reserved[2];
};

/* A call's packet has passed while p2s_settings.announce was set. */
struct p2s_event {
        __u32 ifindex;
};

/* Totals of one class in one direction; one copy a CPU. */
struct p2s_total {
        __u64 packets; /* a GSO super-packet counts its segments */
        __u64 bytes;   /* from the IP header on */
        __u64 marks;   /* packets whose DSCP was rewritten */
};

/* Indexed by direction and enum p2s_class; P2S_CLASS_NONE counts what no rule
 * named and is added to general by p2sd. */
struct p2s_totals {
        struct p2s_total of[_P2S_DIRECTION_MAX][_P2S_CLASS_MAX];
};

/* One RTP stream (RFC 3550 section 3): direction, 5-tuple and SSRC.  IPv4 addresses are
 * v4-mapped (::ffff:a.b.c.d).  Addresses and ports are in network byte order;
 * "local" is the source of outgoing packets and the destination of incoming. */
struct p2s_flow_key {
        __u8 local[16];
        __u8 remote[16];
        __u16 local_port;  /* network byte order */
        __u16 remote_port; /* network byte order */
        __u32 ssrc;        /* 0 for packets that are not RTP */
        __u8 direction;    /* enum p2s_direction */
        __u8 reserved[3];  /* 0 */
};

/* What a flow is found by in the table: small, for each packet pays for its hash and for
 * the comparison.  flow-id.h makes it, and a place of it. */
struct p2s_flow_id {
        __u64 hosts; /* who sends to whom: IPv4 addresses whole, IPv6 ones hashed */
        __u32 ports; /* source, destination, as they stand in the header */
        __u32 ssrc;  /* inverted on incoming packets */
};

/* Facts of one flow, from which p2sd computes what is shown.
 *
 * Sequence bookkeeping follows RFC 3550 A.1 (max_seq, cycles, base_seq,
 * received); the jitter is that of A.8, kept in nanoseconds << 4 so that its
 * 1/16 gain loses nothing.  What each packet touches comes first. */
struct p2s_flow {
        __u64 last_ns; /* CLOCK_MONOTONIC of the last packet */
        __u64 packets;
        __u64 bytes;         /* from the IP header on */
        __u64 jitter_ns16;   /* J << 4, ns */
        __u64 jitter_sum_ns; /* sum of J after each packet: mean = / jitter_packets */
        __u64 jitter_max_ns;
        __u64 jitter_packets;
        __u64 gap_max_ns;     /* longest time between two packets */
        __u32 max_ext_seq;    /* highest sequence number, extended by cycles << 16 */
        __u32 received;       /* RTP packets since base_ext_seq */
        __u32 last_timestamp; /* RTP, of the packet last measured */
        __u8 payload_type;
        __u8 dscp;          /* as it came, before any rewriting */
        __u8 class;         /* enum p2s_class */
        __u8 rule;          /* enum p2s_rule */
        __u32 base_ext_seq; /* first sequence number, extended */
        __u32 reordered;    /* arrived behind a higher sequence number */
        __u32 duplicates;   /* same number as the one before */
        __u32 clock_hz;     /* that jitter is computed in; 0 = not known */
        __u64 first_ns;     /* CLOCK_MONOTONIC of the first packet */
        /* What its receiver says of it in plain RTCP (RFC 3550 section 6.4.1). */
        __u64 rtt_ns;         /* from this link to the receiver and back; 0 = not known */
        __u32 remote_jitter;  /* in units of the flow's clock */
        __s32 remote_lost;    /* cumulative; below 0 with duplicates */
        __u8 remote_fraction; /* lost since the report before, in 1/256 */
        __u8 remote_known;    /* 1 = it did */
        __u8 reserved[6];     /* 0 */
};

/* An entry of the table of flows, as far as p2sd reads it. */
struct p2s_flow_entry {
        struct p2s_flow_id id;
        __u8 internal[32]; /* the programs' own */
        struct p2s_flow flow;
        struct p2s_flow_key key;
};

_Static_assert(sizeof(struct p2s_settings) == 124, "p2s_settings");
_Static_assert(sizeof(struct p2s_total) == 24, "p2s_total");
_Static_assert(sizeof(struct p2s_totals) == 192, "p2s_totals");
_Static_assert(sizeof(struct p2s_flow_key) == 44, "p2s_flow_key");
_Static_assert(sizeof(struct p2s_flow_id) == 16, "p2s_flow_id");
_Static_assert(sizeof(struct p2s_flow) == 128, "p2s_flow");
_Static_assert(sizeof(struct p2s_flow_entry) == 224, "p2s_flow_entry");
