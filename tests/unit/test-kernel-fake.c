/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The made-up kernel does what its words and events say, as the real one would. */
#include <fcntl.h>

#include "files.h"
#include "kernel.h"

static const struct kernel_ops *const ops = &kernel_fake;

struct heard {
        unsigned changes, calls, ifindex;
};

static void on_event(enum kernel_event event, unsigned ifindex, void *userdata)
{
        struct heard *h = userdata;

        h->changes += event == KERNEL_LINK_CHANGED;
        h->calls += event == KERNEL_CALL_BEGAN;
        h->ifindex = ifindex;
}

static Kernel *open_fake(const char *words)
{
        Kernel *k = NULL;

        assert_int_equal(setenv("P2S_FAKE", words, 1), 0);
        assert_int_equal(ops->open(top, &k), 0);
        return k;
}

/* As a test would, by the FIFO. */
static struct heard say(Kernel *k, const char *line)
{
        struct heard heard = {};
        int fd = open(path_of("fake-events"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, line, strlen(line)), strlen(line));
        assert_int_equal(write(fd, "\n", 1), 1);
        assert_int_equal(close(fd), 0);
        assert_int_equal(ops->dispatch(k, on_event, &heard), 0);
        return heard;
}

static void test_what_a_kernel_lacks(void **state)
{
        static const char *const words[] = {"no-bpf", "no-clsact", "no-ifb", "no-htb",
                                            "no-fq_codel"};

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                struct kernel_capabilities c;
                Kernel *k = open_fake(words[i]);

                assert_int_equal(ops->probe(k, &c), 0);
                assert_int_equal(c.bpf, i != 0);
                assert_int_equal(c.clsact, i != 1);
                assert_int_equal(c.ifb, i != 2);
                assert_int_equal(c.htb, i != 3);
                assert_int_equal(c.fq_codel, i != 4);
                ops->close(k);
        }
}

static void test_links_come_and_go(void **state)
{
        Kernel *k = open_fake("eth0 down:eth1 eth0 a-name-that-is-too-long");
        struct default_link first;
        struct link_facts facts;
        unsigned ifindex;

        assert_int_equal(ops->default_link(k, &first), 0);
        assert_string_equal(first.name, "eth0");
        assert_int_equal(ops->link_facts(k, "eth1", &facts), 0);
        assert_false(facts.up);
        assert_int_equal(say(k, "up eth1").ifindex, facts.ifindex);
        assert_int_equal(ops->link_facts(k, "eth1", &facts), 0);
        assert_true(facts.up);
        ifindex = facts.ifindex;

        assert_int_equal(say(k, "remove eth1").changes, 1);
        assert_int_equal(ops->link_facts(k, "eth1", &facts), -ENODEV);
        assert_int_equal(say(k, "add eth1").changes, 1);
        assert_int_equal(ops->link_facts(k, "eth1", &facts), 0);
        assert_int_not_equal(facts.ifindex, ifindex);
        assert_int_equal(say(k, "down nobody").changes, 0);
        assert_int_equal(say(k, "nonsense").changes, 0);
        assert_int_equal(say(k, "call eth1").calls, 1);

        assert_int_equal(say(k, "default eth1").changes, 1);
        assert_int_equal(ops->default_link(k, &first), 0);
        assert_string_equal(first.name, "eth1");
        assert_int_equal(say(k, "default nobody").changes, 1);
        assert_int_equal(ops->default_link(k, &first), -ENODEV);
        ops->close(k);
}

static void test_gateway(void **state)
{
        Kernel *k = open_fake("eth0");
        struct link_gateway g;
        struct link_facts facts;

        assert_int_equal(ops->link_facts(k, "eth0", &facts), 0);
        assert_int_equal(ops->link_gateway(k, facts.ifindex, &g), -ENODEV);
        (void)say(k, "router-00 eth0");
        assert_int_equal(ops->link_gateway(k, facts.ifindex, &g), 0);
        assert_string_equal(g.address, "192.0.2.254");
        assert_int_equal(g.n_hardware, 0);
        (void)say(k, "router-2a eth0");
        assert_int_equal(ops->link_gateway(k, facts.ifindex, &g), 0);
        assert_int_equal(g.n_hardware, 6);
        assert_int_equal(g.hardware[5], 0x2a);
        ops->close(k);
}

