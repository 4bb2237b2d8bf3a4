// SPDX-License-Identifier: GPL-2.0-or-later
/* The facts of a flow are those of RFC 3550, packet by packet. */
#include "stream.h"

static struct harness *ruled(void)
{
        struct harness *h = harness_new(true, true);

        h->ports[40000] = P2S_CLASS_VOICE;
        return h;
}

static struct p2s_flow flow_of(struct harness *h, const struct stream *s)
{
        struct p2s_flow f;

        assert_true(harness_flow(h, s->direction, s->rtp.ssrc, NULL, &f));
        return f;
}

static void a_key_is_local_and_remote(void **state)
{
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned version = 4; version <= 6; version += 2) {
                        _cleanup_(harness_freep) struct harness *h = ruled();
                        struct stream s = stream_opus(0xdeadbeef);
                        uint8_t source[16] = {0x20, 0x01, 0x0d, 0xb8}, dest[16];
                        struct p2s_flow_key key;
                        struct p2s_flow f;

                        s.direction = d;
                        s.packet.version = (uint8_t)version;
                        s.packet.source_host = 1;
                        if (version == 4)
                                memcpy(source, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2", 15);
                        memcpy(dest, source, 16);
                        source[15] = 1;
                        dest[15] = 9;
                        (void)stream_next(h, &s);
                        assert_true(harness_flow(h, d, 0xdeadbeef, &key, &f));
                        assert_memory_equal(d ? key.remote : key.local, source, 16);
                        assert_memory_equal(d ? key.local : key.remote, dest, 16);
                        assert_int_equal(be16toh(key.local_port), d ? 50000 : 40000);
                        assert_int_equal(be16toh(key.remote_port), d ? 40000 : 50000);
                }
}

/* Two CPUs at once: the later packet may be measured first. */
static void a_time_that_goes_back_is_none_between(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7);
        struct p2s_flow f;

        s.rtp.payload_type = 0; /* 8 kHz */
        s.ticks = 160;
        (void)stream_run(h, &s, 50, P2S_QUEUE_VOICE);
        h->clock_ns -= 20 * MSEC + 1000;
        (void)stream_run(h, &s, 50, P2S_QUEUE_VOICE);
        f = flow_of(h, &s);
        assert_true(f.jitter_max_ns < 10 * MSEC);
        assert_true(f.gap_max_ns <= 20 * MSEC);
        assert_int_equal(f.packets, 100);
}

static void numbers_wrap_and_gaps_count(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7); /* begins at 65500 */
        struct p2s_flow f;

        (void)stream_run(h, &s, 100, P2S_QUEUE_VOICE);
        s.rtp.sequence = (uint16_t)(s.rtp.sequence + 5); /* five lost */
        (void)stream_run(h, &s, 100, P2S_QUEUE_VOICE);
        f = flow_of(h, &s);
        assert_int_equal(f.received, 200);
        assert_int_equal(f.max_ext_seq - f.base_ext_seq + 1, 205);
        assert_int_equal(f.reordered, 0);
        assert_int_equal(f.duplicates, 0);
        assert_int_equal(f.bytes, 200 * (20 + 8 + 12 + 80));
}

static void late_and_double_packets_are_told_apart(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7);
        struct p2s_flow f;

        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        s.rtp.sequence = (uint16_t)(s.rtp.sequence - 1);
        (void)stream_send(h, &s); /* the last one again */
        s.rtp.sequence = (uint16_t)(s.rtp.sequence - 3);
        (void)stream_send(h, &s); /* an older one */
        f = flow_of(h, &s);
        assert_int_equal(f.duplicates, 1);
        assert_int_equal(f.reordered, 1);
        assert_int_equal(f.max_ext_seq - f.base_ext_seq + 1, 10);
}

/* RFC 3550 A.1: two in a row elsewhere are a new beginning, one is a stray. */
static void a_restart_keeps_what_was_lost(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7);
        struct p2s_flow f;

        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        s.rtp.sequence = (uint16_t)(s.rtp.sequence + 1);
        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        s.rtp.sequence = 30000;
        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        f = flow_of(h, &s);
        assert_int_equal(f.received, 30);
        assert_int_equal(f.max_ext_seq - f.base_ext_seq + 1, 31);
        assert_int_equal(f.max_ext_seq & 0xffff, 30009);
}

