/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stood on a link before is there again after, byte for byte. */
#include "sandbox.h"

#define MBPS UINT64_C(1000000)

static void shape_and_back(struct sandbox *s, const char *link)
{
        _cleanup_free_ char *before = NULL, *after = NULL;

        before = snapshot();
        sandbox_take(s, link);
        after = snapshot();
        assert_same(before, after);
        free(TAKE_PTR(after));

        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        assert_true(sh_try("tc qdisc show dev %s root | grep -q 'htb 1:'", link));
        assert_true(
                sh_try("tc filter show dev %s ingress | grep -q 'Redirect to device p2s-'", link));
        assert_non_null(kernel_linux.link_ifb(s->link));

        sandbox_off(s);
        after = snapshot();
        assert_same(before, after);
        assert_no_trace(s);
        assert_null(kernel_linux.link_ifb(s->link));
        kernel_linux.link_free(TAKE_PTR(s->link));
}

static void test_default(void **state)
{
        shape_and_back(*state, "v0");
}

static void test_twice(void **state)
{
        shape_and_back(*state, "v0");
        shape_and_back(*state, "v0");
}

/* As p2sd --revert does: a process that knows of the link what the record says. */
static void revert(struct sandbox *s, const char *before)
{
        _cleanup_free_ char *reason = NULL;
        Kernel *fresh = NULL;
        unsigned links;

        assert_int_equal(kernel_linux.open(s->dir, &fresh), 0);
        if (kernel_linux.revert(fresh, &links, &reason) < 0)
                fail_msg("%s", reason);
        kernel_linux.close(fresh);
        assert_int_equal(links, 1);
        assert_restored(s, before);
}

/* p2sd is killed with all in force, in the middle of bringing it about, and in the middle
 * of taking it down: all of these, or, where a VM makes that slow, one in turn. */
static void kill_and_revert(struct sandbox *s, const char *link, unsigned turn)
{
        const bool all = !getenv("P2S_VM") || getenv("P2S_TEST_EVERY_EXIT");
        _cleanup_free_ char *before = snapshot();
        struct link_plan shape, none = {};

        assert_int_equal(kernel_linux.link_facts(s->kernel, link, &s->facts), 0);
        shape = sandbox_plan(s, 10 * MBPS, 50 * MBPS);
        for (unsigned way = 0; way < 3; way++) {
                if (!all && way != turn % 3)
                        continue;
                if (way == 0)
                        assert_false(sandbox_die_at(s, 1000, &none, &shape));
                else if (way == 1)
                        assert_true(sandbox_die_at(s, 12, &none, &shape));
                else
                        assert_true(sandbox_die_at(s, 4, &shape, &none));
                revert(s, before);
        }
}

/* Everything that a user may have at the root and that a kernel can make again.
 * Those that this kernel or this tc does not know are left out, and named. */
static void test_roots(void **state)
{
        static const char *const roots[] = {
                "pfifo_fast",
                "handle 1: pfifo_fast",
                "pfifo limit 77",
                "handle 10: bfifo limit 12345",
                "handle 1: bfifo limit 54321",
                "tbf rate 3mbit burst 10k limit 30000",
                "handle 20: tbf rate 3mbit burst 10k latency 50ms",
                "fq_codel",
                "handle 1: fq_codel limit 300 flows 64 target 7ms interval 90ms quantum 600"
                " memory_limit 1mb noecn",
                "fq",
                "fq limit 500 flow_limit 20 quantum 3000 initial_quantum 9000 maxrate 20mbit"
                " buckets 512 nopacing",
                "cake",
                "cake bandwidth 20mbit besteffort overhead 18 rtt 30ms nat wash ack-filter mpu 64",
                "cake bandwidth 5mbit diffserv4 ingress atm dual-dsthost memlimit 2mb",
                "sfq",
                "sfq perturb 10 quantum 2000 limit 100 flows 64 divisor 512 depth 30",
                "sfq headdrop limit 90 redflowlimit 100000 min 8000 max 60000 probability 0.2 ecn",
                "codel target 8ms interval 80ms ecn",
                "pie limit 500 target 20ms",
                "fq_pie",
                "hhf",
                "noqueue",
                "netem delay 10ms limit 500 loss 1%",
                "skbprio",
        };
        struct sandbox *s = *state;
        unsigned n = 0;

        for (size_t i = 0; i < ELEMENTSOF(roots); i++) {
                sandbox_leave(s);
                sandbox_enter(s);
                if (!sh_try("tc qdisc replace dev v0 root %s", roots[i])) {
                        print_message("not here: %s\n", roots[i]);
                        continue;
                }
                if (strncmp(roots[i], "skbprio", 7) == 0)
                        continue;
                print_message("%s\n", roots[i]);
                shape_and_back(s, "v0");
                kill_and_revert(s, "v0", n++);
        }
        assert_true(n >= 7);
}

