// SPDX-License-Identifier: GPL-2.0-or-later
/* What p2s_xdp writes, and that p2s_ingress, behind it, counts and measures as without it. */
#include "stream.h"

#define SSRC 77

static const uint8_t versions[] = {4, 6};

static void mark_as_p2sd_does(struct harness *h)
{
        memset(h->settings->dscp_write, 64, sizeof(h->settings->dscp_write));
        h->settings->dscp_write[P2S_CLASS_VOICE] = 46;
        h->settings->dscp_write[P2S_CLASS_VIDEO] = 34;
        h->settings->detect = 1;
}

/* Runs it and compares with the same packet built with another tos. */
static void expect(struct harness *h, struct packet_spec *s, uint8_t tos)
{
        uint8_t before[PACKET_MAX], after[PACKET_MAX];
        size_t size = packet_build(s, before);
        struct outcome o;

        harness_arrive(h, before, size, &o);
        s->tos = tos;
        assert_int_equal(packet_build(s, after), size);
        assert_int_equal(o.size, size);
        assert_memory_equal(o.data, after, size);
}

static void every_dscp_and_ecn_becomes_the_one_of_its_class(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct p2s_totals t;
        uint64_t marks = 0;

        mark_as_p2sd_does(h);
        h->ports[5004] = P2S_CLASS_VOICE;
        h->ports[5006] = P2S_CLASS_VIDEO;
        for (enum framing f = 0; f < FRAME_RAW_IP; f++)
                for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                        for (unsigned tos = 0; tos < 256; tos++) {
                                struct packet_spec s = {.framing = f,
                                                        .version = versions[i],
                                                        .tos = (uint8_t)tos,
                                                        .dport = 5004,
                                                        .no_checksum = tos & 1,
                                                        .payload = "voice",
                                                        .payload_size = 5};

                                expect(h, &s, (uint8_t)(46 << 2 | (tos & 3)));
                                s.tos = (uint8_t)tos, s.dport = 5006;
                                s.ip_options = 8, s.extensions = EXT_HOP | EXT_DEST;
                                expect(h, &s, (uint8_t)(34 << 2 | (tos & 3)));
                                marks += tos >> 2 != 46;
                        }
        t = harness_totals(h);
        assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_VOICE].marks, marks);
        /* it is p2s_ingress that counts */
        for (unsigned c = 0; c < _P2S_CLASS_MAX; c++)
                assert_int_equal(t.of[P2S_INCOMING][c].packets, 0);
        assert_int_equal(harness_flow_count(h), 0);
}

static void nothing_else_is_touched(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        uint8_t rtp[32] = {};

        mark_as_p2sd_does(h);
        packet_rtp(&(struct rtp_spec){.payload_type = 111, .ssrc = SSRC}, rtp);
        h->ports[5004] = P2S_CLASS_VOICE;
        h->ports[7] = P2S_CLASS_GENERAL;
        memset(h->settings->dscp_trust, 1, sizeof(h->settings->dscp_trust));
        memset(h->settings->dscp_class, P2S_CLASS_VIDEO, sizeof(h->settings->dscp_class));
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                for (unsigned tos = 0; tos < 256; tos++) {
                        const struct packet_spec others[] = {
                                {.dport = 9}, /* but for a DSCP that is trusted, of no class */
                                {.dport = 9, .payload = rtp, .payload_size = sizeof(rtp)},
                                {.dport = 7, .payload = rtp, .payload_size = sizeof(rtp)},
                                {.dport = 5004, .proto = 6 /* TCP */, .tcp_flags = ACK},
                                {.dport = 5004, .fragment_offset = 100, .extensions = EXT_FRAGMENT},
                        };

                        for (unsigned k = 0; k < ELEMENTSOF(others); k++) {
                                struct packet_spec s = others[k];

                                s.version = versions[i];
                                s.tos = (uint8_t)tos;
                                expect(h, &s, (uint8_t)tos);
                        }
                }
        h->settings->dscp_write[P2S_CLASS_VOICE] = 64; /* as in the mode "monitor" */
        for (unsigned tos = 0; tos < 256; tos++)
                expect(h, &(struct packet_spec){.version = 4, .tos = (uint8_t)tos, .dport = 5004},
                       (uint8_t)tos);
        assert_int_equal(harness_flow_count(h), 0);
}

