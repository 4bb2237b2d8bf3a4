/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XDP on a link that forwards: where it stands, who else may stand there, and that
 * nothing is left of it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <sys/wait.h>

#include "netlink.h"
#include "sandbox.h"
#include "xdp-hook.h"

static const struct link_plan plan_xdp = {.classify = true, .xdp = true, .xdp_native = true},
                              plan_behind = {.classify = true, .xdp = true};

static void apply(struct sandbox *s, const struct link_plan *plan)
{
        _cleanup_free_ char *reason = NULL;

        if (kernel_linux.link_apply(s->link, plan, &reason) < 0)
                fail_msg("%s", reason);
}

/* The program that is on a link, and how; 0 = none. */
static uint32_t attached(const char *name, bool native)
{
        LIBBPF_OPTS(bpf_xdp_query_opts, opts);

        assert_int_equal(bpf_xdp_query((int)if_nametoindex(name), 0, &opts), 0);
        return native ? opts.drv_prog_id : opts.skb_prog_id;
}

static int foreign_program(void)
{
        struct bpf_insn pass[] = {
                {.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
                {.code = BPF_JMP | BPF_EXIT},
        };
        int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign", "GPL", pass, ELEMENTSOF(pass), NULL);

        assert_true(fd >= 0);
        return fd;
}

static void test_native(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = snapshot();
        uint32_t id;
        uint64_t n;

        sandbox_take(s, "v0");
        sandbox_classify(s);
        assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NONE);
        apply(s, &plan_xdp);
        assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NATIVE);
        id = attached("v0", true);
        assert_int_not_equal(id, 0);
        /* equal is not touched */
        n = kernel_linux.changes(s->kernel);
        apply(s, &plan_xdp);
        assert_int_equal(kernel_linux.changes(s->kernel), n);
        assert_int_equal(attached("v0", true), id);
        /* by "monitor", and by "off" */
        sandbox_classify(s);
        assert_int_equal(attached("v0", true), 0);
        assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NONE);
        apply(s, &plan_xdp);
        sandbox_off(s);
        assert_restored(s, before);
        /* and by an end that puts nothing back */
        apply(s, &plan_xdp);
        kernel_linux.link_free(TAKE_PTR(s->link));
        assert_int_equal(attached("v0", true), 0);
}

/* A driver that could is left alone unless it is asked for, and either takes the other's place. */
static void test_behind(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = snapshot();

        sandbox_take(s, "v0");
        for (unsigned i = 0; i < 2; i++) {
                uint64_t n;

                apply(s, &plan_behind);
                assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_GENERIC);
                assert_int_not_equal(attached("v0", false), 0);
                assert_int_equal(attached("v0", true), 0);
                n = kernel_linux.changes(s->kernel);
                apply(s, &plan_behind);
                assert_int_equal(kernel_linux.changes(s->kernel), n);
                apply(s, &plan_xdp);
                assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NATIVE);
                assert_int_not_equal(attached("v0", true), 0);
                assert_int_equal(attached("v0", false), 0);
        }
        sandbox_off(s);
        assert_restored(s, before);
}

/* But for a timer that runs. */
#define SHOW "ip -j -d link show %s | sed 's/\"gc_timer\":[0-9.]*//'"

/* A driver that knows no XDP (a bridge's), and one that has too few queues for it. */
static void test_generic(void **state)
{
        static const struct {
                const char *make, *name;
        } links[] = {
                {"ip link add br0 type bridge", "br0"},
                {"ip link add v2 numrxqueues 1 numtxqueues 1 type veth"
                 " peer name v3 numrxqueues 4 numtxqueues 4",
                 "v2"},
        };
        struct sandbox *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(links); i++) {
                _cleanup_free_ char *before = NULL;

                sh("%s && ip link set %s up", links[i].make, links[i].name);
                before = sh_output(SHOW, links[i].name);
                sandbox_take(s, links[i].name);
                apply(s, &plan_xdp);
                assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_GENERIC);
                assert_int_not_equal(attached(links[i].name, false), 0);
                assert_int_equal(attached(links[i].name, true), 0);
                sandbox_off(s);
                {
                        _cleanup_free_ char *after = sh_output(SHOW, links[i].name);

                        assert_string_equal(before, after);
                }
                kernel_linux.link_free(TAKE_PTR(s->link));
        }
}

