/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of what stands: in place, packet by packet. */
#include <dirent.h>
#include <net/if.h>

#include "frames.h"
#include "netlink.h"

#define MBPS UINT64_C(1000000)

static unsigned ifb_ifindex(struct sandbox *s)
{
        unsigned i = if_nametoindex(kernel_linux.link_ifb(s->link));

        assert_true(i > 0);
        return i;
}

/* Handles, classes and numbers as they are, without what may change. */
static char *shape_of_tree(void)
{
        return sh_output(
                "for d in v0 $(ip -br link show type ifb | cut -d' ' -f1); do"
                " tc class show dev $d | grep htb | cut -d' ' -f1-7 | sort; tc qdisc show dev $d |"
                " sed 's/\\(parent [^ ]*\\).*/\\1/; s/direct_packets_stat.*//'; done; ip -br link "
                "show type ifb;"
                " tc filter show dev v0 ingress; tc filter show dev v0 egress");
}

static void test_equal_is_not_touched(void **state)
{
        struct sandbox *s = *state;
        const uint64_t rates[] = {UINT64_C(250000), 9500000, 123456789, UINT64_C(2500000000),
                                  UINT64_C(40000000000)};

        sandbox_take(s, "v0");
        for (size_t i = 0; i < ELEMENTSOF(rates); i++) {
                _cleanup_free_ char *before = NULL, *after = NULL, *reason = NULL;
                struct link_plan plan = sandbox_plan(s, rates[i], rates[i] + 1000);

                sandbox_shape(s, rates[i], rates[i] + 1000);
                before = snapshot();
                /* would fail at the first message that changes something */
                netlink_fail_at(1, false);
                assert_int_equal(kernel_linux.link_apply(s->link, &plan, &reason), 0);
                assert_false(netlink_failed());
                netlink_fail_at(0, false);
                after = snapshot();
                assert_same(before, after);
        }
        sandbox_off(s);
}

/* What tc shows is what the plan says, within tc's own rounding to whole µs. */
static void test_values(void **state)
{
        struct sandbox *s = *state;
        struct link_plan plan;

        sandbox_take(s, "v0");
        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
        plan = sandbox_plan(s, 9500000, UINT64_C(40000000000));
        plan.outgoing.root.burst = plan.outgoing.root.cburst = 200;
        plan.gso_max_segs = 1;
        {
                _cleanup_free_ char *reason = NULL;

                assert_int_equal(kernel_linux.link_apply(s->link, &plan, &reason), 0);
        }
        sh("tc class show dev v0 | grep -q 'htb 1:1 root rate 9500Kbit ceil 9500Kbit"
           " burst \\(199\\|200\\)b cburst \\(199\\|200\\)b'");
        sh("tc class show dev p2s-%u | grep -q 'htb 1:1 root rate 40Gbit ceil 40Gbit'",
           s->facts.ifindex);
        sh("ip -d link show v0 | grep -q 'gso_max_segs 1 '");
        sh("ip -d link show p2s-%u | grep -q 'mtu 1500'", s->facts.ifindex);
        sandbox_off(s);
}

static void test_in_place(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;
        unsigned ifb;
        uint64_t n;

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        before = shape_of_tree();
        ifb = ifb_ifindex(s);

        n = netlink_count();
        sandbox_shape(s, 20 * MBPS, 50 * MBPS);
        print_message("new uplink rate: %llu messages\n",
                      (unsigned long long)(netlink_count() - n));
        sandbox_shape(s, 300 * 1000, 700 * MBPS);
        sandbox_shape(s, 900 * MBPS, 700 * 1000);
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        after = shape_of_tree();
        assert_string_equal(before, after);
        assert_int_equal(ifb, ifb_ifindex(s));
        sandbox_off(s);
}

/* A stream in voice's class each way while the rates change all the time: each
 * packet arrives, in its order. */
static void test_no_packet_lost(void **state)
{
        struct sandbox *s = *state;
        uint32_t sent = 0, up = 0, down = 0;
        _cleanup_close_ int v0 = packet_socket("v0"), v1 = packet_socket("v1");

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        for (unsigned i = 0; i < 300; i++) {
                sandbox_shape(s, (5 + i % 7) * MBPS, (30 + i % 5) * MBPS);
                for (unsigned k = 0; k < 2; k++, sent++) {
                        send_one(v0, sent, 214, (int)(SHAPER_HANDLE | SHAPER_MINOR_VOICE));
                        send_one(v1, sent, 214, 0);
                }
                /* half of what voice may have */
                (void)usleep(3000);
        }
        receive_until(v1, &up, sent);
        receive_until(v0, &down, sent);
        print_message("%u packets each way through 300 changes\n", sent);
        sandbox_off(s);
}

