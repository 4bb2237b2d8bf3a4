/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody else took away or changed stands again; a link that goes, or gets another
 * name. */
#include "frames.h"

#define MBPS UINT64_C(1000000)

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What was made anew is listed in another order. */
static char *sorted(char *text)
{
        char *lines[512] = {}, *line, *state = NULL, *all = NULL;
        size_t n = 0, size;
        FILE *f;

        for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
                assert_true(n < ELEMENTSOF(lines));
                lines[n++] = line;
        }
        qsort(lines, n, sizeof(*lines), by_text);
        f = open_memstream(&all, &size);
        assert_non_null(f);
        for (size_t i = 0; i < n; i++)
                (void)fprintf(f, "%s\n", lines[i]);
        (void)fclose(f);
        free(text);
        return all;
}

/* Whatever somebody took away or changed is there again after the next apply. */
static void test_mend(void **state)
{
        static const char *const harm[] = {
                "tc qdisc del dev v0 root",
                "tc qdisc replace dev v0 root handle 2: pfifo limit 3",
                "tc qdisc del dev v0 clsact",
                "ip link del $(ip -br link show type ifb | cut -d' ' -f1)",
                "ip link set $(ip -br link show type ifb | cut -d' ' -f1) down",
                "ip link set $(ip -br link show type ifb | cut -d' ' -f1) mtu 1290",
                "tc filter del dev v0 egress",
                "tc filter del dev v0 ingress",
                "tc filter del dev v0 ingress prio 65535",
                "tc class del dev v0 classid 1:10",
                "tc qdisc del dev v0 parent 1:20",
                "tc class change dev v0 parent 1:1 classid 1:20 htb rate 1mbit ceil 2mbit",
                "tc qdisc del dev $(ip -br link show type ifb | cut -d' ' -f1) root",
                "ip link set v0 gso_max_segs 17",
                "ip link set v0 down; sleep 0.05; ip link set v0 up; for i in $(seq 200); do"
                " ip link show v1 | grep -q 'state UP' && break; sleep 0.02; done",
                "ip link set v0 mtu 1300",
        };
        struct sandbox *s = *state;
        _cleanup_close_ int v0 = packet_socket("v0"), v1 = packet_socket("v1");

        for (size_t i = 0; i < ELEMENTSOF(harm); i++) {
                _cleanup_free_ char *before = NULL, *shaped = NULL, *after = NULL;
                uint32_t got = 0;

                before = snapshot_numberless();
                sandbox_take(s, "v0");
                sandbox_shape(s, 10 * MBPS, 50 * MBPS);
                shaped = sorted(snapshot_numberless());
                if (!sh_try("%s", harm[i]))
                        print_message("not here: %s\n", harm[i]);
                sandbox_shape(s, 10 * MBPS, 50 * MBPS);
                after = sorted(snapshot_numberless());
                if (strstr(harm[i], "v0 mtu"))
                        sh("ip link show type ifb | grep -q 'mtu 1300'");
                else
                        assert_same(shaped, after);
                send_one(v0, 0, 214, 0);
                receive_until(v1, &got, 1);
                got = 0;
                send_one(v1, 0, 214, 0);
                receive_until(v0, &got, 1);
                sandbox_off(s);
                kernel_linux.link_free(TAKE_PTR(s->link));
                if (strstr(harm[i], "v0 mtu"))
                        sh("ip link set v0 mtu 1500");
                if (strstr(harm[i], "pfifo limit 3")) {
                        sh("tc qdisc show dev v0 root | grep -q 'pfifo 2: .* limit 3p'");
                        sh("tc qdisc del dev v0 root");
                }
                free(TAKE_PTR(after));
                after = snapshot_numberless();
                assert_same(before, after);
                assert_no_trace(s);
        }
}

/* The link is gone: putting back succeeds and nothing is left of it. */
static void test_link_removed(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *reason = NULL;
        struct link_plan plan;

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        sh("ip link del v0");
        plan = sandbox_plan(s, 11 * MBPS, 50 * MBPS);
        assert_int_equal(kernel_linux.link_apply(s->link, &plan, &reason), -ENODEV);
        sandbox_off(s);
        assert_no_trace(s);
}

static void test_link_renamed(void **state)
{
        struct sandbox *s = *state;

        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        sh("ip link set v0 down && ip link set v0 name new0 && ip link set new0 up");
        sandbox_shape(s, 11 * MBPS, 50 * MBPS);
        sandbox_restart(s);
        sandbox_take(s, "new0");
        sandbox_off(s);
        assert_no_trace(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_mend),
                kernel_test(test_link_removed),
                kernel_test(test_link_renamed),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
