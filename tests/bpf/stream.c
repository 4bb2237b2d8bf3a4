// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

enum p2s_queue stream_other(struct harness *h, const struct stream *s, const void *payload,
                            size_t size)
{
        struct packet_spec p = s->packet;

        p.payload = payload;
        p.payload_size = size;
        return harness_queue(h, s->direction, &p);
}

enum p2s_queue stream_send(struct harness *h, struct stream *s)
{
        uint8_t payload[PACKET_MAX] = {};
        size_t size = 12 + (s->size ? s->size : 160);

        packet_rtp(&s->rtp, payload + 4);
        memset(payload + 16, 0x55, size - 12);
        if (!s->channel)
                return stream_other(h, s, payload + 4, size);
        payload[0] = 0x40;
        payload[1] = 0x01;
        payload[2] = (uint8_t)(size >> 8);
        payload[3] = (uint8_t)size;
        return stream_other(h, s, payload, size + 4);
}

enum p2s_queue stream_next(struct harness *h, struct stream *s)
{
        enum p2s_queue q = stream_send(h, s);

        s->rtp.sequence++;
        s->rtp.timestamp += s->ticks;
        h->clock_ns += s->gap_ns;
        return q;
}

unsigned stream_run(struct harness *h, struct stream *s, unsigned n, enum p2s_queue queue)
{
        unsigned first = 0;

        for (unsigned i = 1; i <= n; i++)
                if (stream_next(h, s) == queue && !first)
                        first = i;
        return first;
}

enum p2s_queue stream_stun(struct harness *h, const struct stream *s)
{
        static const uint8_t binding[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3};

        return stream_other(h, s, binding, sizeof(binding));
}

struct stream stream_opus(uint32_t ssrc)
{
        return (struct stream){
                .packet = {.version = 4, .sport = 40000, .dport = 50000, .dest_host = 9},
                .rtp = {.payload_type = 111, .sequence = 65500, .timestamp = 7, .ssrc = ssrc},
                .size = 80,
                .ticks = 960,
                .gap_ns = 20 * MSEC,
        };
}

struct stream stream_vp8(uint32_t ssrc)
{
        return (struct stream){
                .packet = {.version = 4, .sport = 40000, .dport = 50000, .dest_host = 9},
                .rtp = {.payload_type = 96, .sequence = 1, .timestamp = 0xffffff00, .ssrc = ssrc},
                .size = 1100,
                .ticks = 3000,
                .gap_ns = 33333333,
        };
}
