/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One RTP stream sent through the programs, packet by packet, on the test's clock. */
#pragma once

#include "harness.h"

#define MSEC UINT64_C(1000000) /* ns */

struct stream {
        struct packet_spec packet;
        struct rtp_spec rtp;
        enum p2s_direction direction;
        size_t size;     /* of the RTP payload; 0 = 160 */
        uint32_t ticks;  /* that the timestamp advances a packet */
        uint64_t gap_ns; /* between two packets */
        bool channel;    /* in TURN channel data */
};

/* Sends the stream as it stands, at h->clock_ns; returns the queue. */
enum p2s_queue stream_send(struct harness *h, struct stream *s);
/* Sends it, then advances number, timestamp and clock. */
enum p2s_queue stream_next(struct harness *h, struct stream *s);
/* Sends n; returns the first packet, from 1, that was in `queue`, 0 = none. */
unsigned stream_run(struct harness *h, struct stream *s, unsigned n, enum p2s_queue queue);
/* Sends something else on its 5-tuple. */
enum p2s_queue stream_other(struct harness *h, const struct stream *s, const void *payload,
                            size_t size);
/* A STUN binding request, RFC 8489. */
enum p2s_queue stream_stun(struct harness *h, const struct stream *s);

/* 20 ms of Opus in dynamic type 111, 30 pictures a second of VP8 in 96. */
struct stream stream_opus(uint32_t ssrc);
struct stream stream_vp8(uint32_t ssrc);