static void on_event(enum kernel_event event, unsigned ifindex, void *userdata)
{
        bool *seen = userdata;

        *seen |= ifindex == if_nametoindex("v0");
}

/* Whether v0 is announced within a second. */
static bool announced(struct sandbox *s)
{
        struct pollfd p = {.fd = kernel_linux.event_fd(s->kernel), .events = POLLIN};
        const uint64_t until = now_usec() + USEC_PER_SEC;
        bool seen = false;

        while (!seen && now_usec() < until && poll(&p, 1, 100) >= 0)
                assert_int_equal(kernel_linux.dispatch(s->kernel, on_event, &seen), 0);
        return seen;
}

static void settle(struct sandbox *s)
{
        struct pollfd p = {.fd = kernel_linux.event_fd(s->kernel), .events = POLLIN};
        bool seen;

        while (poll(&p, 1, 50) > 0)
                assert_int_equal(kernel_linux.dispatch(s->kernel, on_event, &seen), 0);
}

/* Somebody's program stays as it is, in either mode; ours comes when it goes. */
static void test_busy(void **state)
{
        static const uint32_t modes[] = {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE};
        _cleanup_close_ int foreign = foreign_program();
        struct sandbox *s = *state;
        const int v0 = (int)if_nametoindex("v0");

        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                const bool native = modes[i] == XDP_FLAGS_DRV_MODE;
                _cleanup_free_ char *before = NULL;
                uint64_t n;
                uint32_t id;

                assert_int_equal(bpf_xdp_attach(v0, foreign, modes[i], NULL), 0);
                id = attached("v0", native);
                before = snapshot();
                sandbox_take(s, "v0");
                apply(s, &plan_xdp);
                assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_BUSY);
                assert_int_equal(attached("v0", native), id);
                sandbox_off(s);
                assert_restored(s, before);

                apply(s, &plan_xdp);
                settle(s);
                assert_int_equal(bpf_xdp_detach(v0, modes[i], NULL), 0);
                assert_true(announced(s));
                n = kernel_linux.changes(s->kernel);
                apply(s, &plan_xdp);
                assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NATIVE);
                /* which mends nothing */
                assert_int_equal(kernel_linux.changes(s->kernel), n);
                /* nobody takes its place by mistake */
                id = attached("v0", true);
                assert_true(bpf_xdp_attach(v0, foreign, modes[i], NULL) < 0);
                (void)bpf_xdp_detach(v0, modes[i], NULL);
                assert_int_equal(attached("v0", true), id);
                sandbox_off(s);
                kernel_linux.link_free(TAKE_PTR(s->link));
        }
}

/* As "bpftool link detach" does. */
static void tear_off(void)
{
        uint32_t id = 0;
        bool torn = false;

        while (bpf_link_get_next_id(id, &id) == 0) {
                _cleanup_close_ int fd = bpf_link_get_fd_by_id(id);
                struct bpf_link_info info = {};
                uint32_t size = sizeof(info);

                if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) < 0 ||
                    info.type != BPF_LINK_TYPE_XDP || info.prog_id != attached("v0", true))
                        continue;
                assert_int_equal(bpf_link_detach(fd), 0);
                torn = true;
                break;
        }
        assert_true(torn);
}

static void test_torn_off(void **state)
{
        struct sandbox *s = *state;
        uint64_t n;

        sandbox_take(s, "v0");
        apply(s, &plan_xdp);
        assert_false(kernel_linux.link_torn(s->link));
        tear_off();
        assert_true(kernel_linux.link_torn(s->link));
        assert_int_equal(attached("v0", true), 0);
        n = kernel_linux.changes(s->kernel);
        apply(s, &plan_xdp);
        assert_int_not_equal(attached("v0", true), 0);
        assert_false(kernel_linux.link_torn(s->link));
        assert_int_equal(kernel_linux.changes(s->kernel), n + 1);
        sandbox_off(s);
}

