/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "shaper-encode.h"

/* PSCHED_SHIFT is 6 since Linux 2.6.31 (include/net/pkt_sched.h). */
#define NSEC_PER_TICK 64u

/* fq_codel keeps its times in units of 1024 ns (CODEL_SHIFT) and never takes a
 * quantum below 256. */
#define CODEL_SHIFT          10
#define FQ_CODEL_QUANTUM_MIN 256u

/* Of a message beside its table of sizes. */
#define SIZES_ROOM 8192u

uint32_t shaper_ticks(uint32_t bytes, uint64_t rate_bps)
{
        const uint64_t bits = (uint64_t)bytes * 8 * NSEC_PER_SEC;
        const uint64_t per_tick = MAX(rate_bps, 1) * NSEC_PER_TICK;

        if (rate_bps > UINT64_MAX / NSEC_PER_TICK)
                return 1;
        return (uint32_t)CLAMP(bits / per_tick + (bits % per_tick > 0), 1, UINT32_MAX);
}

/* struct tc_ratespec has 32 bits of bytes a second; above that it says all ones
 * and the 64-bit attribute holds. */
static struct tc_ratespec ratespec(uint64_t rate_bps)
{
        return (struct tc_ratespec){
                /* else the kernel asks for a rate table */
                .linklayer = TC_LINKLAYER_ETHERNET,
                .rate = (uint32_t)CLAMP(rate_bps / 8, 1, UINT32_MAX),
        };
}

static struct tc_htb_opt class_options(const struct shaper_class *c)
{
        return (struct tc_htb_opt){
                .rate = ratespec(c->rate_bps),
                .ceil = ratespec(c->ceil_bps),
                .buffer = shaper_ticks(c->burst, c->rate_bps),
                .cbuffer = shaper_ticks(c->cburst, c->ceil_bps),
                .quantum = c->quantum,
                .prio = MIN(c->prio, TC_HTB_NUMPRIO - 1u),
        };
}

int shaper_class_put(struct nl_msg *msg, const struct shaper_class *c)
{
        const struct tc_htb_opt opt = class_options(c);
        struct nlattr *options;

        options = nla_nest_start(msg, TCA_OPTIONS);
        if (!options)
                goto nla_put_failure;
        NLA_PUT(msg, TCA_HTB_PARMS, sizeof(opt), &opt);
        if (opt.rate.rate == UINT32_MAX)
                NLA_PUT_U64(msg, TCA_HTB_RATE64, c->rate_bps / 8);
        if (opt.ceil.rate == UINT32_MAX)
                NLA_PUT_U64(msg, TCA_HTB_CEIL64, c->ceil_bps / 8);
        (void)nla_nest_end(msg, options);
        return 0;

nla_put_failure:
        return -ENOMEM;
}

static uint64_t shown_rate(const struct tc_ratespec *rate, const struct nlattr *rate64)
{
        if (rate64 && nla_len(rate64) == sizeof(uint64_t))
                return nla_get_u64((struct nlattr *)(uintptr_t)rate64);
        return rate->rate;
}

bool shaper_class_equal(const struct tc_object *o, const struct shaper_class *c)
{
        const struct tc_htb_opt want = class_options(c);
        struct nlattr *tb[TCA_HTB_MAX + 1];
        struct tc_htb_opt have;

        if (!streq(o->kind, "htb") || tc_object_parse(o, tb, TCA_HTB_MAX) < 0 ||
            !tb[TCA_HTB_PARMS] || nla_len(tb[TCA_HTB_PARMS]) < (int)sizeof(have))
                return false;
        (void)nla_memcpy(&have, tb[TCA_HTB_PARMS], sizeof(have));

        if (shown_rate(&have.rate, tb[TCA_HTB_RATE64]) != MAX(c->rate_bps / 8, 1) ||
            shown_rate(&have.ceil, tb[TCA_HTB_CEIL64]) != MAX(c->ceil_bps / 8, 1) ||
            have.buffer != want.buffer || have.cbuffer != want.cbuffer)
                return false;
        /* An inner class does not take them in once it has children. */
        return have.level > 0 || (have.quantum == want.quantum && have.prio == want.prio);
}

/* The table itself is not dumped: mtu, which the kernel only keeps, says what a whole
 * frame is on the line and so tells framings apart. */
static struct tc_sizespec sizespec(const struct shaper_sizes *s)
{
        return (struct tc_sizespec){
                .overhead = s->layer.overhead,
                .mpu = s->layer.mpu,
                .linklayer =
                        s->layer.framing == LINE_ATM ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET,
                .mtu = line_layer_bytes(&s->layer, s->frame),
                .tsize = line_layer_table_size(&s->layer, s->frame),
        };
}

