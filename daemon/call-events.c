/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"
#include "bus.h"
#include "call-events.h"
#include "call-summary.h"
#include "log.h"
#include "message-id.h"

static void emit(Manager *m, const char *signal, uint32_t id)
{
        if (m->bus)
                (void)sd_bus_emit_signal(m->bus, P2S_PATH, P2S_INTERFACE, signal, "u", id);
}

/* The fields of both messages.  Who talks to whom is not for everyone who reads the
 * log, unless somebody debugs. */
static void begin_entry(struct log_entry *e, const Manager *m, const struct call *call,
                        const char *message_id)
{
        const struct call_owner *owner = app_ports_call_owner(m->apps, call->id);
        char address[INET6_ADDRSTRLEN];
        const char *link = manager_link_of(m, call->link);

        log_entry_begin(e, LOG_INFO, message_id);
        log_entry_add(e, "P2S_LINK", "%s", link);
        log_entry_add(e, "P2S_CALL_ID", "%u", call->id);
        if (log_level() < LOG_DEBUG)
                return;
        log_entry_add(e, "P2S_CALL_LOCAL_ADDRESS", "%s", address_format(call->key.local, address));
        log_entry_add(e, "P2S_CALL_LOCAL_PORT", "%u", ntohs(call->key.local_port));
        log_entry_add(e, "P2S_CALL_REMOTE_ADDRESS", "%s",
                      address_format(call->key.remote, address));
        log_entry_add(e, "P2S_CALL_REMOTE_PORT", "%u", ntohs(call->key.remote_port));
        if (owner)
                log_entry_add(e, "P2S_CALL_PROCESS", "%s", owner->name);
}

static void on_added(const struct call *call, void *userdata)
{
        struct log_entry e;
        Manager *m = userdata;

        history_wake(m->history);
        begin_entry(&e, m, call, MESSAGE_CALL_BEGUN);
        log_entry_send(&e, "%s: call %u: begun", manager_link_of(m, call->link), call->id);
        emit(m, "CallAdded", call->id);
}

static void on_removed(const struct call *call, void *userdata)
{
        char text[CALL_SUMMARY_MAX];
        struct call_summary s;
        struct log_entry e;
        Manager *m = userdata;

        call_summary_make(m->calls, call, &s);
        begin_entry(&e, m, call, MESSAGE_CALL_ENDED);
        log_entry_add(&e, "P2S_CALL_DURATION_USEC", "%" PRIu64, s.duration_usec);
        log_entry_add(&e, "P2S_CALL_JITTER_USEC", "%" PRIu64, s.jitter_usec);
        log_entry_add(&e, "P2S_CALL_EXPECTED", "%" PRIu64, s.expected);
        log_entry_add(&e, "P2S_CALL_LOST", "%" PRIi64, s.lost);
        if (s.mos >= 1.0)
                log_entry_add(&e, "P2S_CALL_MOS", "%.2f", s.mos);
        log_entry_send(&e, "%s: call %u: ended after %s", manager_link_of(m, call->link), call->id,
                       call_summary_format(&s, text));
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
