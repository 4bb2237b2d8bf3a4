/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-quality.h"
#include "sample.h"

/* Which of the kernel's classes and queues make one of a row's. */
static const uint8_t sample_class_of[_P2S_CLASS_MAX] = {
        [P2S_CLASS_NONE] = SAMPLE_GENERAL,
        [P2S_CLASS_GENERAL] = SAMPLE_GENERAL,
        [P2S_CLASS_VIDEO] = SAMPLE_VIDEO,
        [P2S_CLASS_VOICE] = SAMPLE_VOICE,
};

static const uint8_t sample_class_of_queue[_P2S_QUEUE_MAX] = {
        [P2S_QUEUE_GENERAL] = SAMPLE_GENERAL,
        [P2S_QUEUE_ACK] = SAMPLE_GENERAL,
        [P2S_QUEUE_VIDEO] = SAMPLE_VIDEO,
        [P2S_QUEUE_VOICE] = SAMPLE_VOICE,
};

static uint64_t delta(uint64_t prev, uint64_t cur)
{
        return cur >= prev ? cur - prev : cur;
}

static void make_direction(const struct sample_counters *prev, const struct sample_counters *cur,
                           unsigned direction, uint64_t interval_usec,
                           struct sample_figures ret[static _SAMPLE_CLASS_MAX])
{
        uint64_t bytes[_SAMPLE_CLASS_MAX] = {0};
        uint64_t jitter_ns[_SAMPLE_CLASS_MAX] = {0};
        uint64_t jitter_packets[_SAMPLE_CLASS_MAX] = {0};
        int64_t lost[_SAMPLE_CLASS_MAX] = {0};

        for (unsigned class = 0; class < _P2S_CLASS_MAX; class ++) {
                const struct p2s_total *total_prev = &prev->totals.of[direction][class];
                const struct p2s_total *total_cur = &cur->totals.of[direction][class];
                const struct call_sums *call_prev = &prev->calls.of[direction][class];
                const struct call_sums *call_cur = &cur->calls.of[direction][class];
                unsigned i = sample_class_of[class];

                ret[i].packets += delta(total_prev->packets, total_cur->packets);
                bytes[i] += delta(total_prev->bytes, total_cur->bytes);
                jitter_ns[i] += delta(call_prev->jitter_sum_ns, call_cur->jitter_sum_ns);
                jitter_packets[i] += delta(call_prev->jitter_packets, call_cur->jitter_packets);
                lost[i] += call_cur->lost - call_prev->lost;
        }

        for (unsigned queue = 0; queue < _P2S_QUEUE_MAX; queue++) {
                unsigned i = sample_class_of_queue[queue];

                ret[i].drops += delta(prev->queues[direction][queue].drops,
                                      cur->queues[direction][queue].drops);
                ret[i].backlog_bytes += cur->queues[direction][queue].backlog_bytes;
        }

        for (unsigned i = 0; i < _SAMPLE_CLASS_MAX; i++) {
                ret[i].bitrate_bps = bitrate_bps(bytes[i], interval_usec);
                ret[i].lost = lost[i] > 0 ? (uint64_t)lost[i] : 0;
                if (jitter_packets[i] > 0)
                        ret[i].jitter_usec = (jitter_ns[i] / jitter_packets[i] + 500) / 1000;
        }
}

void sample_make(const struct sample_counters *prev, const struct sample_counters *cur,
                 enum mode mode, uint32_t calls, struct sample *ret)
{
        *ret = (struct sample){
                .time_usec = cur->time_usec,
                .interval_usec =
                        cur->time_usec > prev->time_usec ? cur->time_usec - prev->time_usec : 0,
                .mode = mode,
                .calls = calls,
        };

        for (unsigned direction = 0; direction < _P2S_DIRECTION_MAX; direction++)
                make_direction(prev, cur, direction, ret->interval_usec, ret->figures[direction]);
}
