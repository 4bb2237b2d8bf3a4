/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shaper-plan.h"

/* Shares of the rate, in per cent.
 *
 * A class below its assured rate sends without asking its parent, so general's
 * and the ACKs' are next to nothing: what they send is always charged to 1:1,
 * which then never overruns the line.  They live on what the calls leave, and the
 * calls' ceilings leave them at least a tenth. */
#define VOICE_RATE 30u
#define VOICE_CEIL 50u
#define VIDEO_RATE 30u
#define VIDEO_CEIL 40u
#define REST_BPS   8000u

/* A train of a call's packets (a video frame's, or audio and RTCP together) may
 * leave back to back. */
#define CALL_BURST 4000u

/* Below one packet: HTB sends while it has tokens at all, so packets leave one by
 * one at the rate and none waits behind a second one at the next hop.
 *
 * What a timer is late is lost but for the burst: on a slow router, 300 µs and more.  So
 * that long, as far as it is below three quarters of a packet. */
#define PACED_BURST 200u
#define LATE_USEC   300u

/* How long a burst may hold the line: above some rate the timer, not the burst,
 * is the limit of what can be sent. */
#define BURST_USEC 100u

/* fq_codel's quantum below this rate: packets of up to 300 bytes of a new flow
 * go before the full-sized ones of the old. */
#define SMALL_QUANTUM_BPS UINT64_C(100000000)
#define SMALL_QUANTUM     300u

/* bfifo: 50 ms at the class's rate, and never less than a few packets. */
#define BFIFO_USEC        50000u
#define BFIFO_PACKETS_MIN 10u

/* Incoming, what a drop saves has passed the narrow hop already, and what is sent
 * again passes it twice.  So more may wait here, where the call passes it, before CoDel
 * drops: TCP's round trip grows, and it slows down by itself.
 *
 * A time: BBR fills two round trips whatever is dropped, and 20 flows of it lost 5 % of a
 * 50 Mbit/s line to drops with a target of 26 ms, nothing with 75 ms.  Cubic's downlink
 * p99 beside the call went from 3.8 to 2.9 ms.
 *
 * And packets: 20 flows at TCP's smallest windows offer more than a thin line carries
 * whatever is dropped. */
#define DOWNLINK_TARGET_USEC UINT64_C(75000)
#define DOWNLINK_PACKETS     100u

/* … but growing windows offer more than leaves here, and what is more fills the
 * provider's queue once it is more than the line carries: 20 Cubic flows at 200 ms add
 * some 40 packets a second, 0.5 Mbit/s, whatever the rate.  So general leaves this much
 * free beside what lies between our rate and the line's; on thin lines a share. */
#define DOWNLINK_SPARE_BPS   UINT64_C(500000)
#define DOWNLINK_SPARE_SHARE 16u

/* While no call runs nothing is held back: a rate above that of any link, with a
 * burst that its packets never use up.  A drop-tail leaf holds some super-packets of
 * 64 KiB, where the link itself is what is narrow. */
#define LOOSE_BPS         UINT64_C(100000000000)
#define LOOSE_BURST       (1u << 20)
#define LOOSE_BFIFO_BYTES (1u << 20)

#define ETHERNET_HEADER 14u

static uint64_t percent(uint64_t bps, unsigned share)
{
        return MAX(bps / 100 * share, UINT64_C(8000));
}

/* Bytes that pass at a rate in a time. */
static uint64_t bytes_in(uint64_t bps, uint64_t usec)
{
        return bps * usec / (8 * USEC_PER_SEC);
}

/* Time that bytes take at a rate, µs. */
static uint64_t usec_of(uint64_t bytes, uint64_t bps)
{
        return bytes * 8 * USEC_PER_SEC / MAX(bps, UINT64_C(1));
}

static uint64_t downlink_spare(uint64_t bps)
{
        return MIN(bps / DOWNLINK_SPARE_SHARE, DOWNLINK_SPARE_BPS);
}

static uint32_t frame_bytes(const struct link_facts *facts)
{
        return facts->mtu + (facts->ethernet ? ETHERNET_HEADER : 0);
}

