// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of flows: all are found again, calls outlive noise, and reading it is quick. */
#include "stream.h"

#include "flow-places.h"

#define MANY 10000

/* Flow i of many: 100 a host, each on ports of its own. */
static struct stream one_of_many(uint32_t i)
{
        struct stream s = stream_opus(0x5eed0000 + i);

        s.packet.dest_host = (uint8_t)(i / 100);
        s.packet.dport = (uint16_t)(2000 + i % 100);
        s.gap_ns = 0;
        return s;
}

static size_t read_all(struct harness *h, struct kernel_flow **ret)
{
        size_t n;

        assert_int_equal(
                flow_read(bpf_map__fd(h->skel->maps.flows), h->skel->bss->flow_index.used, ret, &n),
                0);
        return n;
}

static void ten_thousand_flows_are_all_there(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        uint64_t least = UINT64_MAX;

        h->ports[40000] = P2S_CLASS_VOICE;
        for (unsigned round = 0; round < 2; round++)
                for (uint32_t i = 0; i < MANY; i++) {
                        struct stream s = one_of_many(i);

                        s.rtp.sequence = (uint16_t)(100 + round);
                        s.rtp.timestamp = 960 * round;
                        assert_int_equal(stream_send(h, &s), P2S_QUEUE_VOICE);
                }
        for (unsigned try = 0; try < 5; try++) {
                _cleanup_free_ struct kernel_flow *flows = NULL;
                uint64_t start = now_usec();
                size_t n = read_all(h, &flows);

                least = MIN(least, now_usec() - start);
                assert_int_equal(n, MANY);
                for (size_t i = 0; i < n; i++)
                        assert_int_equal(flows[i].flow.received, 2);
        }
        printf("reading %u flows: %llu us\n", MANY, (unsigned long long)least);
        if (!getenv("P2S_VM") && !getenv("P2S_NATIVE_BPF")) /* neither emulated nor sanitized */
                assert_true(least < 5 * USEC_PER_MSEC);
}

/* What is let go of is gone, and begins anew in a place that is free again. */
static void a_flow_let_go_of_begins_anew(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        uint32_t secret[FLOW_ID_SECRETS];
        struct stream s = stream_opus(7);
        struct p2s_flow_key key;
        struct p2s_flow f;
        uint32_t used;

        memcpy(secret, (const void *)h->skel->rodata->flow_secret, sizeof(secret));
        (void)stream_run(h, &s, 10, P2S_QUEUE_VOICE);
        assert_true(harness_flow(h, s.direction, 7, &key, &f));
        assert_int_equal(f.received, 10);
        used = h->skel->bss->flow_index.used;
        assert_int_equal(flow_forget(bpf_map__fd(h->skel->maps.flows), &h->skel->bss->flow_index,
                                     secret, &key),
                         0);
        assert_false(harness_flow(h, s.direction, 7, NULL, &f));
        assert_int_equal(flow_forget(bpf_map__fd(h->skel->maps.flows), &h->skel->bss->flow_index,
                                     secret, &key),
                         -ENOENT);
        (void)stream_run(h, &s, 5, P2S_QUEUE_VOICE);
        assert_true(harness_flow(h, s.direction, 7, NULL, &f));
        assert_int_equal(f.received, 5);
        assert_int_equal(h->skel->bss->flow_index.used, used);
}

/* More streams than there are entries, from 200 hosts, none of them a call: two packets each
 * put a flow on probation. */
static void noise_from_everywhere_leaves_the_calls_alone(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_detecting();
        struct stream calls[64];
        struct p2s_flow f;

        for (uint32_t i = 0; i < ELEMENTSOF(calls); i++) {
                calls[i] = stream_opus(100 + i);
                calls[i].packet.sport = (uint16_t)(30000 + i);
                calls[i].packet.dest_host = (uint8_t)(200 + i % 50);
                (void)stream_run(h, calls + i, 5, P2S_QUEUE_VOICE);
        }
        for (uint32_t i = 0; i < 20000; i++) {
                struct stream noise = stream_opus(0x10000 + i);

                noise.packet.dest_host = (uint8_t)(i % 200);
                noise.packet.sport = (uint16_t)(1024 + i);
                noise.gap_ns = 1000;
                (void)stream_run(h, &noise, 2, P2S_QUEUE_VOICE);
        }
        assert_true(harness_flow_count(h) > P2S_FLOWS_MAX * 9 / 10);
        for (uint32_t i = 0; i < ELEMENTSOF(calls); i++) {
                assert_int_equal(stream_next(h, calls + i), P2S_QUEUE_VOICE);
                assert_true(harness_flow(h, P2S_OUTGOING, 100 + i, NULL, &f));
                assert_int_equal(f.received, 6);
        }
        /* And a call that begins now is found. */
        calls[0].rtp.ssrc = 99;
        assert_int_equal(stream_run(h, calls, 5, P2S_QUEUE_VOICE), 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ten_thousand_flows_are_all_there),
                cmocka_unit_test(a_flow_let_go_of_begins_anew),
                cmocka_unit_test(noise_from_everywhere_leaves_the_calls_alone),
        };

        harness_check();
        return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