/* Every 10 ms tight or loose, with a stream in voice's class each way and bulk beside
 * it: each packet arrives, in its order, and no class, qdisc or filter is another one. */
static void test_no_packet_lost_by_tightening(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;
        uint32_t sent = 0, up = 0, down = 0;
        _cleanup_close_ int v0 = packet_socket("v0"), v1 = packet_socket("v1");
        uint64_t n;

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        before = shape_of_tree();
        for (unsigned i = 0; i < 150; i++) {
                if (i % 2)
                        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
                else
                        sandbox_loosen(s, 10 * MBPS, 50 * MBPS);
                for (unsigned k = 0; k < 4; k++, sent++) {
                        send_one(v0, sent, 214, (int)(SHAPER_HANDLE | SHAPER_MINOR_VOICE));
                        send_one(v1, sent, 214, 0);
                }
                (void)usleep(6000);
        }
        receive_until(v1, &up, sent);
        receive_until(v0, &down, sent);
        after = shape_of_tree();
        assert_string_equal(before, after);

        n = netlink_count();
        sandbox_loosen(s, 10 * MBPS, 50 * MBPS);
        print_message("%u packets each way through 150 changes; loosening: %llu messages", sent,
                      (unsigned long long)(netlink_count() - n));
        n = netlink_count();
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        print_message(", tightening: %llu\n", (unsigned long long)(netlink_count() - n));
        sandbox_off(s);
}

/* What waited for its turn at the old rate leaves at once. */
static void test_loosening_lets_go(void **state)
{
        struct sandbox *s = *state;
        _cleanup_close_ int v0 = packet_socket("v0"), v1 = packet_socket("v1");
        uint32_t got = 0;
        uint64_t begin;

        sandbox_take(s, "v0");
        /* 20 frames of 1,514 bytes at 64 kbit/s: 3.8 s */
        sandbox_shape(s, 64 * 1000, 0);
        for (uint32_t i = 0; i < 8; i++)
                send_one(v0, i, 1514, 0);
        got = receive_all(v1, 0);
        assert_true(got < 4);
        begin = now_usec();
        sandbox_loosen(s, 64 * 1000, 0);
        receive_until(v1, &got, 8);
        /* the one whose turn had been reckoned already takes its 0.19 s */
        assert_true(now_usec() - begin < 700 * USEC_PER_MSEC);
        sandbox_off(s);
}

/* Both directions are kept full for 0.8 s with frames of this size; how many came in
 * the last 0.6 s, by direction. */
static void count_frames(int v0, int v1, size_t size, double ret[static _P2S_DIRECTION_MAX])
{
        const uint64_t begin = now_usec();
        uint64_t from = 0, now;
        uint32_t n[_P2S_DIRECTION_MAX] = {};
        uint8_t frame[1514];

        while ((now = now_usec()) < begin + 800 * USEC_PER_MSEC) {
                for (unsigned i = 0; i < 4096 / size; i++) {
                        send_one(v0, 0, size, 0);
                        send_one(v1, 0, size, 0);
                }
                while (recv(v1, frame, sizeof(frame), 0) > 0)
                        n[P2S_OUTGOING]++;
                while (recv(v0, frame, sizeof(frame), 0) > 0)
                        n[P2S_INCOMING]++;
                if (from == 0 && now > begin + 200 * USEC_PER_MSEC) {
                        from = now_usec();
                        n[P2S_OUTGOING] = n[P2S_INCOMING] = 0;
                }
                (void)usleep(1000);
        }
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                ret[d] = (double)n[d] / ((double)(now - from) / 1e6);
}

