/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one flow's facts mean: loss, jitter, estimated quality. */
#pragma once

#include "codec.h"
#include "p2s-abi.h"
#include "util.h"

/* Packets expected, RFC 3550 A.3; 0 before the first RTP packet.  Extended
 * sequence numbers count modulo 2^32. */
uint64_t flow_expected(const struct p2s_flow *f);

/* Packets lost, RFC 3550 A.3: expected - received; below 0 with duplicates. */
int64_t flow_lost(const struct p2s_flow *f);

/* Lost / expected, 0.0 … 1.0. */
double flow_loss_fraction(const struct p2s_flow *f);

/* Inter-arrival jitter, RFC 3550 A.8, µs, rounded: now, mean over the flow, and
 * its maximum.  0 where the clock is not known yet. */
uint64_t flow_jitter_usec(const struct p2s_flow *f);
uint64_t flow_jitter_mean_usec(const struct p2s_flow *f);
uint64_t flow_jitter_max_usec(const struct p2s_flow *f);

/* bytes over usec in bit/s, rounded down; 0 where usec is 0; saturates. */
uint64_t bitrate_bps(uint64_t bytes, uint64_t usec);

/* How much a rate varies, as its values come (Welford's method, weighted by time). */
struct spread {
        double usec;
        double mean;
        double squares; /* of the differences from the mean, times µs */
};

/* Takes in what the rate was over so many µs. */
void spread_add(struct spread *s, double value, uint64_t usec);

/* Coefficient of variation: standard deviation over mean.  -ENODATA before 2 s of it, or
 * where the mean is 0. */
int spread_cv(const struct spread *s, double *ret);

/* One-way mouth-to-ear delay that jitter alone accounts for, µs: the receiver's
 * buffer, two mean jitters deep, and 10 ms of packetisation and play-out.  The
 * path's own delay adds to it where it is known: half of flow_rtt_usec(). */
uint64_t quality_delay_usec(uint64_t jitter_usec);

/* What the receiver reported in plain RTCP (RFC 3550 section 6.4.1): the part lost
 * between its last two reports, 0.0 … 1.0; and its inter-arrival jitter, µs.
 * -ENODATA where it reported nothing, or (jitter) the flow's clock is not known. */
int flow_remote_loss_fraction(const struct p2s_flow *f, double *ret);
int flow_remote_jitter_usec(const struct p2s_flow *f, uint64_t *ret);

/* Round trip from the link to the flow's receiver, µs, by LSR and DLSR; -ENODATA
 * where no sender report and its answer passed. */
int flow_rtt_usec(const struct p2s_flow *f, uint64_t *ret);

/* The E-model's R (ITU-T G.107) with its defaults but for codec, loss and delay:
 *   R = 93.2 - Id - Ie,eff
 *   Ie,eff = Ie + (95 - Ie) * Ppl / (Ppl + Bpl)     (random loss, Ppl in %)
 *   Id = 0.024 d + 0.11 (d - 177.3) [d > 177.3]     (d in ms; Cole & Rosenbluth)
 * codec must have impairment values; loss is 0.0 … 1.0.  0.0 … 93.2. */
double quality_r(const struct codec *codec, double loss, uint64_t delay_usec);

/* MOS of an R, G.107 annex B: 1.0 … 4.5. */
double quality_mos(double r);

/* Estimated MOS of a flow.  -ENODATA where nothing honest can be said: not
 * voice, no impairment values for its codec, fewer than 50 packets expected, or
 * no jitter yet. */
int flow_mos(const struct p2s_flow *f, double *ret);