static void test_many_queues(void **state)
{
        struct sandbox *s = *state;

        sh("ip link add q0 numtxqueues 20 numrxqueues 20 type veth peer name q1 numtxqueues 20"
           " numrxqueues 20 && ip link set q0 up && ip link set q1 up && sleep 0.1");
        shape_and_back(s, "q0");
        if (!sh_try("tc qdisc replace dev q0 root handle 7: mq")) {
                print_message("no mq\n");
                return;
        }
        shape_and_back(s, "q0");
        sh("tc qdisc replace dev q0 parent 7:2 handle 72: pfifo limit 5 &&"
           " tc qdisc replace dev q0 parent 7:4 handle 82: bfifo limit 5000");
        shape_and_back(s, "q0");
        /* more than the kernel's table has buckets, so that some share one */
        for (unsigned i = 1; i <= 20; i++)
                sh("tc qdisc replace dev q0 parent 7:%x handle %x: pfifo limit %u", i,
                   0x100 + i * 7, i);
        shape_and_back(s, "q0");
        sh("tc qdisc replace dev q0 root handle 1: mq &&"
           " tc qdisc replace dev q0 parent 1:1 handle 10: pfifo limit 5");
        shape_and_back(s, "q0");
}

static void test_foreign_filters(void **state)
{
        struct sandbox *s = *state;

        sh("tc qdisc add dev v0 clsact &&"
           " tc filter add dev v0 ingress prio 10 u32 match u32 0 0 flowid 1:1 &&"
           " tc filter add dev v0 ingress prio 50000 u32 match ip dport 53 0xffff flowid 1:2 &&"
           " tc filter add dev v0 egress prio 10 protocol ip u32 match u32 0 0 flowid 1:3 &&"
           " tc filter add dev v0 egress prio 50000 u32 match u32 0 0 flowid 1:4");
        shape_and_back(s, "v0");
        kill_and_revert(s, "v0", 0);
}

/* Filters that come while ours are there, even at priorities that ours could
 * have: both stay, and with them the clsact that was ours. */
static void test_foreign_filters_later(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        sh("tc filter add dev v0 ingress prio 7 u32 match u32 0 0 flowid 1:1 &&"
           " tc filter add dev v0 egress prio 65535 u32 match u32 0 0 flowid 1:1");
        sandbox_shape(s, 12 * MBPS, 50 * MBPS);
        before = sh_output("tc filter show dev v0 ingress | grep 'pref 7 ';"
                           " tc filter show dev v0 egress | grep 'pref 65535 '");
        sandbox_off(s);
        after = sh_output("tc filter show dev v0 ingress; tc filter show dev v0 egress");
        assert_non_null(strstr(after, "pref 7 "));
        assert_non_null(strstr(after, "pref 65535 "));
        assert_null(strstr(after, "p2s"));
        assert_null(strstr(after, "Redirect"));
        assert_true(sh_try("tc qdisc show dev v0 | grep -q clsact"));
}