static struct shaper_leaf plan_leaf(uint64_t bps, uint32_t frame, bool fq_codel, bool patient)
{
        struct shaper_leaf leaf = {.aqm = fq_codel ? SHAPER_AQM_FQ_CODEL : SHAPER_AQM_BFIFO};
        uint64_t packet_usec = usec_of(frame, bps);

        if (!fq_codel) {
                leaf.limit_bytes =
                        (uint32_t)CLAMP(bytes_in(bps, BFIFO_USEC),
                                        (uint64_t)frame * BFIFO_PACKETS_MIN, UINT64_C(1) << 30);
                return leaf;
        }

        /* A queue of one packet in the making is none: a target below 1.5 packets'
         * time would drop without a queue. */
        leaf.target_usec = (uint32_t)MAX(UINT64_C(5000), packet_usec * 3 / 2);
        if (patient)
                leaf.target_usec =
                        (uint32_t)MAX(DOWNLINK_TARGET_USEC, packet_usec * DOWNLINK_PACKETS);
        leaf.interval_usec = (uint32_t)MAX(UINT64_C(100000), (uint64_t)leaf.target_usec * 4);
        leaf.limit_packets = 10240;
        leaf.flows = 1024;
        leaf.quantum = bps < SMALL_QUANTUM_BPS ? SMALL_QUANTUM : frame;
        leaf.memory_limit = 32u << 20;
        leaf.ecn = true;
        return leaf;
}

static struct shaper_class plan_class(uint16_t minor, uint64_t rate, uint64_t ceil, uint32_t burst,
                                      uint32_t frame, uint32_t prio)
{
        return (struct shaper_class){
                .minor = minor,
                .rate_bps = rate,
                .ceil_bps = ceil,
                .burst = burst,
                .cburst = burst,
                .quantum = frame,
                .prio = prio,
        };
}

static void plan_tree(uint64_t bps, uint32_t kernel_frame, const struct shaper_wish *wish,
                      bool incoming, struct shaper_tree *t)
{
        /* all below counts what the line does */
        const uint32_t frame = line_layer_is_plain(&wish->layer)
                                       ? kernel_frame
                                       : line_layer_bytes(&wish->layer, kernel_frame);
        const uint32_t paced = (uint32_t)MIN(bytes_in(bps, LATE_USEC), (uint64_t)frame * 3 / 4);
        uint32_t burst = MAX(MAX(PACED_BURST, paced), (uint32_t)bytes_in(bps, BURST_USEC));
        uint32_t call_burst = MAX(burst, CALL_BURST);

        t->present = true;
        if (!line_layer_is_plain(&wish->layer))
                t->sizes = (struct shaper_sizes){wish->layer, kernel_frame};
        t->root = plan_class(SHAPER_MINOR_ROOT, bps, bps, burst, frame, 0);
        t->class[P2S_QUEUE_VOICE] = plan_class(SHAPER_MINOR_VOICE, percent(bps, VOICE_RATE),
                                               percent(bps, VOICE_CEIL), call_burst, frame, 0);
        t->class[P2S_QUEUE_VIDEO] = plan_class(SHAPER_MINOR_VIDEO, percent(bps, VIDEO_RATE),
                                               percent(bps, VIDEO_CEIL), call_burst, frame, 1);
        t->class[P2S_QUEUE_ACK] = plan_class(SHAPER_MINOR_ACK, REST_BPS, bps, burst, frame, 2);
        t->class[P2S_QUEUE_GENERAL] =
                plan_class(SHAPER_MINOR_GENERAL, REST_BPS,
                           bps - (incoming ? downlink_spare(bps) : 0), burst, frame, 3);

        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                t->leaf[q] = plan_leaf(t->class[q].ceil_bps, frame, wish->have_fq_codel,
                                       incoming && q == P2S_QUEUE_GENERAL);
}

static void loosen_class(struct shaper_class *c)
{
        c->rate_bps = c->ceil_bps = LOOSE_BPS;
        c->burst = c->cburst = LOOSE_BURST;
}