int shaper_sizes_put(struct nl_msg *msg, const struct shaper_sizes *s)
{
        const struct tc_sizespec spec = sizespec(s);
        _cleanup_free_ uint16_t *table = NULL;
        struct nlattr *stab;

        if (s->frame == 0)
                return 0;
        table = calloc(spec.tsize, sizeof(*table));
        if (!table)
                return -ENOMEM;
        line_layer_table(&s->layer, s->frame, table);
        if (nlmsg_expand(msg, SIZES_ROOM + spec.tsize * sizeof(*table)) < 0)
                return -ENOMEM;
        stab = nla_nest_start(msg, TCA_STAB);
        if (!stab)
                return -ENOMEM;
        NLA_PUT(msg, TCA_STAB_BASE, sizeof(spec), &spec);
        NLA_PUT(msg, TCA_STAB_DATA, (int)(spec.tsize * sizeof(*table)), table);
        (void)nla_nest_end(msg, stab);
        return 0;

nla_put_failure:
        return -ENOMEM;
}

bool shaper_sizes_equal(const struct tc_object *root, const struct shaper_sizes *s)
{
        const struct tc_sizespec want = sizespec(s);

        if (s->frame == 0 || !root->has_stab)
                return (s->frame != 0) == root->has_stab;
        return root->stab.overhead == want.overhead && root->stab.mpu == want.mpu &&
               root->stab.linklayer == want.linklayer && root->stab.mtu == want.mtu &&
               root->stab.tsize == want.tsize;
}

const char *shaper_leaf_kind(const struct shaper_leaf *l)
{
        return l->aqm == SHAPER_AQM_FQ_CODEL ? "fq_codel" : "bfifo";
}

int shaper_leaf_put(struct nl_msg *msg, const struct shaper_leaf *l, bool create)
{
        const struct tc_fifo_qopt fifo = {.limit = l->limit_bytes};
        struct nlattr *options;

        if (l->aqm == SHAPER_AQM_BFIFO) {
                NLA_PUT(msg, TCA_OPTIONS, sizeof(fifo), &fifo);
                return 0;
        }
        options = nla_nest_start(msg, TCA_OPTIONS);
        if (!options)
                goto nla_put_failure;
        NLA_PUT_U32(msg, TCA_FQ_CODEL_TARGET, l->target_usec);
        NLA_PUT_U32(msg, TCA_FQ_CODEL_INTERVAL, l->interval_usec);
        NLA_PUT_U32(msg, TCA_FQ_CODEL_LIMIT, l->limit_packets);
        NLA_PUT_U32(msg, TCA_FQ_CODEL_ECN, l->ecn);
        NLA_PUT_U32(msg, TCA_FQ_CODEL_QUANTUM, l->quantum);
        NLA_PUT_U32(msg, TCA_FQ_CODEL_MEMORY_LIMIT, l->memory_limit);
        if (create)
                NLA_PUT_U32(msg, TCA_FQ_CODEL_FLOWS, l->flows);
        (void)nla_nest_end(msg, options);
        return 0;

nla_put_failure:
        return -ENOMEM;
}

static uint32_t shown_usec(uint32_t usec)
{
        return (uint32_t)((((uint64_t)usec * NSEC_PER_USEC >> CODEL_SHIFT) << CODEL_SHIFT) /
                          NSEC_PER_USEC);
}

static bool is_u32(const struct nlattr *a, uint32_t value)
{
        return a && nla_len(a) == sizeof(uint32_t) &&
               nla_get_u32((struct nlattr *)(uintptr_t)a) == value;
}

enum shaper_leaf_difference shaper_leaf_compare(const struct tc_object *o,
                                                const struct shaper_leaf *l)
{
        struct nlattr *tb[TCA_FQ_CODEL_MAX + 1];
        struct tc_fifo_qopt fifo;

        if (!streq(o->kind, shaper_leaf_kind(l)))
                return SHAPER_LEAF_OTHER;
        if (l->aqm == SHAPER_AQM_BFIFO) {
                if (o->n_options < sizeof(fifo))
                        return SHAPER_LEAF_OTHER;
                memcpy(&fifo, o->options, sizeof(fifo));
                return fifo.limit == l->limit_bytes ? SHAPER_LEAF_EQUAL : SHAPER_LEAF_CHANGE;
        }
        if (tc_object_parse(o, tb, TCA_FQ_CODEL_MAX) < 0 ||
            !is_u32(tb[TCA_FQ_CODEL_FLOWS], l->flows))
                return SHAPER_LEAF_OTHER;
        if (is_u32(tb[TCA_FQ_CODEL_TARGET], shown_usec(l->target_usec)) &&
            is_u32(tb[TCA_FQ_CODEL_INTERVAL], shown_usec(l->interval_usec)) &&
            is_u32(tb[TCA_FQ_CODEL_LIMIT], l->limit_packets) &&
            is_u32(tb[TCA_FQ_CODEL_ECN], l->ecn) &&
            is_u32(tb[TCA_FQ_CODEL_QUANTUM], MAX(l->quantum, FQ_CODEL_QUANTUM_MIN)) &&
            is_u32(tb[TCA_FQ_CODEL_MEMORY_LIMIT], l->memory_limit))
                return SHAPER_LEAF_EQUAL;
        return SHAPER_LEAF_CHANGE;
}
