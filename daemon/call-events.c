/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus.h"
#include "call-events.h"
#include "call-quality.h"
#include "log.h"
#include "units.h"

static void emit(Manager *m, const char *signal, uint32_t id)
{
        if (m->bus)
                (void)sd_bus_emit_signal(m->bus, P2S_PATH, P2S_INTERFACE, signal, "u", id);
}

static void on_added(const struct call *call, void *userdata)
{
        Manager *m = userdata;

        log_debug("call %u: begun", call->id);
        emit(m, "CallAdded", call->id);
}

/* A summary line a call; addresses are not for everyone who reads the log. */
static void on_removed(const struct call *call, void *userdata)
{
        char duration[UNITS_MAX], jitter[UNITS_MAX];
        const struct call_flow *f = NULL;
        uint64_t jitter_usec = 0;
        int64_t lost = 0;
        Manager *m = userdata;

        while ((f = call_table_next_flow(m->calls, call, f))) {
                jitter_usec = MAX(jitter_usec, flow_jitter_mean_usec(&f->flow));
                lost += flow_lost(&f->flow);
        }
        log_info("call %u: ended after %s: mean jitter %s, %lld packets lost", call->id,
                 units_format_usec(duration, (call->last_ns - call->begin_ns) / NSEC_PER_USEC),
                 units_format_usec(jitter, jitter_usec), (long long)lost);
        emit(m, "CallRemoved", call->id);
}

static void on_forget(unsigned ifindex, const struct p2s_flow_key *key, void *userdata)
{
        Manager *m = userdata;

        for (size_t i = 0; i < m->n_links; i++)
                if (m->links[i]->kernel && m->links[i]->facts.ifindex == ifindex)
                        (void)m->ops->link_forget(m->links[i]->kernel, key);
}

int call_events_take(Manager *m, unsigned ifindex, const struct kernel_flow *flows, size_t n)
{
        const struct call_table_handler handler = {on_added, on_removed, on_forget, m};

        return call_table_update(m->calls, ifindex, flows, n, now_usec() * NSEC_PER_USEC, &handler);
}

void call_events_drop_link(Manager *m, unsigned ifindex)
{
        const struct call_table_handler handler = {on_added, on_removed, NULL, m};

        call_table_drop_link(m->calls, ifindex, &handler);
}
