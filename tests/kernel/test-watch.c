/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that somebody else makes are announced; our own are not. */
#include <net/if.h>
#include <poll.h>

#include "link-watch.h"
#include "sandbox.h"

#define MBPS UINT64_C(1000000)

struct seen {
        unsigned ifindex[64];
        size_t n;
};

static void on_event(enum kernel_event event, unsigned ifindex, void *userdata)
{
        struct seen *s = userdata;

        assert_int_equal(event, KERNEL_LINK_CHANGED);

        assert_true(s->n < ELEMENTSOF(s->ifindex));
        s->ifindex[s->n++] = ifindex;
}

static bool has(const struct seen *s, unsigned ifindex)
{
        for (size_t i = 0; i < s->n; i++)
                if (s->ifindex[i] == ifindex)
                        return true;
        return false;
}

/* All that waits now, each link once. */
static struct seen dispatch(struct sandbox *s)
{
        struct seen seen = {};

        assert_int_equal(kernel_linux.dispatch(s->kernel, on_event, &seen), 0);
        for (size_t i = 0; i < seen.n; i++)
                for (size_t j = 0; j < i; j++)
                        assert_int_not_equal(seen.ifindex[i], seen.ifindex[j]);
        return seen;
}

/* Until no more comes: some announcements are late. */
static void settle(struct sandbox *s)
{
        struct pollfd p = {.fd = kernel_linux.event_fd(s->kernel), .events = POLLIN};

        while (poll(&p, 1, 150) > 0)
                (void)dispatch(s);
}

static void assert_announced(struct sandbox *s, unsigned ifindex, const char *command)
{
        struct pollfd p = {.fd = kernel_linux.event_fd(s->kernel), .events = POLLIN};
        uint64_t until;
        bool found = false;

        settle(s);
        sh("%s", command);
        until = now_usec() + USEC_PER_SEC;
        while (!found && now_usec() < until && poll(&p, 1, 100) >= 0) {
                const struct seen seen = dispatch(s);

                found = has(&seen, ifindex);
        }
        if (!found)
                fail_msg("not announced: %s", command);
}

static void test_links(void **state)
{
        struct sandbox *s = *state;
        const unsigned v0 = if_nametoindex("v0");
        char command[128];

        assert_announced(s, v0, "ip link set v0 mtu 1400");
        assert_announced(s, v0, "ip link set v0 down");
        assert_announced(s, v0, "ip link set v0 up");
        assert_announced(s, v0, "tc qdisc add dev v0 clsact");
        assert_announced(s, v0, "tc filter add dev v0 ingress prio 3 u32 match u32 0 0 flowid 1:1");
        assert_announced(s, v0, "tc qdisc replace dev v0 root handle 5: pfifo limit 7");
        assert_announced(s, v0, "tc qdisc del dev v0 root");

        /* our IFB stands for its link */
        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        (void)snprintf(command, sizeof(command), "ip link set %s down",
                       kernel_linux.link_ifb(s->link));
        assert_announced(s, v0, command);
        (void)snprintf(command, sizeof(command), "ip link del %s", kernel_linux.link_ifb(s->link));
        assert_announced(s, v0, command);
        sandbox_off(s);
        assert_announced(s, v0, "ip link del v0");
}

/* However much of it there is, looking and an apply that changes nothing are
 * silent: else each announcement would bring about the next. */
static void test_quiet(void **state)
{
        struct pollfd p = {.events = POLLIN};
        struct kernel_queue_stats q[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        struct sandbox *s = *state;
        struct link_facts facts;

        p.fd = kernel_linux.event_fd(s->kernel);
        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        settle(s);
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        assert_int_equal(kernel_linux.link_queues(s->link, q), 0);
        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &facts), 0);
        assert_int_equal(poll(&p, 1, 100), 0);
        /* classes and qdiscs in place: ours, and left out */
        sandbox_shape(s, 11 * MBPS, 51 * MBPS);
        assert_int_equal(dispatch(s).n, 0);
        sandbox_off(s);
}

