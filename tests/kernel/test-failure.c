/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A change that fails at any message leaves everything as before the call; a
 * process that dies at any message leaves what the next one can clear up. */
#include "netlink.h"
#include "sandbox.h"

#define MBPS UINT64_C(1000000)

/* More messages than any change takes. */
#define MESSAGES_MAX 200

typedef void (*setup_t)(struct sandbox *s);

static void setup_default(struct sandbox *s)
{
}

static void setup_user(struct sandbox *s)
{
        sh("tc qdisc replace dev v0 root handle 1: tbf rate 3mbit burst 10k limit 30000 &&"
           " tc qdisc add dev v0 clsact && ip link set v0 gso_max_segs 60 &&"
           " tc filter add dev v0 ingress prio 10 u32 match u32 0 0 flowid 1:1 &&"
           " tc filter add dev v0 egress prio 50000 u32 match u32 0 0 flowid 1:4");
}

static void setup_ingress(struct sandbox *s)
{
        sh("tc qdisc replace dev v0 root handle 7: bfifo limit 12345 && tc qdisc add dev v0 "
           "ingress");
}

static void setup_queues(struct sandbox *s)
{
        if (sh_try("tc qdisc replace dev v0 root handle 10: mq"))
                sh("tc qdisc replace dev v0 parent 10:1 handle 1: pfifo limit 5");
}

static const struct {
        const char *name;
        setup_t run;
        size_t n_changes; /* how many of the changes below are tried on it */
} setups[] = {
        {"default", setup_default, 2},
        {"user's", setup_user, 6},
        {"ingress", setup_ingress, 2},
        {"queues", setup_queues, 4},
};

/* Changes from one plan to another. */
static const struct {
        const char *name;
        bool from_classify, to_classify;
        uint64_t from[2], to[2];
} changes[] = {
        {"off to shape", .to_classify = true, .to = {10 * MBPS, 50 * MBPS}},
        {"shape to off", .from_classify = true, .from = {10 * MBPS, 50 * MBPS}},
        {"monitor to shape", true, true, .to = {10 * MBPS, 50 * MBPS}},
        {"shape to monitor", true, true, .from = {10 * MBPS, 50 * MBPS}},
        {"rates", true, true, .from = {10 * MBPS, 50 * MBPS}, .to = {2 * MBPS, 900 * MBPS}},
        {"up to down", true, true, .from = {10 * MBPS, 0}, .to = {0, 50 * MBPS}},
};

static struct link_plan plan_of(const struct sandbox *s, bool classify, const uint64_t rate[2])
{
        if (!classify)
                return (struct link_plan){};
        if (rate[0] == 0 && rate[1] == 0)
                return (struct link_plan){.classify = true};
        return sandbox_plan(s, rate[0], rate[1]);
}

static void must_apply(struct sandbox *s, const struct link_plan *plan)
{
        _cleanup_free_ char *reason = NULL;

        if (kernel_linux.link_apply(s->link, plan, &reason) < 0)
                fail_msg("%s", reason);
}

static unsigned fail_everywhere(struct sandbox *s, const struct link_plan *from,
                                const struct link_plan *to)
{
        _cleanup_free_ char *before = snapshot_numberless();
        _cleanup_free_ char *files = sh_output("cat %s/* 2>/dev/null", s->dir);
        unsigned n;

        for (n = 1; n < MESSAGES_MAX; n++) {
                _cleanup_free_ char *after = NULL, *reason = NULL, *files_after = NULL;
                int r;

                netlink_fail_at(n, false);
                r = kernel_linux.link_apply(s->link, to, &reason);
                if (!netlink_failed()) {
                        netlink_fail_at(0, false);
                        assert_int_equal(r, 0);
                        break;
                }
                assert_int_equal(r, -EIO);
                assert_non_null(reason);
                assert_non_null(strstr(reason, "v0"));
                if (strstr(reason, "; then cannot"))
                        fail_msg("%u: %s", n, reason);
                after = snapshot_numberless();
                files_after = sh_output("cat %s/* 2>/dev/null", s->dir);
                assert_same(before, after);
                assert_string_equal(files, files_after);
        }
        /* and back again, so that the next one begins where this one did */
        must_apply(s, from);
        return n - 1;
}

static void test_fail(void **state)
{
        struct sandbox *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(setups); i++) {
                for (size_t c = 0; c < setups[i].n_changes; c++) {
                        _cleanup_free_ char *before = NULL;
                        struct link_plan from, to;
                        unsigned n;

                        sandbox_leave(s);
                        sandbox_enter(s);
                        setups[i].run(s);
                        before = snapshot();
                        sandbox_take(s, "v0");
                        from = plan_of(s, changes[c].from_classify, changes[c].from);
                        to = plan_of(s, changes[c].to_classify, changes[c].to);
                        must_apply(s, &from);
                        n = fail_everywhere(s, &from, &to);
                        print_message("%s, %s: %u changes by netlink\n", setups[i].name,
                                      changes[c].name, n);
                        assert_true(n >= 2);
                        sandbox_off(s);
                        assert_restored(s, before);
                }
        }
}

