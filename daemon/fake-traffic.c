/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <math.h>

#include "fake-traffic.h"

/* A longer pause between two readings is not made up for: the figures of one
 * sample stay those of a line. */
#define STEP_MAX_USEC (10 * USEC_PER_SEC)

#define LINE_BPS   (20.0 * 1000 * 1000)
#define BULK_BYTES 1500.0

struct script {
        enum p2s_class class;
        enum p2s_rule rule;
        uint16_t local_port, remote_port;
        uint8_t payload_type;
        uint32_t clock_hz;
        double per_second, bytes;
        uint64_t on_usec, off_usec;
};

/* Two directions each: Opus at 32 kbit/s, VP8 at 1.2 Mbit/s, PCMA. */
static const struct script scripts[FAKE_FLOWS / 2] = {
        {
                .class = P2S_CLASS_VOICE,
                .rule = P2S_RULE_STUN_RTP,
                .local_port = 52100,
                .remote_port = 3478,
                .payload_type = 111,
                .clock_hz = 48000,
                .per_second = 50,
                .bytes = 120,
        },
        {
                .class = P2S_CLASS_VIDEO,
                .rule = P2S_RULE_STUN_RTP,
                .local_port = 52100,
                .remote_port = 3478,
                .payload_type = 96,
                .clock_hz = 90000,
                .per_second = 140,
                .bytes = 1070,
        },
        {
                .class = P2S_CLASS_VOICE,
                .rule = P2S_RULE_PORT,
                .local_port = 16384,
                .remote_port = 16400,
                .payload_type = 8,
                .clock_hz = 8000,
                .per_second = 50,
                .bytes = 200,
                .on_usec = 40 * USEC_PER_SEC,
                .off_usec = 50 * USEC_PER_SEC,
        },
};

static void address(uint8_t ret[static 16], uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
        const uint8_t mapped[16] = {[10] = 0xff, 0xff, a, b, c, d};

        memcpy(ret, mapped, sizeof(mapped));
}

void fake_traffic_init(struct fake_traffic *t, unsigned seed)
{
        *t = (struct fake_traffic){};
        for (unsigned i = 0; i < FAKE_FLOWS; i++) {
                const struct script *s = &scripts[i / 2];
                struct fake_flow *f = &t->flows[i];

                f->per_second = s->per_second;
                f->bytes = s->bytes;
                f->on_usec = s->on_usec;
                f->off_usec = s->off_usec;
                f->at.key.direction = i % 2 == 0 ? P2S_OUTGOING : P2S_INCOMING;
                f->at.key.local_port = htons(s->local_port);
                f->at.key.remote_port = htons(s->remote_port);
                f->at.key.ssrc = seed << 16 | (i + 1);
                /* RFC 5737: addresses for documentation */
                address(f->at.key.local, 192, 0, 2, (uint8_t)seed);
                address(f->at.key.remote, 198, 51, 100, (uint8_t)(i / 4 + 7));
                f->at.flow.payload_type = s->payload_type;
                f->at.flow.clock_hz = s->clock_hz;
                f->at.flow.class = (uint8_t)s->class;
                f->at.flow.rule = (uint8_t)s->rule;
        }
}

/* -1 … 1, once around in `period` s */
static double wave(uint64_t usec, double period)
{
        return sin((double)usec / (double)USEC_PER_SEC * 2 * M_PI / period);
}

static void begin(struct fake_flow *f, uint64_t now)
{
        struct p2s_flow fresh = {
                .first_ns = now * NSEC_PER_USEC,
                .base_ext_seq = 1000,
                .max_ext_seq = 999,
                .payload_type = f->at.flow.payload_type,
                .clock_hz = f->at.flow.clock_hz,
                .class = f->at.flow.class,
                .rule = f->at.flow.rule,
        };

        f->at.flow = fresh;
        f->known = true;
}

/* Whether it runs; a run after a pause is a new stream. */
static bool runs(struct fake_flow *f, uint64_t age, uint64_t now)
{
        uint64_t phase;

        if (f->on_usec == 0) {
                if (!f->known)
                        begin(f, now);
                return true;
        }
        phase = age / (f->on_usec + f->off_usec) + 1;
        if (age % (f->on_usec + f->off_usec) >= f->on_usec)
                return false;
        if (f->phase != phase) {
                f->phase = phase;
                f->at.key.ssrc += 16;
                begin(f, now);
        }
        return true;
}

/* Whole packets of a rate over a time; what is left is carried over. */
static uint64_t whole(double *due, double add)
{
        double n = floor(*due + add);

        *due += add - n;
        return (uint64_t)n;
}

