/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetStats, GetCalls, GetHistory and subscriptions: what is measured. */
#include <arpa/inet.h>

#include "bus.h"
#include "call-quality.h"
#include "log.h"

/* Everything that counts, summed over links and over those that are gone. */
struct sums {
        struct p2s_totals totals;
        struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
};

static void sum_up(const Manager *m, struct sums *ret)
{
        ret->totals = m->stats.totals;
        memset(ret->queues, 0, sizeof ret->queues);
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        ret->queues[d][q].drops = m->stats.drops[d][q];

        for (size_t i = 0; i < m->n_links; i++) {
                struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
                const struct managed_link *l = m->links[i];
                struct p2s_totals totals;

                if (!l->kernel)
                        continue;
                if (m->ops->link_totals(l->kernel, &totals) >= 0)
                        stats_add_totals(&ret->totals, &totals);
                if (m->ops->link_queues(l->kernel, queues) < 0)
                        continue;
                for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                        for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++) {
                                ret->queues[d][q].drops += queues[d][q].drops;
                                ret->queues[d][q].backlog_bytes += queues[d][q].backlog_bytes;
                                ret->queues[d][q].backlog_packets += queues[d][q].backlog_packets;
                        }
        }
}

/* One row of GetStats; general takes in what no rule named, and the ACK queue. */
static int append_class(sd_bus_message *reply, const Manager *m, const struct sums *s,
                        unsigned direction, enum p2s_class class, enum p2s_queue queue)
{
        struct p2s_total t = s->totals.of[direction][class];
        struct kernel_queue_stats q = s->queues[direction][queue];

        q.drops -= m->stats.base_drops[direction][queue];
        if (class == P2S_CLASS_GENERAL) {
                const struct p2s_total *none = &s->totals.of[direction][P2S_CLASS_NONE];
                const struct kernel_queue_stats *ack = &s->queues[direction][P2S_QUEUE_ACK];

                t.packets += none->packets;
                t.bytes += none->bytes;
                t.marks += none->marks;
                q.drops += ack->drops - m->stats.base_drops[direction][P2S_QUEUE_ACK];
                q.backlog_bytes += ack->backlog_bytes;
                q.backlog_packets += ack->backlog_packets;
        }
        return sd_bus_message_append(
                reply, "a{sv}", 8, "Direction", "s",
                p2s_direction_to_string((enum p2s_direction) direction), "Class", "s",
                p2s_class_to_string(class), "Packets", "t", t.packets, "Bytes", "t", t.bytes,
                "Marks", "t", t.marks, "Drops", "t", q.drops, "BacklogPackets", "t",
                q.backlog_packets, "BacklogBytes", "t", q.backlog_bytes);
}

static const struct {
        enum p2s_class class;
        enum p2s_queue queue;
} rows[] = {{P2S_CLASS_VOICE, P2S_QUEUE_VOICE},
            {P2S_CLASS_VIDEO, P2S_QUEUE_VIDEO},
            {P2S_CLASS_GENERAL, P2S_QUEUE_GENERAL}};

