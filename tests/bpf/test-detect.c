// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls are found by what their packets look like, and only calls. */
#include "stream.h"

static enum p2s_rule rule_of(struct harness *h, const struct stream *s)
{
        struct p2s_flow f;

        return harness_flow(h, s->direction, s->rtp.ssrc, NULL, &f) ? f.rule : P2S_RULE_NONE;
}

static void the_third_packet_confirms(void **state)
{
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned version = 4; version <= 6; version += 2) {
                        _cleanup_(harness_freep) struct harness *h = harness_detecting();
                        struct stream s = stream_opus(77);
                        struct p2s_flow f;

                        s.packet.version = (uint8_t)version;
                        s.direction = d;
                        assert_int_equal(stream_run(h, &s, 100, P2S_QUEUE_VOICE), 3);
                        assert_true(harness_flow(h, d, 77, NULL, &f));
                        assert_int_equal(f.rule, P2S_RULE_RTP);
                        assert_int_equal(f.class, P2S_CLASS_VOICE);
                        /* measured from the first on, nevertheless */
                        assert_int_equal(f.packets, 100);
                        assert_int_equal(f.received, 100);
                        assert_int_equal(f.max_ext_seq - f.base_ext_seq, 99);
                }
}

static void the_second_is_enough_after_stun(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        assert_int_equal(stream_stun(h, &s), P2S_QUEUE_GENERAL);
        assert_int_equal(stream_run(h, &s, 10, P2S_QUEUE_VOICE), 2);
        assert_int_equal(rule_of(h, &s), P2S_RULE_STUN_RTP);
}

/* The far port says nothing, and the rule stays that of detection alone. */
static void the_second_is_enough_on_a_port_of_a_calling_program(void **state)
{
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++) {
                _cleanup_(harness_freep) struct harness *h = harness_detecting();
                struct stream s = stream_opus(77), far = stream_opus(78);

                h->ports[d == P2S_OUTGOING ? 40000 : 50000] = P2S_PORT_MEDIA;
                s.direction = d;
                far.direction = !d;
                assert_int_equal(stream_run(h, &s, 10, P2S_QUEUE_VOICE), 2);
                assert_int_equal(rule_of(h, &s), P2S_RULE_RTP);
                assert_int_equal(stream_run(h, &far, 10, P2S_QUEUE_VOICE), 3);
                h->ports[40000] = h->ports[50000] = P2S_PORT_MEDIA | P2S_CLASS_GENERAL;
                assert_int_equal(stream_run(h, &s, 10, P2S_QUEUE_VOICE), 0);
        }
}

/* What is RTP by chance soon costs little, and a call after it is late by a packet. */
static void a_call_after_noise_is_found(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream noise = stream_opus(1), s = stream_opus(77);

        for (unsigned i = 0; i < 1000; i++) {
                noise.rtp.ssrc = i * 2654435761u;
                assert_int_equal(stream_next(h, &noise), P2S_QUEUE_GENERAL);
        }
        assert_int_equal(harness_flow_count(h), 0);
        assert_int_equal(stream_run(h, &s, 10, P2S_QUEUE_VOICE), 4);
}

static void nothing_is_looked_for_unless_asked(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, true);
        struct stream s = stream_opus(77);

        assert_int_equal(stream_run(h, &s, 100, P2S_QUEUE_VOICE), 0);
        assert_int_equal(harness_flow_count(h), 0);
}

static void a_general_port_is_not_looked_at(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        h->ports[40000] = P2S_CLASS_GENERAL;
        assert_int_equal(stream_run(h, &s, 100, P2S_QUEUE_VOICE), 0);
        assert_int_equal(harness_flow_count(h), 0);
}

static void rtp_in_turn_channel_data_is_found(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        s.channel = true;
        assert_int_equal(stream_run(h, &s, 100, P2S_QUEUE_VOICE), 3);
}

/* More streams than one of a bundle, before any has a second packet. */
static void all_streams_of_a_bundle_are_found(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream streams[8];

        for (unsigned i = 0; i < ELEMENTSOF(streams); i++)
                streams[i] = stream_opus(100 + i);
        for (unsigned round = 1; round <= 3; round++)
                for (unsigned i = 0; i < ELEMENTSOF(streams); i++)
                        assert_int_equal(stream_next(h, &streams[i]),
                                         round == 3 ? P2S_QUEUE_VOICE : P2S_QUEUE_GENERAL);
}