/* A.8 in floating point beside the one in the kernel. */
static void jitter_is_that_of_the_rfc(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7);
        double j = 0, sum = 0, max = 0, transit, before = 0;
        uint64_t start = h->clock_ns;
        struct p2s_flow f;

        srandom(2);
        s.rtp.payload_type = 0;
        s.ticks = 160;
        for (unsigned i = 0; i < 1000; i++) {
                uint64_t late = (uint64_t)random() % (10 * MSEC);

                h->clock_ns = start + i * 20 * MSEC + late;
                (void)stream_send(h, &s);
                s.rtp.sequence++, s.rtp.timestamp += 160;
                transit = (double)late;
                if (i) {
                        j += ((transit > before ? transit - before : before - transit) - j) / 16;
                        sum += j;
                        max = j > max ? j : max;
                }
                before = transit;
        }
        f = flow_of(h, &s);
        assert_int_equal(f.jitter_packets, 999);
        assert_true((double)f.jitter_ns16 / 16 - j < 100 && j - (double)f.jitter_ns16 / 16 < 100);
        assert_true((double)f.jitter_max_ns - max < 100 && max - (double)f.jitter_max_ns < 100);
        assert_true((double)f.jitter_sum_ns - sum < 1e5 && sum - (double)f.jitter_sum_ns < 1e5);
        assert_true(f.gap_max_ns > 20 * MSEC && f.gap_max_ns < 30 * MSEC);
}

/* Five of 300 bytes, the last one of 100, in TURN channel data (RFC 8656 section 12.4) or not. */
static void super_packet(struct harness *h, bool channel, enum p2s_queue first)
{
        struct stream s = stream_opus(7);
        uint8_t payload[5 * 300] = {};
        struct p2s_flow f;

        for (unsigned i = 0; i < 5; i++) {
                uint8_t *at = payload + i * 300;

                if (channel) {
                        uint16_t header[2] = {htobe16(0x4001), htobe16(i < 4 ? 296 : 96)};

                        memcpy(at, header, sizeof(header));
                        at += sizeof(header);
                }
                s.rtp.sequence++;
                packet_rtp(&s.rtp, at);
        }
        h->gso_size = 300;
        h->gso_segs = 5;
        assert_int_equal(stream_other(h, &s, payload, 4 * 300 + 100), first);
        f = flow_of(h, &s);
        assert_int_equal(f.packets, 5);
        assert_int_equal(f.received, 5);
        assert_int_equal(f.max_ext_seq - f.base_ext_seq + 1, 5);
        assert_int_equal(f.bytes, 4 * 328 + 128);
}

static void a_super_packet_is_measured_by_segment(void **state)
{
        for (unsigned channel = 0; channel < 2; channel++) {
                _cleanup_(harness_freep) struct harness *h = ruled();

                super_packet(h, channel, P2S_QUEUE_VOICE);
        }
}

/* A call through TURN is known; then comes a super-packet of it. */
static void so_is_one_of_a_call_that_was_detected(void **state)
{
        for (unsigned channel = 0; channel < 2; channel++) {
                _cleanup_(harness_freep) struct harness *h = harness_new(true, true);
                struct stream s = stream_opus(7);
                uint8_t payload[3 * 200] = {};
                struct p2s_flow f;

                h->settings->detect = 1;
                s.channel = channel;
                assert_int_equal(stream_run(h, &s, 5, P2S_QUEUE_VOICE), 3);
                for (unsigned i = 0; i < 3; i++, s.rtp.sequence++, s.rtp.timestamp += 960) {
                        uint16_t header[2] = {htobe16(0x4001), htobe16(196)};

                        memcpy(payload + i * 200, header, channel ? sizeof(header) : 0);
                        packet_rtp(&s.rtp, payload + i * 200 + (channel ? sizeof(header) : 0));
                }
                h->gso_size = 200;
                h->gso_segs = 3;
                assert_int_equal(stream_other(h, &s, payload, sizeof(payload)), P2S_QUEUE_VOICE);
                f = flow_of(h, &s);
                assert_int_equal(f.received, 8);
                assert_int_equal(f.max_ext_seq - f.base_ext_seq + 1, 8);
        }
}