int bus_method_get_stats(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Manager *m = userdata;
        struct sums s;
        int r;

        sum_up(m, &s);
        stats_subtract_totals(&s.totals, &m->stats.base_totals);

        r = sd_bus_message_new_method_return(msg, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}", "SinceUsec", "t", m->stats.since_usec);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "Classes");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "aa{sv}");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (size_t i = 0; i < ELEMENTSOF(rows) && r >= 0; i++)
                        r = append_class(reply, m, &s, d, rows[i].class, rows[i].queue);
        for (unsigned i = 0; i < 4 && r >= 0; i++)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int bus_method_reset_stats(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        struct sums s;
        int r;

        r = authority_check(m->authority, msg, bus_method_reset_stats, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        sum_up(m, &s);
        m->stats.base_totals = s.totals;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        m->stats.base_drops[d][q] = s.queues[d][q].drops;
        m->stats.since_usec = now_usec();
        return sd_bus_reply_method_return(msg, NULL);
}

/* "192.0.2.1" for a v4-mapped address, else IPv6. */
static void format_address(const uint8_t a[static 16], char ret[static INET6_ADDRSTRLEN])
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

        if (memcmp(a, mapped, sizeof mapped) == 0)
                (void) inet_ntop(AF_INET, a + 12, ret, INET6_ADDRSTRLEN);
        else
                (void) inet_ntop(AF_INET6, a, ret, INET6_ADDRSTRLEN);
}

static int append_flow(sd_bus_message *reply, const struct call_flow *cf, uint64_t now_ns)
{
        const struct p2s_flow *f = &cf->flow;
        const struct codec *codec = codec_find(f->payload_type, f->clock_hz);
        uint64_t idle_ns = now_ns > f->last_ns ? now_ns - f->last_ns : 0;
        double mos;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(
                        reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Direction", "s",
                        p2s_direction_to_string(cf->key.direction), "Ssrc", "u", cf->key.ssrc,
                        "Class", "s", p2s_class_to_string(f->class), "Rule", "s",
                        p2s_rule_to_string(f->rule), "PayloadType", "y", f->payload_type, "Dscp",
                        "y", f->dscp, "BitrateBps", "t", cf->bitrate_bps);
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
        if (r >= 0 && flow_mos(f, &mos) >= 0)
                r = sd_bus_message_append(reply, "{sv}", "Mos", "d", mos);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const char *link_name(const Manager *m, unsigned ifindex)
{
        for (size_t i = 0; i < m->n_links; i++)
                if (m->links[i]->facts.ifindex == ifindex)
                        return m->links[i]->facts.name;
        return "";
}

static int append_call(sd_bus_message *reply, const Manager *m, const struct call *c)
{
        char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
        uint64_t now_ns = now_usec() * NSEC_PER_USEC;
        const struct call_flow *f = NULL;
        int r;

        format_address(c->key.local, local);
        format_address(c->key.remote, remote);
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(
                        reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Id", "u", c->id, "Link", "s",
                        link_name(m, c->link), "LocalAddress", "s", local, "LocalPort", "q",
                        ntohs(c->key.local_port), "RemoteAddress", "s", remote, "RemotePort", "q",
                        ntohs(c->key.remote_port), "DurationUsec", "t",
                        (now_ns - MIN(now_ns, c->begin_ns)) / NSEC_PER_USEC);
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

static int append_history(sd_bus_message *reply, const struct managed_link *l, uint64_t since)
{
        int r = 0;

        for (size_t i = sample_ring_since(l->history, since); i < sample_ring_n(l->history); i++) {
                struct sample s;

                sample_ring_get(l->history, i, &s);
                r = sd_bus_message_open_container(reply, 'r', "sttsua(tttttt)a(tttttt)");
                if (r >= 0)
                        r = monitor_append_sample(reply, l->facts.name, &s);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
                if (r < 0)
                        break;
        }
        return r;
}

int bus_method_get_history(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Manager *m = userdata;
        const char *link;
        uint64_t since;
        int r;

        r = sd_bus_message_read(msg, "st", &link, &since);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_return(msg, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sttsua(tttttt)a(tttttt))");
        for (size_t i = 0; i < m->n_links && r >= 0; i++)
                if (link[0] == '\0' || streq(link, m->links[i]->facts.name))
                        r = append_history(reply, m->links[i], since);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int bus_method_subscribe(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        uint64_t interval, granted;
        int r;

        r = sd_bus_message_read(msg, "t", &interval);
        if (r < 0)
                return r;
        r = monitor_subscribe(m->monitor, msg, interval, &granted);
        if (r == -EBUSY)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                         "%u clients are subscribed already", SUBSCRIBERS_MAX);
        if (r < 0)
                return r;
        return sd_bus_reply_method_return(msg, "t", granted);
}

int bus_method_unsubscribe(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;

        monitor_unsubscribe(m->monitor, sd_bus_message_get_sender(msg));
        return sd_bus_reply_method_return(msg, NULL);
}