static void what_goes_with_a_call_rides_with_its_voice(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        static const uint8_t rtcp[28] = {0x80, 200}, dtls[40] = {22, 254, 253};
        struct stream s = stream_opus(77);

        assert_int_equal(stream_other(h, &s, rtcp, sizeof(rtcp)), P2S_QUEUE_GENERAL);
        assert_int_equal(stream_other(h, &s, dtls, sizeof(dtls)), P2S_QUEUE_GENERAL);
        (void)stream_run(h, &s, 200, P2S_QUEUE_VOICE);
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++) {
                struct stream other = s;

                other.direction = d;
                if (d == P2S_INCOMING) { /* the same 5-tuple, seen from the other side */
                        other.packet.sport = s.packet.dport;
                        other.packet.dport = s.packet.sport;
                        other.packet.source_host = s.packet.dest_host;
                        other.packet.dest_host = s.packet.source_host;
                }
                assert_int_equal(stream_other(h, &other, rtcp, sizeof(rtcp)), P2S_QUEUE_VOICE);
                assert_int_equal(stream_other(h, &other, dtls, sizeof(dtls)), P2S_QUEUE_VOICE);
                assert_int_equal(stream_stun(h, &other), P2S_QUEUE_VOICE);
        }
        h->clock_ns += 11 * NSEC_PER_SEC; /* the call is over */
        assert_int_equal(stream_other(h, &s, rtcp, sizeof(rtcp)), P2S_QUEUE_GENERAL);
}

static void a_flow_that_no_longer_behaves_is_demoted(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        (void)stream_run(h, &s, 100, P2S_QUEUE_VOICE);
        srandom(1);
        for (unsigned i = 0; i < 150; i++) {
                s.rtp.sequence = (uint16_t)random();
                s.rtp.payload_type = (uint8_t)(96 + random() % 32);
                (void)stream_next(h, &s);
        }
        assert_int_equal(stream_next(h, &s), P2S_QUEUE_GENERAL);
        /* and is not confirmed again by three packets */
        s.rtp.payload_type = 111;
        assert_int_equal(stream_run(h, &s, 50, P2S_QUEUE_VOICE), 0);
        assert_true(stream_run(h, &s, 300, P2S_QUEUE_VOICE) > 0);
}

static void a_rate_beyond_a_calls_is_demoted(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_vp8(77);

        s.gap_ns = MSEC / 10; /* 90 Mbit/s */
        s.ticks = 9;
        (void)stream_run(h, &s, 12000, P2S_QUEUE_VIDEO);
        assert_int_equal(stream_next(h, &s), P2S_QUEUE_GENERAL);
}

/* Bytes 0 to 11 of what is not RTP, though some of it looks like it. */
static void impostors_are_general(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);
        uint8_t payload[200];

        for (unsigned kind = 0; kind < 10; kind++) {
                srandom(kind);
                s.packet.sport = (uint16_t)(41000 + kind);
                for (unsigned i = 0; i < 2000; i++) {
                        for (size_t at = 0; at < sizeof(payload); at++)
                                payload[at] = (uint8_t)random();
                        switch (kind) {
                        case 0: /* random bytes */
                                break;
                        case 1: /* QUIC, short header */
                                payload[0] = (uint8_t)(0x40 | (payload[0] & 0x3f));
                                break;
                        case 2: /* QUIC, long header */
                                memcpy(payload, "\xc3\0\0\0\1\x8", 6);
                                break;
                        case 3: /* WireGuard, transport data with its counter */
                                memcpy(payload, "\4\0\0\0\1\2\3\4", 8);
                                payload[8] = (uint8_t)i;
                                payload[9] = (uint8_t)(i >> 8);
                                break;
                        case 4: /* uTP (BEP 29): type 0, version 1 */
                                memcpy(payload, "\1\0\x12\x34", 4);
                                break;
                        case 5: /* DNS response */
                                memcpy(payload + 2, "\x81\x80\0\1\0\1", 6);
                                break;
                        case 6: /* VXLAN */
                                memcpy(payload, "\x8\0\0\0\0\0\x2a\0", 8);
                                break;
                        case 7: /* a game: version 2 by chance, a counter, zeros, an id */
                                memcpy(payload, "\x80\x21\0\0\0\0\0\0\1\2\3\4", 12);
                                payload[3] = (uint8_t)i;
                                payload[2] = (uint8_t)(i >> 8);
                                break;
                        case 8: /* the form of RTP, each packet another SSRC */
                                payload[0] = 0x80;
                                payload[1] = 111;
                                break;
                        default: /* one SSRC, random number and time */
                                memcpy(payload, "\x80\x6f", 2);
                                memcpy(payload + 8, "\1\2\3\4", 4);
                                break;
                        }
                        assert_int_equal(stream_other(h, &s, payload, sizeof(payload)),
                                         P2S_QUEUE_GENERAL);
                        h->clock_ns += MSEC;
                }
        }
}