/* A change that fails anywhere, or dies, leaves the hook as it was. */
static void test_fail(void **state)
{
        static const struct link_plan off, classify = {.classify = true};
        static const struct link_plan *const plans[] = {
                &off, &plan_xdp, &classify, &plan_xdp, &plan_behind, &plan_xdp, &off};
        struct sandbox *s = *state;

        sandbox_take(s, "v0");
        for (size_t i = 0; i + 1 < ELEMENTSOF(plans); i++) {
                _cleanup_free_ char *before = snapshot();
                const enum kernel_xdp was = kernel_linux.link_xdp(s->link);

                for (unsigned n = 1;; n++) {
                        _cleanup_free_ char *after = NULL, *reason = NULL;
                        int r;

                        netlink_fail_at(n, false);
                        r = kernel_linux.link_apply(s->link, plans[i + 1], &reason);
                        netlink_fail_at(0, false);
                        if (r >= 0)
                                break;
                        assert_int_equal(r, -EIO);
                        assert_non_null(strstr(reason, "v0"));
                        assert_int_equal(kernel_linux.link_xdp(s->link), was);
                        after = snapshot();
                        assert_same(before, after);
                }
                assert_int_equal(kernel_linux.link_xdp(s->link),
                                 plans[i + 1]->xdp_native ? KERNEL_XDP_NATIVE
                                 : plans[i + 1]->xdp      ? KERNEL_XDP_GENERIC
                                                          : KERNEL_XDP_NONE);
        }
}

/* However the process ends: there is nothing for anybody to clear up. */
static void test_killed(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = snapshot(), *reason = NULL;
        Kernel *fresh = NULL;
        int status, told[2];
        unsigned links;
        pid_t pid;
        char c;

        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
        assert_int_equal(pipe(told), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                char *why = NULL;

                if (kernel_linux.link_take(s->kernel, &s->facts, KERNEL_TAKE_ALL, &s->link, &why) <
                            0 ||
                    kernel_linux.link_apply(s->link, &plan_xdp, &why) < 0 ||
                    write(told[1], "", 1) != 1)
                        _exit(1);
                (void)pause();
                _exit(0);
        }
        (void)close(told[1]);
        assert_int_equal(read(told[0], &c, 1), 1);
        (void)close(told[0]);
        assert_int_not_equal(attached("v0", true), 0);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(attached("v0", true), 0);

        assert_int_equal(kernel_linux.open(s->dir, &fresh), 0);
        if (kernel_linux.revert(fresh, &links, &reason) < 0)
                fail_msg("%s", reason);
        assert_int_equal(links, 1);
        kernel_linux.close(fresh);
        assert_restored(s, before);
}

/* The link goes to another namespace with the program, and the program comes off. */
static void test_vanished(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *reason = NULL;

        sandbox_take(s, "v0");
        apply(s, &plan_xdp);
        sh("ip link del v0");
        assert_int_equal(kernel_linux.link_apply(s->link, &plan_xdp, &reason), -ENODEV);
        sandbox_off(s);
        kernel_linux.link_free(TAKE_PTR(s->link));
        sandbox_enter(s);
        sandbox_take(s, "v0");
        apply(s, &plan_xdp);
        assert_int_equal(kernel_linux.link_xdp(s->link), KERNEL_XDP_NATIVE);
        sandbox_off(s);
}

