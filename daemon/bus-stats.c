/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GetStats and ResetStats: totals. */
#include "bus.h"

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
        return sd_bus_message_append(reply, "a{sv}", 8, "Direction", "s",
                                     p2s_direction_to_string((enum p2s_direction)direction),
                                     "Class", "s", p2s_class_to_string(class), "Packets", "t",
                                     t.packets, "Bytes", "t", t.bytes, "Marks", "t", t.marks,
                                     "Drops", "t", q.drops, "BacklogPackets", "t",
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