static void a_flood_cannot_push_other_calls_out(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream call = stream_opus(1), flood = stream_opus(0);
        size_t n;

        (void)stream_run(h, &call, 10, P2S_QUEUE_VOICE);
        flood.packet.dest_host = 66;
        flood.gap_ns = 1000;
        for (uint32_t i = 0; i < 100000; i++) {
                flood.rtp.ssrc = 0x10000 + i / 4;
                flood.packet.sport = (uint16_t)(1024 + i / 4);
                (void)stream_next(h, &flood);
        }
        n = harness_flow_count(h);
        assert_true(n <= 600); /* what one host may have at once */
        assert_int_equal(stream_next(h, &call), P2S_QUEUE_VOICE);
}

static void dscp_names_what_detection_has_not_yet(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        h->settings->dscp_trust[P2S_OUTGOING] = 1;
        h->settings->dscp_class[46] = P2S_CLASS_VIDEO;
        s.packet.tos = 46 << 2;
        assert_int_equal(stream_next(h, &s), P2S_QUEUE_VIDEO);
        assert_int_equal(rule_of(h, &s), P2S_RULE_DSCP);
        assert_int_equal(stream_run(h, &s, 5, P2S_QUEUE_VOICE), 2);
        assert_int_equal(rule_of(h, &s), P2S_RULE_RTP);
}

static int count_event(void *ctx, void *data, size_t size)
{
        assert_int_equal(size, sizeof(struct p2s_event));
        ++*(unsigned *)ctx;
        return 0;
}

/* Who asked to be told of a call is told once, by the packet that makes it one, and
 * again by the next packet where it was asked again. */
static void a_call_is_announced_once(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77), alien = stream_opus(78), ruled = stream_opus(79);
        struct ring_buffer *ring;
        unsigned events = 0;

        ring = ring_buffer__new(bpf_map__fd(h->skel->maps.events), count_event, &events, NULL);
        assert_non_null(ring);
        h->settings->announce = 1;
        (void)stream_next(h, &alien);
        (void)stream_next(h, &s);
        (void)stream_next(h, &s);
        assert_int_equal(ring_buffer__consume(ring), 0);
        assert_int_equal(h->settings->announce, 1);
        (void)stream_next(h, &s);
        (void)ring_buffer__consume(ring);
        assert_int_equal(events, 1);
        assert_int_equal(h->settings->announce, 0);
        (void)stream_run(h, &s, 50, P2S_QUEUE_VOICE);
        (void)ring_buffer__consume(ring);
        assert_int_equal(events, 1);

        h->settings->announce = 1;
        (void)stream_next(h, &s);
        (void)ring_buffer__consume(ring);
        assert_int_equal(events, 2);

        /* what the user's ports name, RTP or not; but no mark alone */
        h->settings->announce = 1;
        h->settings->dscp_trust[P2S_OUTGOING] = 1;
        h->settings->dscp_class[46] = P2S_CLASS_VOICE;
        ruled.packet.tos = 46 << 2;
        (void)stream_stun(h, &ruled);
        (void)ring_buffer__consume(ring);
        assert_int_equal(events, 2);
        h->ports[40000] = P2S_CLASS_VOICE;
        (void)stream_stun(h, &ruled);
        (void)ring_buffer__consume(ring);
        assert_int_equal(events, 3);
        ring_buffer__free(ring);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_third_packet_confirms),
                cmocka_unit_test(the_second_is_enough_after_stun),
                cmocka_unit_test(the_second_is_enough_on_a_port_of_a_calling_program),
                cmocka_unit_test(a_call_after_noise_is_found),
                cmocka_unit_test(nothing_is_looked_for_unless_asked),
                cmocka_unit_test(a_general_port_is_not_looked_at),
                cmocka_unit_test(rtp_in_turn_channel_data_is_found),
                cmocka_unit_test(all_streams_of_a_bundle_are_found),
                cmocka_unit_test(what_goes_with_a_call_rides_with_its_voice),
                cmocka_unit_test(a_flow_that_no_longer_behaves_is_demoted),
                cmocka_unit_test(a_rate_beyond_a_calls_is_demoted),
                cmocka_unit_test(impostors_are_general),
                cmocka_unit_test(a_flood_cannot_push_other_calls_out),
                cmocka_unit_test(dscp_names_what_detection_has_not_yet),
                cmocka_unit_test(a_call_is_announced_once),
        };

        harness_check();
        return cmocka_run_group_tests_name("detect", tests, NULL, NULL);
}
