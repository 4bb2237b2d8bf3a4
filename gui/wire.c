/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <math.h>
#include <string.h>

#include "call.h"
#include "link.h"
#include "network.h"

static void read_figures(GVariant *rows, P2sFigures *figures)
{
        gsize n = g_variant_n_children(rows);

        for (gsize i = 0; i < MIN(n, P2S_N_CLASSES); i++) {
                P2sFigures *f = &figures[i];

                g_variant_get_child(rows, i, "(tttttt)", &f->bitrate_bps, &f->packets, &f->drops,
                                    &f->lost, &f->jitter_usec, &f->backlog_bytes);
        }
}

/* What read makes of each row; NULL: no rows. */
static GPtrArray *read_rows(GVariant *rows, gpointer (*read)(GVariant *row))
{
        g_autoptr(GPtrArray) array = g_ptr_array_new_with_free_func(g_object_unref);

        for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
                g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

                g_ptr_array_add(array, read(row));
        }
        return g_steal_pointer(&array);
}

P2sSample *p2s_wire_sample(GVariant *row)
{
        g_autoptr(GVariant) outgoing = NULL, incoming = NULL;
        guint64 time_usec, interval_usec;
        const char *link, *mode;
        P2sSample *sample;
        guint calls;

        g_variant_get(row, "(&stt&su@a(tttttt)@a(tttttt))", &link, &time_usec, &interval_usec,
                      &mode, &calls, &outgoing, &incoming);
        sample = p2s_sample_new(link, time_usec, interval_usec, mode, calls);
        read_figures(outgoing, sample->figures[P2S_OUTGOING]);
        read_figures(incoming, sample->figures[P2S_INCOMING]);
        return sample;
}

static gpointer read_sample(GVariant *row)
{
        return p2s_wire_sample(row);
}

GPtrArray *p2s_wire_history(GVariant *reply)
{
        g_autoptr(GVariant) rows = g_variant_get_child_value(reply, 0);

        return read_rows(rows, read_sample);
}

static P2sClass class_from_word(const char *word)
{
        return g_str_equal(word, "voice")   ? P2S_VOICE
               : g_str_equal(word, "video") ? P2S_VIDEO
                                            : P2S_GENERAL;
}

/* A call is as good as the worse of its voice flows. */
static void judge_call(P2sCall *call, const P2sFlow *flow)
{
        if (flow->class != P2S_VOICE)
                return;
        if (flow->codec && !call->codec)
                call->codec = g_strdup(flow->codec);
        call->jitter_ms = fmax(call->jitter_ms, (double)flow->jitter_usec / 1000);
        call->loss = fmax(call->loss, flow->loss);
        if (flow->mos > 0)
                call->mos = call->mos > 0 ? MIN(call->mos, flow->mos) : flow->mos;
}

static void read_flow(P2sCall *call, GVariant *dict)
{
        P2sFlow *flow = p2s_call_add_flow(call);
        const char *class = "", *direction = "";
        guint64 expected = 0;
        gint64 lost = 0;

        g_variant_lookup(dict, "Direction", "&s", &direction);
        g_variant_lookup(dict, "Class", "&s", &class);
        flow->direction = g_str_equal(direction, "incoming") ? P2S_INCOMING : P2S_OUTGOING;
        flow->class = class_from_word(class);
        flow->loss = NAN;
        g_variant_lookup(dict, "Rule", "s", &flow->rule);
        g_variant_lookup(dict, "Codec", "s", &flow->codec);
        g_variant_lookup(dict, "Ssrc", "u", &flow->ssrc);
        g_variant_lookup(dict, "JitterUsec", "t", &flow->jitter_usec);
        g_variant_lookup(dict, "BitrateBps", "t", &flow->bitrate_bps);
        g_variant_lookup(dict, "Mos", "d", &flow->mos);
        if (g_variant_lookup(dict, "Expected", "t", &expected) &&
            g_variant_lookup(dict, "Lost", "x", &lost) && expected > 0)
                flow->loss = (double)MAX(lost, 0) / (double)expected;
        judge_call(call, flow);
}

