// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules name the class, and the class names the queue. */
#include "harness.h"

#include <netinet/in.h>

static const uint8_t versions[] = {4, 6};

static void a_port_rule_holds_for_either_port_and_direction(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        h->ports[5004] = P2S_CLASS_VOICE;
        h->ports[5006] = P2S_CLASS_VIDEO;
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++) {
                        struct packet_spec s = {.version = versions[i], .sport = 5004, .dport = 9};

                        assert_int_equal(harness_queue(h, d, &s), P2S_QUEUE_VOICE);
                        s.sport = 9, s.dport = 5004;
                        assert_int_equal(harness_queue(h, d, &s), P2S_QUEUE_VOICE);
                        s.dport = 5006;
                        assert_int_equal(harness_queue(h, d, &s), P2S_QUEUE_VIDEO);
                        s.dport = 5005;
                        assert_int_equal(harness_queue(h, d, &s), P2S_QUEUE_GENERAL);
                }
}

static void the_stronger_port_wins(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .sport = 1, .dport = 65535};

        h->ports[1] = P2S_CLASS_VIDEO;
        h->ports[65535] = P2S_CLASS_VOICE;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VOICE);
        h->ports[65535] = P2S_CLASS_GENERAL;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VIDEO);
        h->ports[1] = P2S_CLASS_NONE;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
}

static void every_port_is_looked_up(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        for (unsigned port = 0; port < 65536; port += 257) {
                struct packet_spec s = {.version = 4, .sport = (uint16_t)port, .dport = 9};

                h->ports[port] = P2S_CLASS_VOICE;
                assert_int_equal(harness_queue(h, P2S_INCOMING, &s), P2S_QUEUE_VOICE);
                h->ports[port] = P2S_CLASS_NONE;
                assert_int_equal(harness_queue(h, P2S_INCOMING, &s), P2S_QUEUE_GENERAL);
        }
}

static void a_port_rule_is_not_for_tcp(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {
                .version = 4, .proto = IPPROTO_TCP, .sport = 5004, .tcp_flags = SYN};

        h->ports[5004] = P2S_CLASS_VOICE;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
}

static void dscp_names_a_class_where_it_is_trusted(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        h->settings->dscp_class[46] = P2S_CLASS_VOICE;
        h->settings->dscp_class[34] = P2S_CLASS_VIDEO;
        h->settings->dscp_trust[P2S_OUTGOING] = 1;
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                for (unsigned dscp = 0; dscp < 64; dscp++) {
                        struct packet_spec s = {.version = versions[i],
                                                .tos = (uint8_t)(dscp << 2 | 3)};
                        enum p2s_queue expected = dscp == 46   ? P2S_QUEUE_VOICE
                                                  : dscp == 34 ? P2S_QUEUE_VIDEO
                                                               : P2S_QUEUE_GENERAL;

                        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), expected);
                        assert_int_equal(harness_queue(h, P2S_INCOMING, &s), P2S_QUEUE_GENERAL);
                }
}

static void a_port_rule_is_stronger_than_dscp(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 6, .sport = 5004, .tos = 46 << 2};

        h->settings->dscp_class[46] = P2S_CLASS_VOICE;
        h->settings->dscp_trust[P2S_OUTGOING] = 1;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VOICE);
        h->ports[5004] = P2S_CLASS_GENERAL;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
        h->ports[5004] = P2S_CLASS_VIDEO;
        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VIDEO);
}

static void a_pure_ack_has_a_queue_of_its_own(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                for (unsigned flags = 0; flags < 256; flags++) {
                        struct packet_spec s = {.version = versions[i],
                                                .proto = IPPROTO_TCP,
                                                .tcp_flags = (uint8_t)flags};
                        bool pure = (flags & ~(unsigned)(ECE | CWR)) == ACK;

                        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s),
                                         pure ? P2S_QUEUE_ACK : P2S_QUEUE_GENERAL);
                        s.payload = "x", s.payload_size = 1;
                        assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
                }
}

/* An ACK of 40 bytes is shorter than the shortest frame. */
static void padding_of_a_short_frame_is_not_data(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .proto = IPPROTO_TCP, .tcp_flags = ACK};
        uint8_t data[PACKET_MAX] = {};
        struct p2s_totals t;
        struct outcome o;

        assert_int_equal(packet_build(&s, data), 54);
        harness_run(h, P2S_INCOMING, data, 60, &o);
        assert_int_equal(o.priority, harness_priority(P2S_INCOMING, P2S_QUEUE_ACK));
        t = harness_totals(h);
        assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_NONE].bytes, 40);
}

static void a_priority_of_0_leaves_the_packets_own(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .sport = 5004};
        uint8_t data[PACKET_MAX];
        struct outcome o;

        memset(h->settings->priority, 0, sizeof(h->settings->priority));
        h->ports[5004] = P2S_CLASS_VOICE;
        harness_run(h, P2S_OUTGOING, data, packet_build(&s, data), &o);
        assert_int_equal(o.priority, 0);
}