/* Somebody has our priorities already. */
static void test_priorities_taken(void **state)
{
        struct sandbox *s = *state;

        sh("tc qdisc add dev v0 clsact");
        for (unsigned i = 0; i < 3; i++)
                sh("tc filter add dev v0 ingress prio %u u32 match u32 0 0 flowid 1:1 &&"
                   " tc filter add dev v0 ingress prio %u u32 match u32 0 0 flowid 1:1 &&"
                   " tc filter add dev v0 egress prio %u protocol ip u32 match u32 0 0 flowid 1:1",
                   49000 + i, 65535 - i, 49000 + i);
        shape_and_back(s, "v0");
}

static void test_bare_ingress(void **state)
{
        struct sandbox *s = *state;

        sh("tc qdisc add dev v0 ingress");
        shape_and_back(s, "v0");
}

static void assert_busy(struct sandbox *s, const char *what)
{
        _cleanup_free_ char *reason = NULL, *before = snapshot(), *after = NULL;

        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
        assert_int_equal(
                kernel_linux.link_take(s->kernel, &s->facts, KERNEL_TAKE_ALL, &s->link, &reason),
                -EBUSY);
        assert_null(s->link);
        assert_non_null(reason);
        print_message("%s\n", reason);
        assert_non_null(strstr(reason, what));
        after = snapshot();
        assert_same(before, after);
        assert_no_trace(s);
}

static void test_busy(void **state)
{
        struct sandbox *s = *state;

        sh("tc qdisc add dev v0 root handle 1: htb default 1 &&"
           " tc class add dev v0 parent 1: classid 1:1 htb rate 1mbit");
        assert_busy(s, "htb 1: on v0");
        sh("tc qdisc replace dev v0 root handle 5: tbf rate 3mbit burst 10k limit 30000 &&"
           " tc qdisc add dev v0 parent 5:1 handle 6: htb");
        assert_busy(s, "htb 6: on v0");
        sh("tc qdisc del dev v0 root && tc qdisc add dev v0 ingress &&"
           " tc filter add dev v0 ingress prio 10 u32 match u32 0 0 flowid 1:1");
        assert_busy(s, "ingress ffff: on v0");
        sh("tc qdisc del dev v0 ingress");
        if (sh_try("tc qdisc add dev v0 root stab overhead 20 linklayer atm pfifo"))
                assert_busy(s, "size table");
        if (sh_try("tc qdisc replace dev v0 root netem delay 10ms 5ms distribution normal"))
                assert_busy(s, "distribution table");
        if (sh_try("tc qdisc replace dev v0 root handle 9: fq_codel &&"
                   " tc filter add dev v0 parent 9: u32 match u32 0 0 flowid 9:1"))
                assert_busy(s, "has filters");
}

/* A user's tree that came after the link was taken. */
static void test_busy_later(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *reason = NULL, *before = NULL, *after = NULL;
        struct link_plan plan;

        sandbox_take(s, "v0");
        sh("tc qdisc add dev v0 root handle 1: htb default 1");
        before = snapshot();
        plan = sandbox_plan(s, 10 * MBPS, 50 * MBPS);
        assert_int_equal(kernel_linux.link_apply(s->link, &plan, &reason), -EBUSY);
        assert_non_null(strstr(reason, "htb 1: on v0"));
        after = snapshot();
        assert_same(before, after);
        assert_no_trace(s);
}