static gpointer read_call(GVariant *dict)
{
        g_autoptr(GVariant) flows = NULL;
        const char *address = "";
        P2sCall *call;
        guint16 port = 0;
        guint id = 0;

        g_variant_lookup(dict, "Id", "u", &id);
        call = p2s_call_new(id);
        g_variant_lookup(dict, "Link", "s", &call->link);
        g_variant_lookup(dict, "Process", "s", &call->process);
        g_variant_lookup(dict, "DurationUsec", "t", &call->duration_usec);
        g_variant_lookup(dict, "RemoteAddress", "&s", &address);
        g_variant_lookup(dict, "RemotePort", "q", &port);
        /* RFC 5952 section 6: an IPv6 address stands in brackets before a port. */
        call->peer = g_strdup_printf(strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);

        flows = g_variant_lookup_value(dict, "Flows", G_VARIANT_TYPE("aa{sv}"));
        for (gsize i = 0; flows && i < g_variant_n_children(flows); i++) {
                g_autoptr(GVariant) flow = g_variant_get_child_value(flows, i);

                read_flow(call, flow);
        }
        return call;
}

GPtrArray *p2s_wire_calls(GVariant *reply)
{
        g_autoptr(GVariant) rows = g_variant_get_child_value(reply, 0);

        return read_rows(rows, read_call);
}

/* What SetLink has to be told so that it stays as it is. */
static GVariant *read_options(GVariant *dict)
{
        static const struct {
                const char *key, *option, *type;
        } options[] = {
                {"TrustIncomingDscp", "trust-incoming-dscp", "b"},
                {"When", "when", "s"},
                {"LinkLayer", "linklayer", "s"},
                {"Overhead", "overhead", "i"},
                {"Force", "force", "b"},
                {"UseXdp", "xdp", "s"},
        };
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
        for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
                g_autoptr(GVariant) value = g_variant_lookup_value(dict, options[i].key,
                                                                   G_VARIANT_TYPE(options[i].type));

                if (value)
                        g_variant_builder_add(&builder, "{sv}", options[i].option, value);
        }
        return g_variant_ref_sink(g_variant_builder_end(&builder));
}

static gpointer read_link(GVariant *dict)
{
        P2sLink *link = p2s_link_new();

        g_variant_lookup(dict, "Name", "s", &link->name);
        g_variant_lookup(dict, "Interface", "s", &link->interface);
        g_variant_lookup(dict, "State", "s", &link->state);
        g_variant_lookup(dict, "Reason", "s", &link->reason);
        g_variant_lookup(dict, "Displaced", "s", &link->displaced);
        g_variant_lookup(dict, "Degraded", "^as", &link->degraded);
        g_variant_lookup(dict, "Outgoing", "s", &link->outgoing);
        g_variant_lookup(dict, "Incoming", "s", &link->incoming);
        g_variant_lookup(dict, "Qdisc", "s", &link->qdisc);
        g_variant_lookup(dict, "Aqm", "s", &link->aqm);
        g_variant_lookup(dict, "UplinkBps", "t", &link->uplink_bps);
        g_variant_lookup(dict, "DownlinkBps", "t", &link->downlink_bps);
        link->options = read_options(dict);
        return link;
}

GPtrArray *p2s_wire_links(GVariant *links)
{
        return read_rows(links, read_link);
}

static gpointer read_network(GVariant *dict)
{
        P2sNetwork *network = p2s_network_new();

        g_variant_lookup(dict, "Interface", "s", &network->interface);
        g_variant_lookup(dict, "Network", "s", &network->id);
        g_variant_lookup(dict, "NetworkName", "s", &network->name);
        g_variant_lookup(dict, "UplinkBps", "t", &network->uplink_bps);
        g_variant_lookup(dict, "DownlinkBps", "t", &network->downlink_bps);
        return network;
}

GPtrArray *p2s_wire_networks(GVariant *networks)
{
        return read_rows(networks, read_network);
}