/* What cannot be taken, or fails, changes nothing; all of it says why. */
static void test_busy_and_failing(void **state)
{
        const struct link_plan shape = {.classify = true, .outgoing = {.present = true}}, none = {};
        Kernel *k = open_fake("busy:eth0 failing:eth1 eth2 no-calls");
        struct link_surroundings around;
        struct link_facts facts;
        struct kernel_flow *flows;
        KernelLink *l;
        char *why = NULL;
        uint64_t changes;
        size_t n = 1;

        assert_int_equal(ops->link_facts(k, "eth0", &facts), 0);
        assert_int_equal(ops->link_surroundings(k, "eth0", &around), 0);
        assert_true(around.qdisc_set);
        assert_int_equal(ops->link_surroundings(k, "nobody", &around), -ENODEV);
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_ALL, &l, &why), -EBUSY);
        assert_non_null(strstr(why, "eth0"));
        free(TAKE_PTR(why));
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_BUT_ROOT, &l, &why), 0);
        assert_null(why);
        changes = ops->changes(k);
        assert_int_equal(ops->link_apply(l, &shape, &why), -EBUSY);
        assert_int_equal(ops->changes(k), changes);
        assert_non_null(why);
        free(TAKE_PTR(why));
        ops->link_free(l);

        assert_int_equal(ops->link_facts(k, "eth1", &facts), 0);
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_ALL, &l, &why), 0);
        assert_int_equal(ops->link_apply(l, &shape, &why), -EIO);
        assert_non_null(strstr(why, "eth1"));
        free(TAKE_PTR(why));
        assert_int_equal(ops->link_apply(l, &none, &why), 0);
        ops->link_free(l);

        assert_int_equal(ops->link_facts(k, "eth2", &facts), 0);
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_ALL, &l, &why), 0);
        assert_int_equal(ops->link_apply(l, &shape, &why), 0);
        changes = ops->changes(k);
        assert_int_equal(ops->link_apply(l, &shape, &why), 0);
        assert_int_equal(ops->changes(k), changes);
        (void)say(k, "touch eth2");
        assert_int_equal(ops->link_apply(l, &shape, &why), 0);
        assert_int_equal(ops->changes(k), changes + 1);
        assert_int_equal(ops->link_flows(l, &flows, &n), 0);
        assert_int_equal(n, 0);
        (void)say(k, "remove eth2");
        assert_int_equal(ops->link_apply(l, &shape, &why), -ENODEV);
        assert_int_equal(ops->link_apply(l, &none, &why), 0);
        ops->link_free(l);
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_ALL, &l, &why), -ENODEV);
        ops->close(k);
}

static void test_a_flow_is_forgotten(void **state)
{
        const struct link_plan plan = {.classify = true};
        Kernel *k = open_fake("eth0");
        struct kernel_flow *flows;
        struct link_facts facts;
        char *why = NULL;
        KernelLink *l;
        size_t n = 0;

        assert_int_equal(ops->link_facts(k, "eth0", &facts), 0);
        assert_int_equal(ops->link_take(k, &facts, KERNEL_TAKE_ALL, &l, &why), 0);
        assert_int_equal(ops->link_apply(l, &plan, &why), 0);
        for (unsigned i = 0; i < 600 && n == 0; i++) { /* the first packets take their time */
                (void)usleep(50000);
                assert_int_equal(ops->link_flows(l, &flows, &n), 0);
                if (n == 0)
                        free(flows);
        }
        assert_true(n > 0);
        assert_int_equal(ops->link_forget(l, &flows[0].key), 0);
        assert_int_equal(ops->link_forget(l, &flows[0].key), -ENOENT);
        free(flows);
        ops->link_free(l);
        ops->close(k);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_a_kernel_lacks, setup, teardown),
                cmocka_unit_test_setup_teardown(test_links_come_and_go, setup, teardown),
                cmocka_unit_test_setup_teardown(test_gateway, setup, teardown),
                cmocka_unit_test_setup_teardown(test_busy_and_failing, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_flow_is_forgotten, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