/* One packet through both hooks in their order; returns the DSCP that it then has. */
static uint8_t pass(struct harness *h, const struct packet_spec *s, bool xdp)
{
        uint8_t data[PACKET_MAX];
        size_t size = packet_build(s, data);
        struct outcome o, arrived;

        memcpy(arrived.data, data, size);
        if (xdp)
                harness_arrive(h, data, size, &arrived);
        harness_run(h, P2S_INCOMING, arrived.data, size, &o);
        assert_memory_equal(o.data, arrived.data, size);
        if (s->version == 4)
                return o.data[15] >> 2;
        return (uint8_t)((o.data[14] & 0xf) << 2 | o.data[15] >> 6);
}

/* n packets of a call; returns which was the first to be marked, 0 = none. */
static unsigned call(struct harness *h, uint8_t version, uint8_t dscp, unsigned n, bool xdp)
{
        unsigned first = 0;

        for (unsigned i = 1; i <= n; i++) {
                uint8_t payload[92] = {};
                struct packet_spec s = {.version = version,
                                        .tos = (uint8_t)(dscp << 2),
                                        .sport = 40000,
                                        .dport = 50000,
                                        .source_host = 9,
                                        .payload = payload,
                                        .payload_size = sizeof(payload)};
                uint8_t now;

                packet_rtp(&(struct rtp_spec){.payload_type = 111,
                                              .sequence = (uint16_t)i,
                                              .timestamp = i * 960,
                                              .ssrc = SSRC},
                           payload);
                now = pass(h, &s, xdp);
                if (now != dscp && !first)
                        first = i;
                assert_int_equal(now, first ? 46 : dscp);
        }
        return first;
}

/* The third packet confirms the call, in p2s_ingress: it goes on as it came. */
static void a_call_is_marked_once_it_is_confirmed(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        static const uint8_t dtls[20] = {22, 254, 253};
        const unsigned n = 20;
        struct p2s_totals t = {};

        mark_as_p2sd_does(h);
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++) {
                struct packet_spec along = {.version = versions[i],
                                            .tos = 8 << 2,
                                            .sport = 40000,
                                            .dport = 50000,
                                            .source_host = 9,
                                            .payload = dtls,
                                            .payload_size = sizeof(dtls)};
                const struct p2s_totals before = t;

                harness_forget(h);
                assert_int_equal(pass(h, &along, true), 8);
                assert_int_equal(call(h, versions[i], 10, n, true), 4);
                assert_int_equal(pass(h, &along, true), 46);
                t = harness_totals(h);
                assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_VOICE].marks -
                                         before.of[P2S_INCOMING][P2S_CLASS_VOICE].marks,
                                 n - 3 + 1);
                /* the third is voice's already */
                assert_int_equal(t.of[P2S_INCOMING][P2S_CLASS_VOICE].packets -
                                         before.of[P2S_INCOMING][P2S_CLASS_VOICE].packets,
                                 n - 2 + 1);
        }
}

static void a_call_is_measured_as_without_it(void **state)
{
        static const uint8_t dscps[] = {0, 10, 46};
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        mark_as_p2sd_does(h);
        for (unsigned by_port = 0; by_port < 2; by_port++)
                for (unsigned i = 0; i < ELEMENTSOF(dscps); i++)
                        for (unsigned xdp = 0; xdp < 2; xdp++) {
                                struct p2s_flow f;

                                h->ports[50000] = by_port ? P2S_CLASS_VOICE : P2S_CLASS_NONE;
                                harness_forget(h);
                                (void)call(h, 4, dscps[i], 20, xdp);
                                assert_int_equal(harness_flow_count(h), 1);
                                assert_true(harness_flow(h, P2S_INCOMING, SSRC, NULL, &f));
                                assert_int_equal(f.packets, 20);
                                assert_int_equal(f.bytes, 20 * (20 + 8 + 92));
                                assert_int_equal(f.received, 20);
                                assert_int_equal(f.duplicates, 0);
                                /* as it came, though nobody sees it so any more */
                                assert_int_equal(f.dscp, dscps[i]);
                                assert_int_equal(f.class, P2S_CLASS_VOICE);
                                assert_int_equal(f.rule, by_port ? P2S_RULE_PORT : P2S_RULE_RTP);
                        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_dscp_and_ecn_becomes_the_one_of_its_class),
                cmocka_unit_test(nothing_else_is_touched),
                cmocka_unit_test(a_call_is_marked_once_it_is_confirmed),
                cmocka_unit_test(a_call_is_measured_as_without_it),
        };

        harness_check();
        return cmocka_run_group_tests_name("xdp", tests, NULL, NULL);
}