static void what_is_not_rtp_shares_a_flow(void **state)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(7);
        struct p2s_flow f;

        (void)stream_stun(h, &s);
        (void)stream_other(h, &s, "hello", 5);
        assert_int_equal(harness_flow_count(h), 1);
        assert_true(harness_flow(h, P2S_OUTGOING, 0, NULL, &f));
        assert_int_equal(f.packets, 2);
        assert_int_equal(f.received, 0);
        assert_int_equal(f.bytes, 28 + 20 + 28 + 5);
}

/* A sender report out, a receiver report 80 ms later that waited 50 ms: 30 ms of round
 * trip.  tail: what SRTCP has after it (RFC 3711 section 3.4). */
static struct p2s_flow reported(bool separate_port, size_t tail, uint32_t highest)
{
        _cleanup_(harness_freep) struct harness *h = ruled();
        struct stream s = stream_opus(0x01020304), sr, rr;
        uint8_t report[28] = {0x80, 200, 0, 6, 1, 2, 3, 4, 0, 0, 0x11, 0x22, 0x33, 0x44};
        uint32_t block[6] = {htobe32(0x01020304), htobe32(0x40fffffe), htobe32(highest),
                             htobe32(96),         htobe32(0x11223344), htobe32(65536 / 20)};
        uint8_t answer[32 + 14] = {0x81, 201, 0, 7, 9, 9, 9, 9};

        h->settings->detect = 1;
        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        sr = rr = s;
        if (separate_port)
                sr.packet.sport = 40001, sr.packet.dport = 50001;
        rr.packet.sport = sr.packet.dport, rr.packet.dport = sr.packet.sport;
        rr.packet.source_host = s.packet.dest_host, rr.packet.dest_host = s.packet.source_host;
        rr.direction = P2S_INCOMING;
        (void)stream_other(h, &sr, report, sizeof(report));
        h->clock_ns += 80 * MSEC;
        memcpy(answer + 8, block, sizeof(block));
        (void)stream_other(h, &rr, answer, 32 + tail);
        return flow_of(h, &s);
}

static void reports_in_clear_are_kept(void **state)
{
        for (unsigned separate = 0; separate < 2; separate++) {
                struct p2s_flow f = reported(separate, 0, 65509);

                assert_int_equal(f.remote_fraction, 64);
                assert_int_equal(f.remote_lost, -2);
                assert_int_equal(f.remote_jitter, 96);
                assert_true(f.remote_known);
                assert_true(f.rtt_ns > 30 * MSEC - MSEC / 10 && f.rtt_ns < 30 * MSEC + MSEC / 10);
        }
}

static void reports_that_may_be_encrypted_are_not(void **state)
{
        static const size_t tails[] = {4, 8, 14};

        for (unsigned i = 0; i < ELEMENTSOF(tails); i++)
                assert_false(reported(false, tails[i], 65509).remote_known);
        assert_false(reported(false, 0, 30000).remote_known);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_key_is_local_and_remote),
                cmocka_unit_test(a_time_that_goes_back_is_none_between),
                cmocka_unit_test(numbers_wrap_and_gaps_count),
                cmocka_unit_test(late_and_double_packets_are_told_apart),
                cmocka_unit_test(a_restart_keeps_what_was_lost),
                cmocka_unit_test(jitter_is_that_of_the_rfc),
                cmocka_unit_test(a_super_packet_is_measured_by_segment),
                cmocka_unit_test(so_is_one_of_a_call_that_was_detected),
                cmocka_unit_test(reports_in_clear_are_kept),
                cmocka_unit_test(reports_that_may_be_encrypted_are_not),
                cmocka_unit_test(what_is_not_rtp_shares_a_flow),
        };

        harness_check();
        return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
