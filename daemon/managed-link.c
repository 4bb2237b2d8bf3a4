/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-events.h"
#include "log.h"
#include "managed-link-private.h"
#include "manager.h"
#include "message-id.h"

/* Two clients that ask at the same moment get the same reading. */
#define READING_AGE_USEC (50 * USEC_PER_MSEC)

static const char *const states[] = {
        [LINK_ABSENT] = "absent", [LINK_DOWN] = "down",     [LINK_ACTIVE] = "active",
        [LINK_BUSY] = "busy",     [LINK_FAILED] = "failed",
};

const char *link_state_to_string(enum link_state state)
{
        return states[state];
}

int managed_link_new(struct Manager *m, const struct link_setting *setting,
                     struct managed_link **ret)
{
        _cleanup_(managed_link_freep) struct managed_link *l = calloc(1, sizeof *l);
        int r;

        if (!l)
                return -ENOMEM;
        l->manager = m;
        l->chosen = l->setting = *setting;
        r = sample_ring_new(&l->history);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(l);
        return 0;
}

static void log_state(const char *name, enum link_state state, enum link_state before,
                      const char *reason)
{
        bool trouble = state >= LINK_BUSY;
        struct log_entry e;

        log_entry_begin(&e, trouble ? LOG_WARNING : LOG_INFO,
                        trouble ? MESSAGE_LINK_TROUBLE : MESSAGE_LINK_STATE);
        log_entry_add(&e, "P2S_LINK", "%s", name);
        log_entry_add(&e, "P2S_STATE", "%s", states[state]);
        log_entry_add(&e, "P2S_STATE_BEFORE", "%s", states[before]);
        if (reason)
                log_entry_add(&e, "P2S_REASON", "%s", reason);
        log_entry_send(&e, "%s: %s%s%s", name, states[state], reason ? ": " : "", reason ?: "");
}

void managed_link_set_state(struct managed_link *l, enum link_state state, const char *reason)
{
        const char *name = l->facts.name[0] ? l->facts.name : l->setting.name;

        if (l->state == state && streq_ptr(l->reason, reason))
                return;
        log_state(name, state, l->state, reason);
        l->state = state;
        free(l->reason);
        l->reason = reason ? strdup(reason) : NULL;
}

void managed_link_fail(struct managed_link *l, int error, const char *reason)
{
        managed_link_set_state(l, LINK_FAILED, reason ?: strerror(-error));
}

struct managed_link *managed_link_free(struct managed_link *l)
{
        _cleanup_free_ char *reason = NULL;
        int r;

        if (!l)
                return NULL;
        r = managed_link_let_go(l, &reason);
        if (r < 0) {
                log_error("%s: cannot put back what was there: %s; \"p2sd --revert\" tries again",
                          l->facts.name, reason ?: strerror(-r));
                l->manager->ops->link_free(l->kernel);
        }
        sd_event_source_disable_unref(l->shaping_source);
        sample_ring_free(l->history);
        free(l->reason);
        free(l->displaced);
        free(l);
        return NULL;
}

int managed_link_read(struct managed_link *l)
{
        _cleanup_free_ struct kernel_flow *flows = NULL;
        Manager *m = l->manager;
        struct sample_counters c = {.time_usec = now_usec()};
        size_t n;
        int r;

        if (!l->kernel)
                return -ENODEV;
        if (l->counters.time_usec && c.time_usec - l->counters.time_usec < READING_AGE_USEC)
                return 0;
        r = m->ops->link_totals(l->kernel, &c.totals);
        if (r < 0)
                return r;
        r = m->ops->link_queues(l->kernel, c.queues);
        if (r < 0)
                return r;
        r = m->ops->link_flows(l->kernel, &flows, &n);
        if (r < 0)
                return r;
        r = call_events_take(m, l->facts.ifindex, flows, n);
        if (r < 0)
                return r;
        managed_link_hear(l, flows, n, c.time_usec);
        call_table_figures(m->calls, l->facts.ifindex, &c.calls);
        l->counters = c;
        if (m->ops->link_torn(l->kernel))
                manager_sync_soon(m);
        return 0;
}

const char *managed_link_treatment(const struct managed_link *l, enum p2s_direction direction)
{
        const struct shaper_tree *t =
                direction == P2S_OUTGOING ? &l->plan.outgoing : &l->plan.incoming;

        if (!l->kernel || !l->plan.classify)
                return "none";
        if (t->present)
                return "shaped";
        return manager_effective_mode(l->manager) >= MODE_MARK ? "marked" : "measured";
}

const char *managed_link_xdp(const struct managed_link *l)
{
        static const char *const words[] = {
                [KERNEL_XDP_NONE] = "none",       [KERNEL_XDP_NATIVE] = "native",
                [KERNEL_XDP_GENERIC] = "generic", [KERNEL_XDP_BUSY] = "busy",
                [KERNEL_XDP_REFUSED] = "refused",
        };

        return words[l->kernel ? l->manager->ops->link_xdp(l->kernel) : KERNEL_XDP_NONE];
}
