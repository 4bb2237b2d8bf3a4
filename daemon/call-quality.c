/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-quality.h"

#include <math.h>

/* One second of voice: fewer packets make no estimate. */
#define MOS_PACKETS_MIN 50

static uint64_t nsec_to_usec(uint64_t nsec)
{
        return nsec / NSEC_PER_USEC + (nsec % NSEC_PER_USEC >= NSEC_PER_USEC / 2);
}

uint64_t flow_expected(const struct p2s_flow *f)
{
        if (f->received == 0)
                return 0;
        return (uint64_t)(uint32_t)(f->max_ext_seq - f->base_ext_seq) + 1;
}

int64_t flow_lost(const struct p2s_flow *f)
{
        return (int64_t)flow_expected(f) - (int64_t)f->received;
}

double flow_loss_fraction(const struct p2s_flow *f)
{
        uint64_t expected = flow_expected(f);
        int64_t lost = flow_lost(f);

        if (expected == 0 || lost <= 0)
                return 0.0;
        return (double)lost / (double)expected;
}

uint64_t flow_jitter_usec(const struct p2s_flow *f)
{
        return nsec_to_usec(f->jitter_ns16 >> 4);
}

uint64_t flow_jitter_mean_usec(const struct p2s_flow *f)
{
        if (f->jitter_packets == 0)
                return 0;
        return nsec_to_usec(f->jitter_sum_ns / f->jitter_packets);
}

uint64_t flow_jitter_max_usec(const struct p2s_flow *f)
{
        return nsec_to_usec(f->jitter_max_ns);
}

uint64_t bitrate_bps(uint64_t bytes, uint64_t usec)
{
        unsigned __int128 bps;

        if (usec == 0)
                return 0;
        bps = (unsigned __int128)bytes * 8 * USEC_PER_SEC / usec;
        return bps > UINT64_MAX ? UINT64_MAX : (uint64_t)bps;
}

void spread_add(struct spread *s, double value, uint64_t usec)
{
        double before = s->mean;

        if (usec == 0)
                return;
        s->usec += (double)usec;
        s->mean += (value - before) * (double)usec / s->usec;
        s->squares += (value - before) * (value - s->mean) * (double)usec;
}

int spread_cv(const struct spread *s, double *ret)
{
        if (s->usec < 2.0 * USEC_PER_SEC || s->mean <= 0.0)
                return -ENODATA;
        *ret = sqrt(MAX(s->squares, 0.0) / s->usec) / s->mean;
        return 0;
}

uint64_t quality_delay_usec(uint64_t jitter_usec)
{
        return 2 * MIN(jitter_usec, UINT64_MAX / 4) + 10 * USEC_PER_MSEC;
}

int flow_remote_loss_fraction(const struct p2s_flow *f, double *ret)
{
        if (!f->remote_known)
                return -ENODATA;
        *ret = f->remote_fraction / 256.0;
        return 0;
}

int flow_remote_jitter_usec(const struct p2s_flow *f, uint64_t *ret)
{
        if (!f->remote_known || f->clock_hz == 0)
                return -ENODATA;
        *ret = f->remote_jitter * USEC_PER_SEC / f->clock_hz;
        return 0;
}

int flow_rtt_usec(const struct p2s_flow *f, uint64_t *ret)
{
        if (f->rtt_ns == 0)
                return -ENODATA;
        *ret = nsec_to_usec(f->rtt_ns);
        return 0;
}

double quality_r(const struct codec *codec, double loss, uint64_t delay_usec)
{
        double percent = CLAMP(loss, 0.0, 1.0) * 100.0;
        double msec = (double)delay_usec / (double)USEC_PER_MSEC;
        double id, ie_eff;

        id = 0.024 * msec;
        if (msec > 177.3)
                id += 0.11 * (msec - 177.3);

        ie_eff = codec->ie;
        if (percent > 0.0) /* a bpl of 0 would divide by 0 without loss */
                ie_eff += (95.0 - codec->ie) * percent / (percent + codec->bpl);

        return CLAMP(93.2 - id - ie_eff, 0.0, 93.2);
}

double quality_mos(double r)
{
        if (r <= 0.0)
                return 1.0;
        if (r >= 100.0)
                return 4.5;
        /* the cubic dips below 1 for R under 6.5 */
        return MAX(1.0, 1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6);
}

int flow_mos(const struct p2s_flow *f, double *ret)
{
        const struct codec *codec = codec_find(f->payload_type, f->clock_hz);
        uint64_t delay_usec, rtt_usec = 0;

        if (f->class != P2S_CLASS_VOICE || !codec || !codec->has_impairment)
                return -ENODATA;
        if (flow_expected(f) < MOS_PACKETS_MIN || f->jitter_packets == 0)
                return -ENODATA;

        (void)flow_rtt_usec(f, &rtt_usec);
        delay_usec = quality_delay_usec(flow_jitter_mean_usec(f)) + rtt_usec / 2;
        *ret = quality_mos(quality_r(codec, flow_loss_fraction(f), delay_usec));
        return 0;
}
