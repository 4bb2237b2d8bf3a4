/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetCalls: who calls whom, and how well. */
#include "address.h"
#include "bus.h"
#include "call-quality.h"
#include "log.h"

static int append_flow(sd_bus_message *reply, const struct call_flow *cf, uint64_t now_ns)
{
        const struct p2s_flow *f = &cf->flow;
        const struct codec *codec = codec_find(f->payload_type, f->clock_hz);
        uint64_t idle_ns = now_ns > f->last_ns ? now_ns - f->last_ns : 0;
        uint64_t usec;
        double fraction, mos, cv;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Direction", "s",
                                          p2s_direction_to_string(cf->key.direction), "Ssrc", "u",
                                          cf->key.ssrc, "Class", "s", p2s_class_to_string(f->class),
                                          "Rule", "s", p2s_rule_to_string(f->rule), "PayloadType",
                                          "y", f->payload_type, "Dscp", "y", f->dscp, "BitrateBps",
                                          "t", cf->bitrate_bps);
        if (r >= 0)
                r = sd_bus_message_append(
                        reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Packets", "t", f->packets,
                        "Bytes", "t", f->bytes, "Expected", "t", flow_expected(f), "Lost", "x",
                        flow_lost(f), "JitterUsec", "t", flow_jitter_usec(f), "JitterMeanUsec", "t",
                        flow_jitter_mean_usec(f), "JitterMaxUsec", "t", flow_jitter_max_usec(f),
                        "IdleUsec", "t", idle_ns / NSEC_PER_USEC);
        if (r >= 0 && codec)
                r = sd_bus_message_append(reply, "{sv}", "Codec", "s", codec->name);
        if (r >= 0 && f->clock_hz)
                r = sd_bus_message_append(reply, "{sv}", "ClockHz", "u", f->clock_hz);
        if (r >= 0 && spread_cv(&cf->spread, &cv) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "BitrateCv", "d", cv);
        if (r >= 0 && flow_mos(f, &mos) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "Mos", "d", mos);
        if (r >= 0 && flow_remote_loss_fraction(f, &fraction) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "RemoteLossFraction", "d", fraction);
        if (r >= 0 && flow_remote_jitter_usec(f, &usec) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "RemoteJitterUsec", "t", usec);
        if (r >= 0 && flow_rtt_usec(f, &usec) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "RttUsec", "t", usec);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_call(sd_bus_message *reply, const Manager *m, const struct call *c)
{
        char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
        const struct call_owner *owner = app_ports_call_owner(m->apps, c->id);
        uint64_t now_ns = now_usec() * NSEC_PER_USEC;
        const struct call_flow *f = NULL;
        int r;

        (void)address_format(c->key.local, local);
        (void)address_format(c->key.remote, remote);
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Id", "u", c->id,
                                          "Link", "s", manager_link_of(m, c->link), "LocalAddress",
                                          "s", local, "LocalPort", "q", ntohs(c->key.local_port),
                                          "RemoteAddress", "s", remote, "RemotePort", "q",
                                          ntohs(c->key.remote_port), "DurationUsec", "t",
                                          (now_ns - MIN(now_ns, c->begin_ns)) / NSEC_PER_USEC);
        if (r >= 0 && owner)
                r = sd_bus_message_append(reply, "{sv}", "Process", "s", owner->name);
        if (r >= 0 && owner && owner->pid)
                r = sd_bus_message_append(reply, "{sv}", "ProcessId", "u", (uint32_t)owner->pid);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "Flows");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "aa{sv}");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        while (r >= 0 && (f = call_table_next_flow(m->calls, c, f)))
                r = append_flow(reply, f, now_ns);
        for (unsigned i = 0; i < 4 && r >= 0; i++)
                r = sd_bus_message_close_container(reply);
        return r;
}

int bus_method_get_calls(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const struct call *c = NULL;
        Manager *m = userdata;
        int r;

        r = authority_check(m->authority, msg, bus_method_get_calls, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;

        for (size_t i = 0; i < m->n_links; i++) {
                r = managed_link_read(m->links[i]);
                if (r < 0 && r != -ENODEV)
                        log_debug("%s: cannot read its flows: %s", m->links[i]->facts.name,
                                  strerror(-r));
        }
        r = sd_bus_message_new_method_return(msg, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        while (r >= 0 && (c = call_table_next_call(m->calls, c)))
                r = append_call(reply, m, c);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}
