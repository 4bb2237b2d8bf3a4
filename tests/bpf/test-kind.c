// SPDX-License-Identifier: GPL-2.0-or-later
/* Audio and video are told apart, by clock, size and pace. */
#include "stream.h"

static void audio_and_video_of_one_5_tuple_are_told_apart(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream audio = stream_opus(1), video = stream_vp8(2);
        struct p2s_flow f;

        for (unsigned i = 0; i < 120; i++) {
                enum p2s_queue a = stream_send(h, &audio), v = P2S_QUEUE_VIDEO;

                audio.rtp.sequence++, audio.rtp.timestamp += 960;
                if (i % 2) {
                        for (unsigned n = 0; n < 3; n++, video.rtp.sequence++)
                                v = stream_send(h, &video);
                        video.rtp.timestamp += 3600;
                }
                h->clock_ns += 20 * MSEC;
                if (i >= 3) {
                        assert_int_equal(a, P2S_QUEUE_VOICE);
                        assert_int_equal(v, P2S_QUEUE_VIDEO);
                }
        }
        assert_true(harness_flow(h, P2S_OUTGOING, 1, NULL, &f));
        assert_int_equal(f.clock_hz, 48000);
        assert_true(harness_flow(h, P2S_OUTGOING, 2, NULL, &f));
        assert_int_equal(f.clock_hz, 90000);
}

/* A thumbnail of one small packet a picture: only its clock tells. */
static void small_video_is_found_by_its_clock(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_vp8(2);

        s.size = 200;
        (void)stream_run(h, &s, 90, P2S_QUEUE_VOICE);
        assert_int_equal(stream_next(h, &s), P2S_QUEUE_VIDEO);
}

/* 48 kHz in a hurry looks like 90 kHz. */
static void a_call_that_begins_in_a_burst_is_voice(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        s.gap_ns = 4 * MSEC;
        assert_int_equal(stream_run(h, &s, 6, P2S_QUEUE_VOICE), 3);
        s.gap_ns = 20 * MSEC;
        assert_int_equal(stream_run(h, &s, 500, P2S_QUEUE_VIDEO), 0);
}

/* A second of it, that waited until the path was open. */
static void a_call_that_begins_late_has_its_own_clock(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);
        struct p2s_flow f;

        s.gap_ns = MSEC / 10;
        (void)stream_run(h, &s, 50, P2S_QUEUE_VOICE);
        s.gap_ns = 20 * MSEC;
        assert_int_equal(stream_run(h, &s, 500, P2S_QUEUE_VIDEO), 0);
        assert_true(harness_flow(h, s.direction, 77, NULL, &f));
        assert_int_equal(f.clock_hz, 48000);
}

/* The path stands still for a second, then all comes at once. */
static void a_call_that_stalls_has_its_own_clock(void **state)
{
        for (unsigned at = 10; at < 100; at += 10) { /* packets */
                _cleanup_(harness_freep) struct harness *h = harness_detecting();
                struct stream s = stream_opus(77);
                struct p2s_flow f;

                (void)stream_run(h, &s, at, P2S_QUEUE_VOICE);
                h->clock_ns += 1000 * MSEC;
                s.gap_ns = MSEC / 10;
                (void)stream_run(h, &s, 50, P2S_QUEUE_VOICE);
                s.gap_ns = 20 * MSEC;
                assert_int_equal(stream_run(h, &s, 300, P2S_QUEUE_VIDEO), 0);
                assert_true(harness_flow(h, s.direction, 77, NULL, &f));
                assert_int_equal(f.clock_hz, 48000);
        }
}

static void uncompressed_sound_is_voice(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);

        s.size = 960;
        s.ticks = 480; /* 24 kHz */
        assert_int_equal(stream_run(h, &s, 300, P2S_QUEUE_VOICE), 3);
        assert_int_equal(stream_run(h, &s, 300, P2S_QUEUE_VIDEO), 0);
}

static void every_clock_is_found_out(void **state)
{
        static const uint32_t clocks[] = {8000, 16000, 24000, 32000, 44100, 48000, 90000};

        for (unsigned i = 0; i < ELEMENTSOF(clocks); i++) {
                _cleanup_(harness_freep) struct harness *h = harness_detecting();
                struct stream s = stream_opus(5);
                struct p2s_flow f;
                uint64_t start = h->clock_ns;

                srandom(i);
                s.ticks = clocks[i] / 50;
                for (unsigned n = 0; n < 200; n++) {
                        h->clock_ns = start + n * 20 * MSEC + (uint64_t)random() % (8 * MSEC);
                        (void)stream_send(h, &s);
                        s.rtp.sequence++, s.rtp.timestamp += s.ticks;
                }
                assert_true(harness_flow(h, P2S_OUTGOING, 5, NULL, &f));
                assert_int_equal(f.clock_hz, clocks[i]);
        }
}

static void a_class_flips_once_in_5_seconds_at_most(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream s = stream_opus(77);
        enum p2s_queue last = P2S_QUEUE_GENERAL;
        uint64_t flipped = 0;

        /* no clock at all, and sizes that change their mind every second */
        srandom(3);
        for (unsigned i = 0; i < 3000; i++) {
                enum p2s_queue q;

                s.size = i / 50 % 2 ? 1200 : 60;
                s.ticks = 100 + (uint32_t)random() % 3000;
                q = stream_next(h, &s);
                if (q != last && last != P2S_QUEUE_GENERAL) {
                        assert_true(!flipped || h->clock_ns - flipped >= 5 * NSEC_PER_SEC);
                        flipped = h->clock_ns;
                }
                last = q;
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(audio_and_video_of_one_5_tuple_are_told_apart),
                cmocka_unit_test(small_video_is_found_by_its_clock),
                cmocka_unit_test(a_call_that_begins_in_a_burst_is_voice),
                cmocka_unit_test(a_call_that_begins_late_has_its_own_clock),
                cmocka_unit_test(a_call_that_stalls_has_its_own_clock),
                cmocka_unit_test(uncompressed_sound_is_voice),
                cmocka_unit_test(every_clock_is_found_out),
                cmocka_unit_test(a_class_flips_once_in_5_seconds_at_most),
        };

        harness_check();
        return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
