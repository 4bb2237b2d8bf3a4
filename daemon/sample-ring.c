/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample-ring.h"

/* A row as it is kept: 600 of them are 113 kB instead of 182. */
struct packed_figures {
        uint64_t bitrate_bps;
        uint32_t packets;
        uint32_t drops;
        uint32_t lost;
        uint32_t jitter_usec;
        uint32_t backlog_bytes;
} __attribute__((packed, aligned(4)));

struct packed_sample {
        uint64_t time_usec;
        uint64_t interval_usec; /* hours, where p2sd rested */
        uint32_t calls : 24;
        uint32_t mode : 8;
        struct packed_figures figures[_P2S_DIRECTION_MAX][_SAMPLE_CLASS_MAX];
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct packed_sample) == 188, "packed_sample");

struct SampleRing {
        size_t begin; /* the oldest */
        size_t n;
        struct packed_sample rows[SAMPLE_RING_ROWS];
};

int sample_ring_new(SampleRing **ret)
{
        /* calloc: pages are the kernel's until a row is written to them */
        SampleRing *ring = calloc(1, sizeof(*ring));

        if (!ring)
                return -ENOMEM;
        *ret = ring;
        return 0;
}

void sample_ring_free(SampleRing *ring)
{
        free(ring);
}

static uint32_t saturate(uint64_t value)
{
        return (uint32_t)MIN(value, UINT32_MAX);
}

static struct packed_figures pack(const struct sample_figures *f)
{
        return (struct packed_figures){
                .bitrate_bps = f->bitrate_bps,
                .packets = saturate(f->packets),
                .drops = saturate(f->drops),
                .lost = saturate(f->lost),
                .jitter_usec = saturate(f->jitter_usec),
                .backlog_bytes = saturate(f->backlog_bytes),
        };
}

static struct sample_figures unpack(const struct packed_figures *p)
{
        return (struct sample_figures){
                .bitrate_bps = p->bitrate_bps,
                .packets = p->packets,
                .drops = p->drops,
                .lost = p->lost,
                .jitter_usec = p->jitter_usec,
                .backlog_bytes = p->backlog_bytes,
        };
}

void sample_ring_push(SampleRing *ring, const struct sample *sample)
{
        struct packed_sample *row = ring->rows + (ring->begin + ring->n) % SAMPLE_RING_ROWS;

        row->time_usec = sample->time_usec;
        row->interval_usec = sample->interval_usec;
        row->calls = MIN(sample->calls, 0xffffffu) & 0xffffffu;
        row->mode = (uint32_t)sample->mode & 0xffu;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned c = 0; c < _SAMPLE_CLASS_MAX; c++)
                        row->figures[d][c] = pack(&sample->figures[d][c]);

        if (ring->n < SAMPLE_RING_ROWS)
                ring->n++;
        else
                ring->begin = (ring->begin + 1) % SAMPLE_RING_ROWS;
}

void sample_ring_clear(SampleRing *ring)
{
        ring->begin = 0;
        ring->n = 0;
}

size_t sample_ring_n(const SampleRing *ring)
{
        return ring->n;
}

static const struct packed_sample *row_at(const SampleRing *ring, size_t i)
{
        return ring->rows + (ring->begin + i) % SAMPLE_RING_ROWS;
}

void sample_ring_get(const SampleRing *ring, size_t i, struct sample *ret)
{
        const struct packed_sample *row = row_at(ring, i);

        *ret = (struct sample){
                .time_usec = row->time_usec,
                .interval_usec = row->interval_usec,
                .mode = (enum mode)row->mode,
                .calls = row->calls,
        };
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned c = 0; c < _SAMPLE_CLASS_MAX; c++)
                        ret->figures[d][c] = unpack(&row->figures[d][c]);
}

size_t sample_ring_since(const SampleRing *ring, uint64_t since_usec)
{
        size_t low = 0, high = ring->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (row_at(ring, middle)->time_usec <= since_usec)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}