static void every_framing_is_seen_through(void **state)
{
        _cleanup_(harness_freep) struct harness *ethernet = harness_new(true, false);
        _cleanup_(harness_freep) struct harness *raw = harness_new(false, false);

        for (enum framing f = 0; f < _FRAME_MAX; f++)
                for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                        for (unsigned options = 0; options <= 40; options += 4) {
                                struct packet_spec s = {.framing = f,
                                                        .version = versions[i],
                                                        .sport = 5004,
                                                        .ip_options = (uint8_t)options,
                                                        .payload = "rtp?",
                                                        .payload_size = 4};
                                struct harness *h = f == FRAME_RAW_IP ? raw : ethernet;

                                h->ports[5004] = P2S_CLASS_VOICE;
                                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s),
                                                 P2S_QUEUE_VOICE);
                                s.proto = IPPROTO_TCP, s.tcp_flags = ACK, s.payload_size = 0;
                                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_ACK);
                        }
}

static void ipv6_extensions_are_seen_through(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        h->ports[5004] = P2S_CLASS_VOICE;
        for (unsigned extensions = 0; extensions < 32; extensions++) {
                struct packet_spec s = {
                        .version = 6, .sport = 5004, .extensions = (uint8_t)extensions};

                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VOICE);
        }
}

/* The first has the ports; the others are named by DSCP or not at all. */
static void a_later_fragment_has_no_ports(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        h->ports[5004] = P2S_CLASS_VOICE;
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++) {
                struct packet_spec s = {.version = versions[i],
                                        .sport = 5004,
                                        .extensions = EXT_FRAGMENT,
                                        .more_fragments = true,
                                        .tos = 46 << 2};

                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VOICE);
                s.fragment_offset = 1;
                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
                s.more_fragments = false;
                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_GENERAL);
                h->settings->dscp_class[46] = P2S_CLASS_VIDEO;
                h->settings->dscp_trust[P2S_OUTGOING] = 1;
                assert_int_equal(harness_queue(h, P2S_OUTGOING, &s), P2S_QUEUE_VIDEO);
                h->settings->dscp_trust[P2S_OUTGOING] = 0;
        }
}

static void totals_count_by_direction_and_class(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .sport = 5004, .payload = "1234", .payload_size = 4};
        struct p2s_totals t;

        h->ports[5004] = P2S_CLASS_VOICE;
        (void)harness_queue(h, P2S_OUTGOING, &s);
        (void)harness_queue(h, P2S_OUTGOING, &s);
        s.version = 6;
        (void)harness_queue(h, P2S_INCOMING, &s);
        s.sport = 1;
        (void)harness_queue(h, P2S_INCOMING, &s);
        t = harness_totals(h);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].packets, 2);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].bytes, 2 * 32);
        assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_VOICE].packets, 1);
        assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_VOICE].bytes, 52);
        assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_NONE].packets, 1);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_NONE].packets, 0);
}

static void a_super_packet_counts_its_segments(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        uint8_t payload[1000] = {};
        struct packet_spec s = {
                .version = 4, .sport = 5004, .payload = payload, .payload_size = sizeof(payload)};
        struct p2s_totals t;

        h->ports[5004] = P2S_CLASS_VIDEO;
        h->gso_size = 300;
        h->gso_segs = 4;
        (void)harness_queue(h, P2S_OUTGOING, &s);
        h->gso_segs = 0; /* as from a guest */
        (void)harness_queue(h, P2S_INCOMING, &s);
        t = harness_totals(h);
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++) {
                assert_int_equal(t.of[d][P2S_CLASS_VIDEO].packets, 4);
                assert_int_equal(t.of[d][P2S_CLASS_VIDEO].bytes, 1000 + 4 * 28);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_port_rule_holds_for_either_port_and_direction),
                cmocka_unit_test(the_stronger_port_wins),
                cmocka_unit_test(every_port_is_looked_up),
                cmocka_unit_test(a_port_rule_is_not_for_tcp),
                cmocka_unit_test(dscp_names_a_class_where_it_is_trusted),
                cmocka_unit_test(a_port_rule_is_stronger_than_dscp),
                cmocka_unit_test(a_pure_ack_has_a_queue_of_its_own),
                cmocka_unit_test(padding_of_a_short_frame_is_not_data),
                cmocka_unit_test(a_priority_of_0_leaves_the_packets_own),
                cmocka_unit_test(every_framing_is_seen_through),
                cmocka_unit_test(ipv6_extensions_are_seen_through),
                cmocka_unit_test(a_later_fragment_has_no_ports),
                cmocka_unit_test(totals_count_by_direction_and_class),
                cmocka_unit_test(a_super_packet_counts_its_segments),
        };

        harness_check();
        return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
