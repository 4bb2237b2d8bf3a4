// SPDX-License-Identifier: GPL-2.0-or-later
/* What is written to a packet: the DSCP, its checksum, and not one bit more. */
#include "harness.h"

static const uint8_t versions[] = {4, 6};

/* Runs it and compares with the same packet built with another tos. */
static void expect(struct harness *h, enum p2s_direction direction, struct packet_spec *s,
                   uint8_t tos)
{
        uint8_t before[PACKET_MAX], after[PACKET_MAX];
        size_t size = packet_build(s, before);
        struct outcome o;

        harness_run(h, direction, before, size, &o);
        s->tos = tos;
        assert_int_equal(packet_build(s, after), size);
        assert_int_equal(o.size, size);
        assert_memory_equal(o.data, after, size);
}

/* As after the death of p2sd, which had the last descriptor of the map. */
static void lose_markers(struct harness *h)
{
        for (uint32_t class = 0; class < _P2S_CLASS_MAX; class ++)
                (void)bpf_map_delete_elem(bpf_map__fd(h->skel->maps.markers), &class);
}

/* lost: the helper writes, or else the programs that write in place. */
static void every_dscp_and_ecn(bool lost)
{
        _cleanup_(harness_freep) struct harness *ethernet = harness_new(true, false);
        _cleanup_(harness_freep) struct harness *raw = harness_new(false, false);
        struct p2s_totals t;
        uint64_t marks = 0;

        if (lost) {
                lose_markers(ethernet);
                lose_markers(raw);
        }
        for (enum framing f = 0; f < _FRAME_MAX; f++) {
                struct harness *h = f == FRAME_RAW_IP ? raw : ethernet;

                h->ports[5004] = P2S_CLASS_VOICE;
                h->ports[5006] = P2S_CLASS_VIDEO;
                h->settings->dscp_write[P2S_CLASS_VOICE] = 46;
                h->settings->dscp_write[P2S_CLASS_VIDEO] = 34;
                for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                        for (unsigned tos = 0; tos < 256; tos++)
                                for (unsigned bare = 0; bare < 2; bare++) {
                                        struct packet_spec s = {.framing = f,
                                                                .version = versions[i],
                                                                .tos = (uint8_t)tos,
                                                                .sport = 5004,
                                                                .no_checksum = bare,
                                                                .payload = "voice",
                                                                .payload_size = 5};

                                        expect(h, P2S_OUTGOING, &s, (uint8_t)(46 << 2 | (tos & 3)));
                                        s.tos = (uint8_t)tos, s.sport = 5006, s.ip_options = 8;
                                        expect(h, P2S_OUTGOING, &s, (uint8_t)(34 << 2 | (tos & 3)));
                                        if (f != FRAME_RAW_IP)
                                                marks += tos >> 2 != 46;
                                }
        }
        t = harness_totals(ethernet);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].marks, marks);
}

static void every_dscp_and_ecn_becomes_the_one_of_its_class(void **state)
{
        every_dscp_and_ecn(false);
}

static void so_it_does_when_p2sd_is_gone(void **state)
{
        every_dscp_and_ecn(true);
}

/* Another program in its place leaves another mark: it is not the helper that wrote. */
static void the_mark_is_written_in_place(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        int video = bpf_program__fd(h->skel->progs.p2s_mark_video);
        uint32_t voice = P2S_CLASS_VOICE;

        h->ports[5004] = P2S_CLASS_VOICE;
        h->settings->dscp_write[P2S_CLASS_VOICE] = 46;
        h->settings->dscp_write[P2S_CLASS_VIDEO] = 34;
        assert_int_equal(
                bpf_map_update_elem(bpf_map__fd(h->skel->maps.markers), &voice, &video, BPF_ANY),
                0);
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++) {
                struct packet_spec s = {.version = versions[i], .sport = 5004};

                expect(h, P2S_OUTGOING, &s, 34 << 2);
        }
}

static void nothing_else_is_touched(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct p2s_totals t;

        h->ports[5004] = P2S_CLASS_VOICE;
        h->ports[7] = P2S_CLASS_GENERAL;
        memset(h->settings->dscp_write, 46, sizeof(h->settings->dscp_write));
        for (unsigned i = 0; i < ELEMENTSOF(versions); i++)
                for (unsigned tos = 0; tos < 256; tos++) {
                        struct packet_spec s = {.version = versions[i], .tos = (uint8_t)tos};

                        /* named by no rule, named general, and incoming */
                        expect(h, P2S_OUTGOING, &s, (uint8_t)tos);
                        s.sport = 7;
                        expect(h, P2S_OUTGOING, &s, (uint8_t)tos);
                        s.sport = 5004;
                        expect(h, P2S_INCOMING, &s, (uint8_t)tos);
                }
        h->settings->dscp_write[P2S_CLASS_VOICE] = 64;
        for (unsigned tos = 0; tos < 256; tos++) {
                struct packet_spec s = {.version = 4, .tos = (uint8_t)tos, .sport = 5004};

                expect(h, P2S_OUTGOING, &s, (uint8_t)tos);
        }
        t = harness_totals(h);
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned c = 0; c < _P2S_CLASS_MAX; c++)
                        assert_int_equal(t.of[d][c].marks, 0);
}

static void what_is_right_already_is_not_written(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .tos = 46 << 2 | 1, .sport = 5004};
        struct p2s_totals t;

        h->ports[5004] = P2S_CLASS_VOICE;
        h->settings->dscp_write[P2S_CLASS_VOICE] = 46;
        expect(h, P2S_OUTGOING, &s, 46 << 2 | 1);
        t = harness_totals(h);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].packets, 1);
        assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].marks, 0);
}

/* RFC 1624 section 3: an update may not make 0xffff out of 0 or the other way. */
static void a_checksum_at_either_end_stays_right(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);

        h->ports[5004] = P2S_CLASS_VOICE;
        for (unsigned dscp = 0; dscp < 64; dscp++) {
                h->settings->dscp_write[P2S_CLASS_VOICE] = (uint8_t)dscp;
                for (unsigned host = 0; host < 256; host++) {
                        struct packet_spec s = {
                                .version = 4, .sport = 5004, .source_host = (uint8_t)host};

                        expect(h, P2S_OUTGOING, &s, (uint8_t)(dscp << 2));
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_dscp_and_ecn_becomes_the_one_of_its_class),
                cmocka_unit_test(so_it_does_when_p2sd_is_gone),
                cmocka_unit_test(the_mark_is_written_in_place),
                cmocka_unit_test(nothing_else_is_touched),
                cmocka_unit_test(what_is_right_already_is_not_written),
                cmocka_unit_test(a_checksum_at_either_end_stays_right),
        };

        harness_check();
        return cmocka_run_group_tests_name("mark", tests, NULL, NULL);
}