static void loosen_tree(struct shaper_tree *t)
{
        loosen_class(&t->root);
        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                loosen_class(&t->class[q]);
                if (t->leaf[q].aqm == SHAPER_AQM_BFIFO)
                        t->leaf[q].limit_bytes = MAX(t->leaf[q].limit_bytes, LOOSE_BFIFO_BYTES);
        }
}

/* Who is behind a link that forwards sees the mark; nobody else does.  On a host of
 * containers nobody is, and some drivers take the link down for seconds when a program
 * comes or goes, maybe in the middle of a call: that wants to be asked for. */
static bool wants_xdp(const struct link_facts *facts, enum link_xdp xdp)
{
        if (!facts->ethernet || !facts->forwards)
                return false;
        return xdp == LINK_XDP_NATIVE || (xdp == LINK_XDP_AUTO && facts->leads_on);
}

void shaper_plan(const struct link_facts *facts, const struct shaper_wish *wish,
                 struct link_plan *ret)
{
        uint32_t frame = frame_bytes(facts);
        uint64_t up = wish->rate_bps[P2S_OUTGOING], down = wish->rate_bps[P2S_INCOMING];

        *ret = (struct link_plan){
                .classify = wish->classify,
                .xdp = wish->classify && wants_xdp(facts, wish->xdp),
        };
        ret->xdp_native = ret->xdp && wish->xdp == LINK_XDP_NATIVE;
        if (!wish->shape)
                return;

        if (up > 0) {
                plan_tree(up, frame, wish, false, &ret->outgoing);
                /* HTB never splits a super-packet: at 10 Mbit/s one of 64 KiB
                 * holds the line for 52 ms. */
                ret->gso_max_segs = (uint32_t)MAX(bytes_in(up, BURST_USEC) / frame, UINT64_C(1));
                if (ret->gso_max_segs * frame >= 65536)
                        ret->gso_max_segs = 0;
        }
        if (down > 0) {
                plan_tree(down, frame, wish, true, &ret->incoming);
                ret->gro_max_size = (uint32_t)MAX(bytes_in(down, BURST_USEC), (uint64_t)frame);
                if (ret->gro_max_size >= 65536)
                        ret->gro_max_size = 0;
        }
        if (!wish->loose)
                return;
        if (ret->outgoing.present)
                loosen_tree(&ret->outgoing);
        if (ret->incoming.present)
                loosen_tree(&ret->incoming);
        ret->gso_max_segs = ret->gro_max_size = 0;
}

static bool class_equal(const struct shaper_class *a, const struct shaper_class *b)
{
        return a->minor == b->minor && a->rate_bps == b->rate_bps && a->ceil_bps == b->ceil_bps &&
               a->burst == b->burst && a->cburst == b->cburst && a->quantum == b->quantum &&
               a->prio == b->prio;
}

static bool leaf_equal(const struct shaper_leaf *a, const struct shaper_leaf *b)
{
        return a->aqm == b->aqm && a->limit_bytes == b->limit_bytes &&
               a->limit_packets == b->limit_packets && a->flows == b->flows &&
               a->target_usec == b->target_usec && a->interval_usec == b->interval_usec &&
               a->quantum == b->quantum && a->memory_limit == b->memory_limit && a->ecn == b->ecn;
}

static bool tree_equal(const struct shaper_tree *a, const struct shaper_tree *b)
{
        if (a->present != b->present || a->sizes.frame != b->sizes.frame ||
            !line_layer_equal(&a->sizes.layer, &b->sizes.layer) || !class_equal(&a->root, &b->root))
                return false;
        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                if (!class_equal(&a->class[q], &b -> class[q]) ||
                    !leaf_equal(&a->leaf[q], &b->leaf[q]))
                        return false;
        return true;
}

bool link_plan_equal(const struct link_plan *a, const struct link_plan *b)
{
        return a->classify == b->classify && a->xdp == b->xdp && a->xdp_native == b->xdp_native &&
               tree_equal(&a->outgoing, &b->outgoing) && tree_equal(&a->incoming, &b->incoming) &&
               a->gso_max_segs == b->gso_max_segs && a->gro_max_size == b->gro_max_size;
}