static void test_flood(void **state)
{
        struct sandbox *s = *state;
        struct seen seen;

        sandbox_take(s, "v0");
        settle(s);
        /* more than the socket holds: whatever was lost, the link is named */
        sh("for i in $(seq 4000); do echo link set v0 mtu $((1300 + i %% 2)); done | ip -batch -");
        seen = dispatch(s);
        assert_true(has(&seen, s->facts.ifindex));
}

static void assert_default(struct sandbox *s, const char *name)
{
        struct default_link got = {.name = "none"};
        int r = kernel_linux.default_link(s->kernel, &got);

        assert_int_equal(r, name ? 0 : -ENODEV);
        assert_string_equal(got.name, name ?: "none");
        assert_string_equal(got.tunnel, "");
}

static void test_default_link(void **state)
{
        struct sandbox *s = *state;

        sh("ip addr add 192.0.2.1/24 dev v0 && ip addr add 198.51.100.1/24 dev v1 &&"
           " ip -6 addr add 2001:db8:1::1/64 dev v0 nodad && ip -6 addr add 2001:db8:2::1/64 dev v1"
           " nodad");
        assert_default(s, NULL);
        assert_announced(s, 0, "ip route add default via 192.0.2.9 metric 300");
        assert_default(s, "v0");
        assert_announced(s, 0, "ip route add default via 198.51.100.9 metric 100");
        assert_default(s, "v1");
        assert_announced(s, 0, "ip -6 route add default via 2001:db8:1::9 metric 50");
        assert_default(s, "v0");
        assert_announced(s, 0, "ip -6 route del default");
        assert_default(s, "v1");
        sh("ip route add 203.0.113.0/24 via 192.0.2.9 && ip route add default via 192.0.2.9 table "
           "77"
           " && ip route add unreachable default metric 1");
        assert_default(s, "v1");
        assert_announced(s, 0, "ip route del default via 198.51.100.9");
        assert_default(s, "v0");
        sh("ip route flush table main");
        assert_default(s, NULL);
        sh("ip route add 192.0.2.0/24 dev v0 && ip route add 198.51.100.0/24 dev v1 &&"
           " ip route add default nexthop via 198.51.100.9 nexthop via 192.0.2.9");
        assert_default(s, "v1");
}

static void test_facts(void **state)
{
        struct sandbox *s = *state;
        struct link_facts f;

        assert_int_equal(kernel_linux.link_facts(s->kernel, "nothing", &f), -ENODEV);
        assert_int_equal(kernel_linux.link_facts(s->kernel, "", &f), -ENODEV);
        assert_int_equal(kernel_linux.link_facts(s->kernel, "sixteen-letters.", &f), -ENODEV);
        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &f), 0);
        assert_string_equal(f.name, "v0");
        assert_int_equal(f.mtu, 1500);
        assert_true(f.up && f.ethernet);
        sh("ip link set v0 down mtu 9000");
        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &f), 0);
        assert_int_equal(f.mtu, 9000);
        assert_false(f.up);
        if (sh_try("ip tuntap add t0 mode tun")) {
                assert_int_equal(kernel_linux.link_facts(s->kernel, "t0", &f), 0);
                assert_false(f.ethernet);
        }
}

static void test_probe(void **state)
{
        struct sandbox *s = *state;
        struct kernel_capabilities c;

        assert_int_equal(kernel_linux.probe(s->kernel, &c), 0);
        assert_true(c.bpf && c.clsact && c.ifb && c.htb);
        assert_int_equal(c.fq_codel, sh_try("tc qdisc add dev v1 root fq_codel"));
        assert_no_trace(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_links),        kernel_test(test_quiet), kernel_test(test_flood),
                kernel_test(test_default_link), kernel_test(test_facts), kernel_test(test_probe),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
