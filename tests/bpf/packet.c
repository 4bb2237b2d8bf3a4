// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static uint8_t *put8(uint8_t *p, unsigned v)
{
        *p = (uint8_t)v;
        return p + 1;
}

static uint8_t *put16(uint8_t *p, unsigned v)
{
        return put8(put8(p, v >> 8), v);
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
        return put16(put16(p, v >> 16), v & 0xffff);
}

uint16_t packet_sum(const void *data, size_t size, uint32_t start)
{
        const uint8_t *p = data;
        uint32_t sum = start;

        for (size_t i = 0; i + 1 < size; i += 2)
                sum += (uint32_t)p[i] << 8 | p[i + 1];
        if (size % 2)
                sum += (uint32_t)p[size - 1] << 8;
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)sum;
}

void packet_rtp(const struct rtp_spec *s, uint8_t *to)
{
        to = put8(to, 0x80);
        to = put8(to, (unsigned)s->marker << 7 | s->payload_type);
        to = put16(to, s->sequence);
        to = put32(to, s->timestamp);
        (void)put32(to, s->ssrc);
}

static uint8_t *put_link(uint8_t *p, const struct packet_spec *s)
{
        unsigned ethertype = s->version == 4 ? 0x0800 : 0x86dd;

        if (s->framing == FRAME_RAW_IP)
                return p;
        memcpy(p, "\x02\0\0\0\0\1\x02\0\0\0\0\2", 12);
        p += 12;
        if (s->framing == FRAME_QINQ)
                p = put16(put16(p, 0x88a8), 0x2064);
        if (s->framing == FRAME_VLAN || s->framing == FRAME_QINQ || s->framing == FRAME_VLAN_PPPOE)
                p = put16(put16(p, 0x8100), 0x000a);
        if (s->framing == FRAME_PPPOE || s->framing == FRAME_VLAN_PPPOE) {
                p = put16(p, 0x8864);
                p = put16(put16(put16(p, 0x1100), 0x1234), 0 /* length: nobody reads it */);
                return put16(p, s->version == 4 ? 0x0021 : 0x0057);
        }
        return put16(p, ethertype);
}

static uint8_t *put_addresses(uint8_t *p, const struct packet_spec *s)
{
        static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8};

        if (s->version == 4)
                return put32(put32(p, 0xc0000200u | s->source_host), 0xc0000200u | s->dest_host);
        memcpy(p, v6, 16);
        p[15] = s->source_host;
        memcpy(p + 16, v6, 16);
        p[31] = s->dest_host;
        return p + 32;
}

static uint8_t *put_ipv4(uint8_t *p, const struct packet_spec *s, uint8_t proto, size_t rest)
{
        unsigned ihl = 5 + s->ip_options / 4u;
        uint8_t *start = p, *end;

        p = put16(p, (0x40 | ihl) << 8 | s->tos);
        p = put16(p, (unsigned)(ihl * 4 + rest));
        p = put16(p, 0xbeef);
        p = put16(p, (unsigned)s->more_fragments << 13 | s->fragment_offset);
        p = put16(p, 64u << 8 | proto);
        p = put16(p, 0);
        p = put_addresses(p, s);
        memset(p, 1, s->ip_options); /* no-operation, RFC 791 */
        end = p + s->ip_options;
        (void)put16(start + 10, (uint16_t)~packet_sum(start, (size_t)(end - start), 0));
        return end;
}

static uint8_t *put_ipv6(uint8_t *p, const struct packet_spec *s, uint8_t proto, size_t rest)
{
        static const struct {
                uint8_t bit, number, size;
        } extensions[] = {
                {EXT_HOP, IPPROTO_HOPOPTS, 8},       {EXT_ROUTING, IPPROTO_ROUTING, 24},
                {EXT_FRAGMENT, IPPROTO_FRAGMENT, 8}, {EXT_AH, IPPROTO_AH, 24},
                {EXT_DEST, IPPROTO_DSTOPTS, 16},
        };
        const size_t n = sizeof(extensions) / sizeof(extensions[0]);
        uint8_t *next;

        for (size_t i = 0; i < n; i++)
                if (s->extensions & extensions[i].bit)
                        rest += extensions[i].size;
        p = put32(p, 0x60000000u | (uint32_t)s->tos << 20 | 0x12345);
        p = put16(p, (unsigned)rest);
        next = p;
        p = put16(p, 64);
        p = put_addresses(p, s);
        for (size_t i = 0; i < n; i++) {
                unsigned size = extensions[i].size;

                if (!(s->extensions & extensions[i].bit))
                        continue;
                (void)put8(next, extensions[i].number);
                next = p;
                memset(p, 0, size);
                if (extensions[i].bit == EXT_AH)
                        (void)put8(p + 1, size / 4 - 2);
                else if (extensions[i].bit == EXT_FRAGMENT)
                        (void)put16(p + 2, s->fragment_offset << 3 | s->more_fragments);
                else
                        (void)put8(p + 1, size / 8 - 1);
                p += size;
        }
        (void)put8(next, proto);
        return p;
}

size_t packet_build(const struct packet_spec *s, uint8_t to[PACKET_MAX])
{
        uint8_t proto = s->proto ? s->proto : IPPROTO_UDP, pseudo[32], *l4, *p;
        size_t header = proto == IPPROTO_TCP ? 20 : proto == IPPROTO_UDP ? 8 : 0;
        size_t size = header + s->payload_size;
        uint32_t sum;

        p = put_link(to, s);
        p = s->version == 4 ? put_ipv4(p, s, proto, size) : put_ipv6(p, s, proto, size);
        l4 = p;
        if (header) {
                p = put16(put16(p, s->sport), s->dport);
                if (proto == IPPROTO_TCP)
                        p = put32(put32(put32(put32(p, 1), 1), 0x50000400u | s->tcp_flags << 16),
                                  0);
                else
                        p = put16(put16(p, (unsigned)size), 0);
        }
        if (s->payload_size)
                memcpy(p, s->payload, s->payload_size);
        if (header && !s->no_checksum) {
                (void)put_addresses(pseudo, s);
                sum = packet_sum(pseudo, s->version == 4 ? 8 : 32, proto + (uint32_t)size);
                sum = (uint16_t)~packet_sum(l4, size, sum);
                (void)put16(l4 + (proto == IPPROTO_TCP ? 16 : 6), sum ? sum : 0xffff);
        }
        return (size_t)(p - to) + s->payload_size;
}
