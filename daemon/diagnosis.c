/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnosis.h"

/* What an ordinary jitter buffer takes up unheard. */
#define JITTER_HIGH_USEC (20 * USEC_PER_MSEC)
/* Below that nothing is said of a call: 10 s of most codecs. */
#define PACKETS_ENOUGH 500u
/* Lost in a hundred. */
#define LOSS_HIGH_PERCENT 2u
/* A queue of less than this is empty: it cannot be what holds packets up. */
#define QUEUE_EMPTY_USEC (5 * USEC_PER_MSEC)
/* From this part of its rate on, in per cent, a direction is loaded. */
#define LOADED_PERCENT 70u

struct teller {
        void (*told)(const struct finding *, void *);
        void *userdata;
};

static const char *const severities[] = {
        [SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

const char *severity_to_string(enum severity severity)
{
        return severities[severity];
}

#define TEXT(n, s)   ((struct finding_argument){.name = (n), .string = (s)})
#define NUMBER(n, x) ((struct finding_argument){.name = (n), .number = (x)})

static void tell(const struct teller *t, const char *code, enum severity severity,
                 const struct diagnosis_link *link, struct finding_argument a,
                 struct finding_argument b, struct finding_argument c)
{
        const struct finding f = {

                .code = code,
                .severity = severity,
                .link = link ? link->name : NULL,
                .interface = link && *link->interface ? link->interface : NULL,
                .arguments = {a, b, c},
        };

        t->told(&f, t->userdata);
}

static const struct finding_argument nothing;

static void diagnose_kernel(const struct teller *t, const struct kernel_capabilities *k)
{
        const struct {
                bool have;
                enum severity severity;
                const char *feature, *module, *option;
        } parts[] = {
                {k->bpf, SEVERITY_ERROR, "bpf", "cls_bpf", "CONFIG_NET_CLS_BPF"},
                {k->clsact, SEVERITY_ERROR, "clsact", "sch_ingress", "CONFIG_NET_SCH_INGRESS"},
                {k->htb, SEVERITY_WARNING, "htb", "sch_htb", "CONFIG_NET_SCH_HTB"},
                {k->ifb, SEVERITY_WARNING, "ifb", "ifb", "CONFIG_IFB"},
                {k->fq_codel, SEVERITY_WARNING, "fq_codel", "sch_fq_codel",
                 "CONFIG_NET_SCH_FQ_CODEL"},
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (!parts[i].have)
                        tell(t, "kernel-lacks", parts[i].severity, NULL,
                             TEXT("Feature", parts[i].feature), TEXT("Module", parts[i].module),
                             TEXT("Option", parts[i].option));
}

/* Who likely put a qdisc there; "" where nothing tells. */
static const char *owner_of(const struct link_surroundings *s)
{
        if (strncmp(s->rival_ifb, "ifb4", 4) == 0)
                return "sqm-scripts";
        if (strncmp(s->rival_ifb, "ifb-", 4) == 0)
                return "qosify";
        if (*s->rival_ifb != '\0')
                return "FireQOS";
        if (s->networkd_qdisc)
                return "systemd-networkd";
        /* "wondershaper" makes classes of HTB, "tc" users of CBQ have died out */
        return streq(s->qdisc, "htb") ? "wondershaper" : "";
}

static void diagnose_state(const struct teller *t, const struct diagnosis_link *l)
{
        if (streq(l->state, "absent"))
                tell(t, "link-absent", SEVERITY_WARNING, l, nothing, nothing, nothing);
        else if (streq(l->state, "down"))
                tell(t, "link-down", SEVERITY_NOTE, l, nothing, nothing, nothing);
        else if (streq(l->state, "busy"))
                tell(t, "link-busy", SEVERITY_ERROR, l, TEXT("Reason", l->reason ?: ""),
                     TEXT("Qdisc", l->around.qdisc), TEXT("Owner", owner_of(&l->around)));
        else if (streq(l->state, "failed"))
                tell(t, "link-failed", SEVERITY_ERROR, l, TEXT("Reason", l->reason ?: ""), nothing,
                     nothing);
}

static void diagnose_rivals(const struct teller *t, const struct diagnosis_facts *facts,
                            const struct diagnosis_link *l)
{
        const struct link_surroundings *s = &l->around;

        if (l->shaped[P2S_OUTGOING] && !s->qdisc_ours)
                tell(t, "qdisc-replaced", SEVERITY_ERROR, l, TEXT("Qdisc", s->qdisc),
                     TEXT("Owner", owner_of(s)), nothing);
        else if (s->qdisc_set && !streq(l->state, "busy"))
                tell(t, "foreign-qdisc",
                     facts->mode == MODE_SHAPE ? SEVERITY_WARNING : SEVERITY_NOTE, l,
                     TEXT("Qdisc", s->qdisc), TEXT("Owner", owner_of(s)), nothing);
        if (*s->rival_ifb != '\0')
                tell(t, "foreign-ifb", SEVERITY_WARNING, l, TEXT("Ifb", s->rival_ifb),
                     TEXT("Owner", owner_of(s)), nothing);
        else if (s->networkd_qdisc && l->shaped[P2S_OUTGOING])
                /* it puts its own back whenever the link comes up */
                tell(t, "networkd-qdisc", SEVERITY_WARNING, l, nothing, nothing, nothing);
}

static void diagnose_hardware(const struct teller *t, const struct diagnosis_link *l)
{
        for (size_t i = 0; i < _LINK_OFFLOAD_MAX; i++)
                if (l->around.offload[i])
                        tell(t,
                             i <= LINK_OFFLOAD_L2_FORWARD ? "offload-bypasses" : "offload-merges",
                             SEVERITY_WARNING, l, TEXT("Feature", link_offload_names[i]), nothing,
                             nothing);
        if (l->around.wifi_power_save)
                tell(t, "wifi-power-save", SEVERITY_WARNING, l, nothing, nothing, nothing);
}

static void diagnose_rates(const struct teller *t, const struct diagnosis_facts *facts,
                           const struct diagnosis_link *l)
{
        for (enum p2s_direction d = 0; d < _P2S_DIRECTION_MAX; d++) {
                struct finding_argument direction = TEXT("Direction", p2s_direction_to_string(d));

                if (l->rate_bps[d] == 0) {
                        if (facts->mode == MODE_SHAPE)
                                tell(t, "rate-unknown", SEVERITY_WARNING, l, direction, nothing,
                                     nothing);
                } else if (l->around.speed_bps > 0 && l->rate_bps[d] > l->around.speed_bps)
                        tell(t, "rate-above-speed", SEVERITY_WARNING, l, direction,
                             NUMBER("RateBps", l->rate_bps[d]),
                             NUMBER("SpeedBps", l->around.speed_bps));
                if (l->shaped[d] && shaper_narrows(l->num_tx_queues, l->rate_bps[d]))
                        tell(t, "one-queue", SEVERITY_NOTE, l, direction,
                             NUMBER("RateBps", l->rate_bps[d]), NUMBER("Queues", l->num_tx_queues));
        }
}

/* Calls that fare badly although our own queue in that direction is empty: the
 * packets wait, or are dropped, where we cannot order them. */
static void diagnose_direction(const struct teller *t, const struct diagnosis_link *l,
                               enum p2s_direction d)
{
        const struct diagnosis_figures *f = &l->figures[d];
        struct finding_argument jitter = NUMBER("JitterUsec", f->jitter_usec);
        uint64_t empty = l->rate_bps[d] / 8 * QUEUE_EMPTY_USEC / USEC_PER_SEC;
        bool bad = f->jitter_usec >= JITTER_HIGH_USEC ||
                   f->lost * 100 >= (f->packets + f->lost) * LOSS_HIGH_PERCENT;

        if (!l->shaped[d] || f->packets < PACKETS_ENOUGH || !bad)
                return;
        if (d == P2S_OUTGOING)
                /* measured before our queue: it comes so from the program, or the LAN */
                tell(t, "jitter-at-source", SEVERITY_WARNING, l, jitter,
                     NUMBER("LostPackets", f->lost), nothing);
        else if (f->drops > 0 || f->backlog_bytes > empty)
                return;
        else if (f->bitrate_bps * 100 >= l->rate_bps[d] * LOADED_PERCENT)
                /* the line is full, and the queue is not with us */
                tell(t, "rate-too-high", SEVERITY_WARNING, l, jitter,
                     NUMBER("RateBps", l->rate_bps[d]), NUMBER("BitrateBps", f->bitrate_bps));
        else
                tell(t, "bottleneck-elsewhere", SEVERITY_WARNING, l, jitter,
                     NUMBER("LostPackets", f->lost), NUMBER("BitrateBps", f->bitrate_bps));
}

void diagnose(const struct diagnosis_facts *facts,
              void (*told)(const struct finding *finding, void *userdata), void *userdata)
{
        const struct teller t = {told, userdata};

        diagnose_kernel(&t, &facts->kernel);
        if (facts->mode == MODE_OFF)
                tell(&t, "mode-off", SEVERITY_NOTE, NULL, nothing, nothing, nothing);
        if (facts->n_links == 0)
                tell(&t, "no-link", SEVERITY_WARNING, NULL, nothing, nothing, nothing);
        for (size_t i = 0; i < facts->n_links; i++) {
                const struct diagnosis_link *l = &facts->links[i];

                diagnose_state(&t, l);
                if (!l->present)
                        continue;
                diagnose_rivals(&t, facts, l);
                diagnose_hardware(&t, l);
                diagnose_rates(&t, facts, l);
                for (enum p2s_direction d = 0; d < _P2S_DIRECTION_MAX; d++)
                        diagnose_direction(&t, l, d);
        }
}