static void test_modes(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *marked = NULL, *after = NULL;

        sh("tc qdisc replace dev v0 root handle 5: pfifo limit 99");
        before = snapshot();
        sandbox_take(s, "v0");
        sandbox_classify(s);
        marked = snapshot();
        assert_true(sh_try("tc qdisc show dev v0 root | grep -q 'pfifo 5: .*limit 99p'"));
        assert_true(sh_try("tc filter show dev v0 egress | grep -q p2s_egress"));
        assert_false(sh_try("ip link show type ifb | grep -q p2s"));

        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        sandbox_shape(s, 10 * MBPS, 0);
        assert_false(sh_try("ip link show type ifb | grep -q p2s"));
        assert_true(sh_try("tc qdisc show dev v0 root | grep -q htb"));
        sandbox_shape(s, 0, 50 * MBPS);
        assert_true(sh_try("ip link show type ifb | grep -q p2s"));
        assert_true(sh_try("tc qdisc show dev v0 root | grep -q pfifo"));

        sandbox_classify(s);
        after = snapshot();
        assert_same(marked, after);
        free(TAKE_PTR(after));
        sandbox_off(s);
        after = snapshot();
        assert_same(before, after);
        assert_no_trace(s);
}

static void test_long_name(void **state)
{
        struct sandbox *s = *state;

        sh("ip link set v0 down && ip link set v0 name enx001122334455 &&"
           " ip link set enx001122334455 up && sleep 0.1");
        shape_and_back(s, "enx001122334455");
}

static void test_ifb_name_taken(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;

        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
        sh("ip link add p2s-%u type ifb && ip link add p2s-%ua type veth peer name x1",
           s->facts.ifindex, s->facts.ifindex);
        before = snapshot();
        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        assert_true(sh_try("ip link show p2s-%ub | grep -q 'UP'", s->facts.ifindex));
        assert_true(sh_try("ip link show p2s-%ub | grep -q 'alias p2s:%u:v0'", s->facts.ifindex,
                           s->facts.ifindex));
        sandbox_off(s);
        after = snapshot();
        assert_same(before, after);
}

static void test_sizes(void **state)
{
        struct sandbox *s = *state;

        sh("ip link set v0 gso_max_segs 44 && ip link set v0 gso_max_size 30000 &&"
           " ip link set v0 mtu 1400");
        (void)sh_try("ip link set v0 gro_max_size 20000");
        shape_and_back(s, "v0");
}

static void test_txqlen_0(void **state)
{
        struct sandbox *s = *state;

        sh("ip link set v0 txqlen 0");
        shape_and_back(s, "v0");
}

static void test_link_down(void **state)
{
        struct sandbox *s = *state;

        sh("ip link add w0 type veth peer name w1");
        shape_and_back(s, "w0");
}

/* The administrator chose another default meanwhile.  It is the whole machine's:
 * only in a virtual one. */
static void test_default_changed(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL;

        if (!getenv("P2S_VM")) {
                print_message("not in a virtual machine\n");
                return;
        }
        sh("ip link add i0 type ifb && ip link set i0 up");
        before = sh_output("ip -j -d link show i0; tc qdisc show dev i0 root | cut -d' ' -f1,2");
        sandbox_take(s, "i0");
        sandbox_shape(s, 10 * MBPS, 0);
        sh("nsenter -t 1 -n sh -c 'echo fq > /proc/sys/net/core/default_qdisc'");
        sandbox_off(s);
        after = sh_output("ip -j -d link show i0; tc qdisc show dev i0 root | cut -d' ' -f1,2");
        sh("nsenter -t 1 -n sh -c 'echo pfifo_fast > /proc/sys/net/core/default_qdisc'");
        assert_string_equal(before, after);
}

static void test_loopback(void **state)
{
        shape_and_back(*state, "lo");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_default),
                kernel_test(test_twice),
                kernel_test(test_roots),
                kernel_test(test_many_queues),
                kernel_test(test_foreign_filters),
                kernel_test(test_foreign_filters_later),
                kernel_test(test_priorities_taken),
                kernel_test(test_bare_ingress),
                kernel_test(test_busy),
                kernel_test(test_busy_later),
                kernel_test(test_modes),
                kernel_test(test_long_name),
                kernel_test(test_ifb_name_taken),
                kernel_test(test_sizes),
                kernel_test(test_txqlen_0),
                kernel_test(test_link_down),
                kernel_test(test_loopback),
                kernel_test(test_default_changed),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
