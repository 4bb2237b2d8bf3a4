/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else acts on a link, on a real kernel: qdiscs and IFBs of others, offloads, and
 * with mac80211_hwsim a radio. */
#include "sandbox.h"

static struct link_surroundings around(struct sandbox *s, const char *name)
{
        struct link_surroundings a;

        assert_int_equal(kernel_linux.link_surroundings(s->kernel, name, &a), 0);
        return a;
}

static void test_qdiscs(void **state)
{
        struct sandbox *s = *state;
        struct link_surroundings a = around(s, "v0");

        assert_int_equal(kernel_linux.link_surroundings(s->kernel, "none0", &a), -ENODEV);
        assert_false(a.qdisc_set);
        assert_false(a.qdisc_ours);

        sh("tc qdisc add dev v0 root tbf rate 1mbit burst 10k limit 30k");
        a = around(s, "v0");
        assert_string_equal(a.qdisc, "tbf");
        assert_true(a.qdisc_set);
        assert_false(a.qdisc_ours);

        sandbox_take(s, "v0");
        sandbox_shape(s, 10000000, 50000000);
        a = around(s, "v0");
        assert_string_equal(a.qdisc, "htb");
        assert_true(a.qdisc_ours);
        assert_false(a.qdisc_set);
        sandbox_off(s);
        assert_true(around(s, "v0").qdisc_set);
        sh("tc qdisc del dev v0 root");
        assert_false(around(s, "v0").qdisc_set);
}

static void test_another_tool_s_ifb(void **state)
{
        static const char *const names[] = {"ifb4v0", "ifb-v0", "v0-ifb"};
        struct sandbox *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                assert_string_equal(around(s, "v0").rival_ifb, "");
                /* an interface of any kind will do, and one that is down does not count */
                sh("ip link add %s type dummy 2>/dev/null || ip link add %s type ifb", names[i],
                   names[i]);
                assert_string_equal(around(s, "v0").rival_ifb, "");
                sh("ip link set %s up", names[i]);
                assert_string_equal(around(s, "v0").rival_ifb, names[i]);
                assert_string_equal(around(s, "v1").rival_ifb, "");
                sh("ip link del %s", names[i]);
        }
}

static void test_offloads(void **state)
{
        struct sandbox *s = *state;
        struct link_surroundings a = around(s, "v0");

        for (size_t i = 0; i < _LINK_OFFLOAD_MAX; i++)
                assert_false(a.offload[i]);
        for (size_t i = 0; i < _LINK_OFFLOAD_MAX; i++) {
                /* those that a veth cannot have stay off */
                bool had = sh_try("ethtool -K v0 %s on 2>/dev/null && ethtool -k v0 | "
                                  "grep -q '^%s: on'",
                                  link_offload_names[i], link_offload_names[i]);

                a = around(s, "v0");
                assert_int_equal(a.offload[i], had);
                print_message("%s: %s\n", link_offload_names[i], had ? "seen" : "not here");
                (void)sh_try("ethtool -K v0 %s off 2>/dev/null", link_offload_names[i]);
        }
}

static void test_speed(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *text = sh_output("cat /sys/class/net/v0/speed 2>/dev/null || echo 0");
        long long mbit = strtoll(text, NULL, 10);

        /* /sys may be that of another namespace */
        if (mbit > 0)
                assert_int_equal(around(s, "v0").speed_bps, (uint64_t)mbit * 1000000);
        assert_int_equal(around(s, "lo").speed_bps, 0);
}

static void test_wifi_power_save(void **state)
{
        struct sandbox *s = *state;

        assert_false(around(s, "v0").wifi_power_save);
        /* in a VM alone: it makes a radio for the whole machine; not every flavour has it */
        if (!getenv("P2S_TEST_HWSIM") || !sh_try("modinfo mac80211_hwsim >/dev/null 2>&1"))
                skip();
        sh("modprobe mac80211_hwsim radios=1");
        /* it comes to be in the first namespace */
        sh("pid=$$; nsenter -t 1 -n iw phy phy0 set netns $pid");
        sh("ip link set wlan0 up");
        sh("iw dev wlan0 set power_save on");
        assert_true(around(s, "wlan0").wifi_power_save);
        sh("iw dev wlan0 set power_save off");
        assert_false(around(s, "wlan0").wifi_power_save);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_qdiscs),          kernel_test(test_another_tool_s_ifb),
                kernel_test(test_offloads),        kernel_test(test_speed),
                kernel_test(test_wifi_power_save),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