enum cure { TAKE_AND_OFF, TAKE_SHAPE_AND_OFF, REVERT, CURES };

/* As another process does: this one's kernel knows nothing of the child's link. */
static void cure_it(struct sandbox *s, enum cure cure, const struct link_plan *shape)
{
        _cleanup_free_ char *reason = NULL;
        Kernel *fresh = NULL;
        unsigned links;

        if (cure == REVERT) {
                assert_int_equal(kernel_linux.open(s->dir, &fresh), 0);
                if (kernel_linux.revert(fresh, &links, &reason) < 0)
                        fail_msg("%s", reason);
                kernel_linux.close(fresh);
                assert_true(links <= 1);
                return;
        }
        sandbox_take(s, "v0");
        if (cure == TAKE_SHAPE_AND_OFF)
                must_apply(s, shape);
        sandbox_off(s);
        kernel_linux.link_free(TAKE_PTR(s->link));
}

static void test_die(void **state)
{
        struct sandbox *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(setups); i++) {
                _cleanup_free_ char *before = NULL;
                struct link_plan shape;

                sandbox_leave(s);
                sandbox_enter(s);
                setups[i].run(s);
                before = snapshot();
                assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
                shape = sandbox_plan(s, 10 * MBPS, 50 * MBPS);
                for (size_t c = 0; c < setups[i].n_changes; c++) {
                        const struct link_plan from =
                                plan_of(s, changes[c].from_classify, changes[c].from);
                        const struct link_plan to =
                                plan_of(s, changes[c].to_classify, changes[c].to);
                        bool died = true;
                        unsigned n;

                        for (n = 1; died && n < MESSAGES_MAX; n++) {
                                died = sandbox_die_at(s, n, &from, &to);
                                cure_it(s, (enum cure)(n % CURES), &shape);
                                assert_restored(s, before);
                        }
                        print_message("%s, %s: died %u times\n", setups[i].name, changes[c].name,
                                      n - 2);
                }
        }
}

/* The record is lost, or full of rubbish: what is left is known by its marks. */
static void test_record_lost(void **state)
{
        static const char *const harm[] = {
                "rm -f *",
                "for f in *; do : > $f; done",
                "for f in *; do head -c 100 $f > x$$ && mv x$$ $f; done",
                "for f in *; do head -c 4000 /dev/urandom > $f; done",
                "for f in *; do sed -i s/[0-9]/z/g $f; done",
        };
        struct sandbox *s = *state;

        for (size_t i = 0; i < ELEMENTSOF(harm) * 2; i++) {
                _cleanup_free_ char *before = NULL, *after = NULL, *command = NULL;
                struct link_plan shape, none = {};

                sandbox_leave(s);
                sandbox_enter(s);
                before = snapshot();
                assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
                shape = sandbox_plan(s, 0, 50 * MBPS);
                shape.outgoing = sandbox_plan(s, 10 * MBPS, 0).outgoing;
                shape.gso_max_segs = shape.gro_max_size = 0;
                assert_false(sandbox_die_at(s, MESSAGES_MAX, &none, &shape));
                if (asprintf(&command, "cd %s && %s", s->dir, harm[i / 2]) < 0)
                        abort();
                sh("%s", command);
                cure_it(s, i % 2 ? REVERT : TAKE_AND_OFF, &shape);
                after = snapshot();
                assert_same(before, after);
                if (i % 2 || i < 2)
                        assert_no_trace(s);
        }
}

/* A record of a link that is no more. */
static void test_link_gone_after_crash(void **state)
{
        struct sandbox *s = *state;
        struct link_plan shape, none = {};

        assert_int_equal(kernel_linux.link_facts(s->kernel, "v0", &s->facts), 0);
        shape = sandbox_plan(s, 10 * MBPS, 50 * MBPS);
        assert_false(sandbox_die_at(s, MESSAGES_MAX, &none, &shape));
        sh("ip link del v0");
        cure_it(s, REVERT, &shape);
        assert_no_trace(s);
}

/* Nothing of ours is anywhere, but much of others'. */
static void test_revert_nothing(void **state)
{
        struct sandbox *s = *state;
        _cleanup_free_ char *before = NULL, *after = NULL, *reason = NULL;
        unsigned links = 7;

        setup_user(s);
        sh("tc qdisc add dev v1 root handle 1: htb default 20 &&"
           " tc class add dev v1 parent 1: classid 1:1 htb rate 1mbit && ip link add ifb7 type ifb "
           "&&"
           " ip link add p2s-9 type ifb && ip link set p2s-9 alias mine");
        before = snapshot();
        assert_int_equal(kernel_linux.revert(s->kernel, &links, &reason), 0);
        assert_int_equal(links, 0);
        after = snapshot();
        assert_same(before, after);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                kernel_test(test_fail),           kernel_test(test_die),
                kernel_test(test_record_lost),    kernel_test(test_link_gone_after_crash),
                kernel_test(test_revert_nothing),
        };

        sandbox_require();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