static void run_flow(struct fake_traffic *t, struct fake_flow *f, const struct link_plan *plan,
                     const struct p2s_settings *settings, uint64_t step, uint64_t now)
{
        const enum p2s_direction d = f->at.key.direction;
        const bool shaped = d == P2S_OUTGOING ? plan->outgoing.present : plan->incoming.present;
        const double seconds = (double)step / (double)USEC_PER_SEC;
        const uint64_t age = now - t->start_usec;
        struct p2s_total *total = &t->totals.of[d][f->at.flow.class];
        struct p2s_flow *w = &f->at.flow;
        uint64_t sent, lost, got, jitter;

        if (!runs(f, age, now))
                return;
        sent = whole(&f->packets_due, f->per_second * seconds);
        lost = whole(&f->lost_due, shaped ? 0 : (double)sent * 0.004);
        got = sent - MIN(sent, lost);
        /* 9 ± 4 ms beside uploads, 0.6 ± 0.2 ms in a queue of its own */
        jitter = (uint64_t)((shaped ? 0.6 + 0.2 * wave(age, 23) : 9 + 4 * wave(age, 17)) * 1e6);

        w->last_ns = now * NSEC_PER_USEC;
        w->packets += got;
        w->bytes += (uint64_t)((double)got * f->bytes);
        w->received += (uint32_t)got;
        w->max_ext_seq += (uint32_t)sent;
        w->last_timestamp += (uint32_t)(w->clock_hz * seconds);
        w->jitter_ns16 = jitter << 4;
        w->jitter_sum_ns += jitter * got;
        w->jitter_packets += got;
        w->jitter_max_ns = MAX(w->jitter_max_ns, jitter);
        w->gap_max_ns = MAX(w->gap_max_ns, 20000000 + 2 * jitter);

        total->packets += got;
        total->bytes += (uint64_t)((double)got * f->bytes);
        if (d == P2S_OUTGOING && settings->dscp_write[w->class] < 64)
                total->marks += got;
}

static void run_bulk(struct fake_traffic *t, enum p2s_direction d, const struct shaper_tree *tree,
                     uint64_t step, uint64_t age)
{
        const double share = 0.75 + 0.2 * wave(age, d == P2S_OUTGOING ? 41 : 29);
        const double line = tree->present ? (double)tree->root.rate_bps : LINE_BPS;
        struct kernel_queue_stats *q = &t->queues[d][P2S_QUEUE_GENERAL];
        struct p2s_total *total = &t->totals.of[d][P2S_CLASS_NONE];
        uint64_t n;

        n = whole(&t->bulk_due[d],
                  line * share / (BULK_BYTES * 8) * (double)step / (double)USEC_PER_SEC);
        total->packets += n;
        total->bytes += n * (uint64_t)BULK_BYTES;

        q->backlog_packets = tree->present ? (uint64_t)(12 + 8 * wave(age, 7)) : 0;
        q->backlog_bytes = q->backlog_packets * (uint64_t)BULK_BYTES;
        if (tree->present)
                q->drops += n / 250;
        else
                q->drops = 0;
}

void fake_traffic_run(struct fake_traffic *t, const struct link_plan *plan,
                      const struct p2s_settings *settings, uint64_t now)
{
        uint64_t step;

        if (t->last_usec == 0)
                t->start_usec = t->last_usec = now;
        step = MIN(now - t->last_usec, STEP_MAX_USEC);
        t->last_usec = now;
        if (!plan->classify)
                return;
        for (size_t i = 0; i < FAKE_FLOWS; i++)
                run_flow(t, &t->flows[i], plan, settings, step, now);
        run_bulk(t, P2S_OUTGOING, &plan->outgoing, step, now - t->start_usec);
        run_bulk(t, P2S_INCOMING, &plan->incoming, step, now - t->start_usec);
}

int fake_traffic_flows(const struct fake_traffic *t, struct kernel_flow **ret, size_t *ret_n)
{
        struct kernel_flow *all;
        size_t n = 0;

        all = calloc(FAKE_FLOWS, sizeof(*all));
        if (!all)
                return -ENOMEM;
        for (size_t i = 0; i < FAKE_FLOWS; i++)
                if (t->flows[i].known)
                        all[n++] = t->flows[i].at;
        *ret = all;
        *ret_n = n;
        return 0;
}

int fake_traffic_forget(struct fake_traffic *t, const struct p2s_flow_key *key)
{
        for (size_t i = 0; i < FAKE_FLOWS; i++)
                if (t->flows[i].known && memcmp(&t->flows[i].at.key, key, sizeof(*key)) == 0) {
                        t->flows[i].known = false;
                        return 0;
                }
        return -ENOENT;
}