/* What the line adds to a packet counts: throughput follows, both ways, in place. */
static void test_line_layer(void **state)
{
        static const struct {
                enum link_layer word;
                size_t frame;
                double wire;
        } cases[] = {
                {LINK_LAYER_NONE, 214, 214},   {LINK_LAYER_ATM, 214, 6 * 53},
                {LINK_LAYER_ETHERNET, 60, 84}, {LINK_LAYER_PPPOE_VDSL, 1514, 1530 + 24},
                {LINK_LAYER_NONE, 60, 60},
        };
        struct sandbox *s = *state;
        _cleanup_close_ int v0 = packet_socket("v0"), v1 = packet_socket("v1");

        sandbox_take(s, "v0");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct link_options o = {.of = {[LINK_LAYER] = (int)cases[i].word}};
                const struct shaper_wish wish = {
                        .classify = true,
                        .shape = true,
                        .have_fq_codel = s->can.fq_codel,
                        .layer = line_layer_of(&o, true),
                        .rate_bps = {MBPS, MBPS},
                };
                _cleanup_free_ char *reason = NULL;
                double rate[_P2S_DIRECTION_MAX], of[_P2S_DIRECTION_MAX];
                struct link_plan plan;

                shaper_plan(&s->facts, &wish, &plan);
                if (kernel_linux.link_apply(s->link, &plan, &reason) < 0)
                        fail_msg("%s", reason);
                netlink_fail_at(1, false);
                assert_int_equal(kernel_linux.link_apply(s->link, &plan, &reason), 0);
                assert_false(netlink_failed());
                netlink_fail_at(0, false);
                /* a busy machine does not always keep both queues full */
                for (unsigned tries = 0; tries < 20; tries++) {
                        count_frames(v0, v1, cases[i].frame, rate);
                        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                                of[d] = rate[d] * cases[i].wire * 8 / (double)MBPS;
                        if (MIN(of[0], of[1]) > 0.9 && MAX(of[0], of[1]) < 1.1)
                                break;
                }
                print_message("%zu bytes that are %.0f: %.3f, %.3f of the rate\n", cases[i].frame,
                              cases[i].wire, of[0], of[1]);
                /* 10 % is less than any of them adds, but for PTM */
                assert_true(MIN(of[0], of[1]) > 0.9 && MAX(of[0], of[1]) < 1.1);
        }
        sandbox_off(s);
}

/* The classes hold a backlog, and the figures say so. */
static void test_queues(void **state)
{
        struct kernel_queue_stats q[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        _cleanup_close_ int v0 = packet_socket("v0");
        struct sandbox *s = *state;

        sandbox_take(s, "v0");
        assert_int_equal(kernel_linux.link_queues(s->link, q), 0);
        assert_int_equal(q[P2S_OUTGOING][P2S_QUEUE_GENERAL].backlog_packets, 0);
        sandbox_shape(s, 1 * MBPS, 0);
        for (uint32_t i = 0; i < 300; i++)
                send_one(v0, i, 1514, 0);
        assert_int_equal(kernel_linux.link_queues(s->link, q), 0);
        assert_true(q[P2S_OUTGOING][P2S_QUEUE_GENERAL].backlog_packets > 2);
        assert_true(q[P2S_OUTGOING][P2S_QUEUE_GENERAL].backlog_bytes > 3000);
        assert_int_equal(q[P2S_OUTGOING][P2S_QUEUE_VOICE].backlog_packets, 0);
        assert_int_equal(q[P2S_INCOMING][P2S_QUEUE_GENERAL].backlog_packets, 0);
        if (!s->can.fq_codel)
                assert_true(q[P2S_OUTGOING][P2S_QUEUE_GENERAL].drops > 0);
        sandbox_off(s);
        assert_int_equal(kernel_linux.link_queues(s->link, q), 0);
        assert_int_equal(q[P2S_OUTGOING][P2S_QUEUE_GENERAL].drops, 0);
}

/* Counted here: in a child of popen() the pipe's other end may or may not be open
 * still. */
static unsigned open_fds(void)
{
        DIR *d = opendir("/proc/self/fd");
        unsigned n = 0;

        assert_non_null(d);
        while (readdir(d))
                n++;
        (void)closedir(d);
        return n;
}

/* Many links, each with an IFB of its own; on, off, on. */
static void test_flaps(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;
        unsigned fds;

        before = snapshot();
        sandbox_take(s, "v0");
        fds = open_fds();
        for (unsigned i = 0; i < 100; i++) {
                _cleanup_free_ char *n = NULL;

                sandbox_shape(s, 10 * MBPS, 50 * MBPS);
                if (i % 10 == 0) {
                        n = sh_output("ip -br link show type ifb | grep -c p2s");
                        assert_string_equal(n, "1\n");
                }
                sandbox_off(s);
        }
        assert_int_equal(open_fds(), fds);
        after = snapshot();
        assert_same(before, after);
        assert_no_trace(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_equal_is_not_touched),
                kernel_test(test_values),
                kernel_test(test_in_place),
                kernel_test(test_no_packet_lost),
                kernel_test(test_no_packet_lost_by_tightening),
                kernel_test(test_loosening_lets_go),
                kernel_test(test_line_layer),
                kernel_test(test_queues),
                kernel_test(test_flaps),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