/* What neither driver nor kernel takes is asked of them once. */
static void test_refused(void **state)
{
        _cleanup_close_ int no_program = open("/dev/null", O_RDONLY | O_CLOEXEC);
        const struct link_view link = {.ifindex = if_nametoindex("v0"), .name = "v0"};
        struct xdp_hook hook = {};
        uint64_t n;

        assert_int_equal(xdp_hook_set(&hook, &link, no_program, no_program), 0);
        assert_int_equal(hook.state, KERNEL_XDP_REFUSED);
        n = netlink_changes();
        assert_int_equal(xdp_hook_set(&hook, &link, no_program, no_program), 0);
        assert_int_equal(hook.state, KERNEL_XDP_REFUSED);
        assert_int_equal(netlink_changes(), n);
        assert_int_equal(xdp_hook_remove(&hook), 0);
        assert_int_equal(hook.state, KERNEL_XDP_NONE);
}

/* Which links forward is seen, and told, one by one and for all. */
static void test_forwarding(void **state)
{
        static const char *const families[] = {"ipv4", "ipv6"};
        struct sandbox *s = *state;
        struct link_facts facts;

        for (size_t i = 0; i < ELEMENTSOF(families); i++)
                for (unsigned all = 0; all < 2; all++)
                        for (int on = 1; on >= 0; on--) {
                                settle(s);
                                sh("echo %d >/proc/sys/net/%s/conf/%s/forwarding", on, families[i],
                                   all ? "all" : "v0");
                                assert_true(announced(s));
                                assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &facts),
                                                 0);
                                assert_int_equal(facts.forwards, on);
                                assert_int_equal(kernel_linux.link_facts(s->kernel, "v1", &facts),
                                                 0);
                                assert_int_equal(facts.forwards, on && all);
                        }
}

/* Whether there is a link of hardware that packets of v0's may leave by; a macvlan counts as
 * one, whatever it is made of, but not one of v0. */
static void test_leads_on(void **state)
{
        static const struct {
                const char *change;
                bool leads_on;
        } steps[] = {
                {"ip link set v1 up", false},
                {"echo 1 >/proc/sys/net/ipv4/conf/all/forwarding", false},
                /* containers */
                {"ip link add docker0 type bridge && ip link set docker0 up &&"
                 " ip link add c0 type veth peer name c1 && ip link set c0 master docker0 up &&"
                 " ip link set c1 up",
                 false},
                {"ip link add link v1 name lan type macvlan", false}, /* down */
                {"ip link add link v0 name twin type macvlan && ip link set twin up", false},
                {"ip link del twin", false},
                {"ip link set lan up", true},
                {"echo 0 >/proc/sys/net/ipv4/conf/lan/forwarding", false},
                {"echo 1 >/proc/sys/net/ipv4/conf/lan/forwarding", true},
                /* a second line */
                {"ip addr add 192.0.2.1/24 dev lan && ip route add default via 192.0.2.9", false},
                {"ip route del default", true},
                /* the port of a router's bridge */
                {"ip link set lan master docker0", true},
                {"ip route add default dev docker0", false},
                {"ip route del default", true},
                {"ip link del lan", false},
        };
        struct sandbox *s = *state;
        struct link_facts facts;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                uint64_t until = now_usec() + 2 * USEC_PER_SEC;

                settle(s);
                sh("%s", steps[i].change);
                do /* carriers take a moment */
                        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &facts), 0);
                while (facts.leads_on != steps[i].leads_on && now_usec() < until);
                if (facts.leads_on != steps[i].leads_on)
                        fail_msg("after %s", steps[i].change);
        }
        /* one that is the link itself */
        sh("ip link add link v1 name lan type macvlan && ip link set lan up master docker0");
        assert_int_equal(kernel_linux.link_facts(s->kernel, "docker0", &facts), 0);
        assert_false(facts.leads_on);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_native),     kernel_test(test_generic),
                kernel_test(test_busy),       kernel_test(test_torn_off),
                kernel_test(test_fail),       kernel_test(test_killed),
                kernel_test(test_vanished),   kernel_test(test_refused),
                kernel_test(test_forwarding), kernel_test(test_behind),
                kernel_test(test_leads_on),
        };

        sandbox_require();
        return cmocka_run_group_tests_name("xdp-hook", tests, NULL, NULL);
}
