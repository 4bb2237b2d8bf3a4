/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diagnose: the facts of everything that is managed, and what they come to. */
#include "bus.h"
#include "diagnosis.h"
#include "log.h"

/* What counts as lately. */
#define WINDOW_USEC (60 * USEC_PER_SEC)

/* Of one direction, over the rows from `first` on. */
static void sum_up(const SampleRing *ring, size_t first, enum p2s_direction d,
                   struct diagnosis_figures *ret)
{
        uint64_t jitter = 0, rows = 0, backlog = 0, bitrate = 0;
        struct diagnosis_figures f = {};

        for (size_t i = first; i < sample_ring_n(ring); i++) {
                const struct sample_figures *voice;
                struct sample s;

                sample_ring_get(ring, i, &s);
                voice = &s.figures[d][SAMPLE_VOICE];
                rows++;
                for (unsigned c = 0; c < _SAMPLE_CLASS_MAX; c++) {
                        f.drops += s.figures[d][c].drops;
                        backlog += s.figures[d][c].backlog_bytes;
                        bitrate += s.figures[d][c].bitrate_bps;
                }
                if (voice->jitter_usec == 0)
                        continue;
                f.packets += voice->packets;
                f.lost += voice->lost;
                jitter += voice->jitter_usec * voice->packets;
        }
        if (f.packets > 0)
                f.jitter_usec = jitter / f.packets;
        if (rows > 0) {
                f.backlog_bytes = backlog / rows;
                f.bitrate_bps = bitrate / rows;
        }
        *ret = f;
}

static void gather(const struct managed_link *l, uint64_t since_usec, struct diagnosis_link *ret)
{
        const Manager *m = l->manager;
        size_t first = sample_ring_since(l->history, since_usec);
        int r;

        *ret = (struct diagnosis_link){
                .name = l->setting.name,
                .interface = l->facts.name,
                .state = link_state_to_string(l->state),
                .reason = l->reason,
                .num_tx_queues = l->facts.num_tx_queues,
                .rate_bps = {[P2S_OUTGOING] = l->setting.uplink_bps,
                             [P2S_INCOMING] = l->setting.downlink_bps},
                .shaped = {[P2S_OUTGOING] = l->kernel && l->plan.outgoing.present,
                           [P2S_INCOMING] = l->kernel && l->plan.incoming.present},
        };
        for (enum p2s_direction d = 0; d < _P2S_DIRECTION_MAX; d++)
                sum_up(l->history, first, d, &ret->figures[d]);
        if (l->facts.ifindex == 0)
                return;
        r = m->ops->link_surroundings(m->kernel, l->facts.name, &ret->around);
        if (r < 0)
                log_debug("%s: cannot look at what else acts on it: %s", l->facts.name,
                          strerror(-r));
        ret->present = r >= 0;
}

struct answer {
        sd_bus_message *reply;
        int r;
};

static int append_argument(sd_bus_message *reply, const struct finding_argument *a)
{
        if (!a->name)
                return 0;
        return a->string ? sd_bus_message_append(reply, "{sv}", a->name, "s", a->string)
                         : sd_bus_message_append(reply, "{sv}", a->name, "t", a->number);
}

static void on_finding(const struct finding *f, void *userdata)
{
        struct answer *a = userdata;

        if (a->r >= 0)
                a->r = sd_bus_message_open_container(a->reply, 'a', "{sv}");
        if (a->r >= 0)
                a->r = sd_bus_message_append(a->reply, "{sv}{sv}", "Code", "s", f->code, "Severity",
                                             "s", severity_to_string(f->severity));
        if (a->r >= 0 && f->link)
                a->r = sd_bus_message_append(a->reply, "{sv}", "Link", "s", f->link);
        if (a->r >= 0 && f->interface)
                a->r = sd_bus_message_append(a->reply, "{sv}", "Interface", "s", f->interface);
        for (size_t i = 0; i < FINDING_ARGUMENTS_MAX && a->r >= 0; i++)
                a->r = append_argument(a->reply, &f->arguments[i]);
        if (a->r >= 0)
                a->r = sd_bus_message_close_container(a->reply);
}

int bus_method_diagnose(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ struct diagnosis_link *links = NULL;
        const Manager *m = userdata;
        uint64_t now = now_usec();
        struct answer answer;

        links = calloc(m->n_links + 1, sizeof *links);
        if (!links)
                return -ENOMEM;
        for (size_t i = 0; i < m->n_links; i++)
                gather(m->links[i], now - MIN(now, WINDOW_USEC), &links[i]);

        answer.r = sd_bus_message_new_method_return(msg, &reply);
        answer.reply = reply;
        if (answer.r >= 0)
                answer.r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (answer.r >= 0)
                diagnose(&(const struct diagnosis_facts){.mode = manager_effective_mode(m),
                                                         .kernel = m->capabilities,
                                                         .links = links,
                                                         .n_links = m->n_links},
                         on_finding, &answer);
        if (answer.r >= 0)
                answer.r = sd_bus_message_close_container(reply);
        return answer.r < 0 ? answer.r : sd_bus_send(NULL, reply, NULL);
}
