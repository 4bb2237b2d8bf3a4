/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds packets byte by byte, from a description that leaves nothing implied but
 * lengths and checksums, which are computed from scratch. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 2048

/* TCP flags as on the wire. */
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128 };

/* What stands between the Ethernet addresses and the IP header. */
enum framing {
        FRAME_PLAIN,
        FRAME_VLAN,
        FRAME_QINQ,
        FRAME_PPPOE,
        FRAME_VLAN_PPPOE,
        FRAME_RAW_IP, /* no Ethernet at all */
        _FRAME_MAX,
};

/* Extension headers of IPv6, in this order. */
enum { EXT_HOP = 1, EXT_ROUTING = 2, EXT_FRAGMENT = 4, EXT_AH = 8, EXT_DEST = 16 };

struct packet_spec {
        enum framing framing;
        uint8_t version; /* 4 or 6 */
        uint8_t proto;   /* IPPROTO_…; 0 = UDP */
        uint8_t tos;     /* DSCP << 2 | ECN */
        uint16_t sport, dport;
        uint8_t source_host, dest_host; /* last byte of the address */
        uint8_t tcp_flags;
        uint8_t ip_options;       /* bytes, a multiple of 4 */
        uint8_t extensions;       /* EXT_… */
        uint16_t fragment_offset; /* in units of 8 bytes */
        bool more_fragments;
        bool no_checksum; /* UDP over IPv4: 0 in its place */
        const void *payload;
        size_t payload_size;
};

struct rtp_spec {
        uint8_t payload_type;
        bool marker;
        uint16_t sequence;
        uint32_t timestamp;
        uint32_t ssrc;
};

/* Returns the size of the packet. */
size_t packet_build(const struct packet_spec *s, uint8_t to[PACKET_MAX]);
/* Writes an RTP header; `to` has room for 12 bytes. */
void packet_rtp(const struct rtp_spec *s, uint8_t *to);
/* RFC 1071. */
uint16_t packet_sum(const void *data, size_t size, uint32_t start);
