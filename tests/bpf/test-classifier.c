// SPDX-License-Identifier: GPL-2.0-or-later
/* What loads and reads the programs for p2sd. */
#include "harness.h"

#include "classifier.h"

/* The loader that p2sd has: one map of ports for all links, settings at once. */
static void two_links_share_the_ports(void **state)
{
        _cleanup_(classifier_shared_freep) ClassifierShared *ports = NULL;
        _cleanup_(classifier_freep) Classifier *a = NULL, *b = NULL;
        struct kernel_ports *p = calloc(1, sizeof(*p));
        struct p2s_settings settings = {};
        Classifier *both[2];

        assert_non_null(p);
        assert_int_equal(classifier_shared_new(&ports), 0);
        assert_int_equal(classifier_new(ports, true, &a, NULL), 0);
        assert_int_equal(classifier_new(ports, false, &b, NULL), 0);
        p->class[5004] = P2S_CLASS_VOICE;
        classifier_shared_set_ports(ports, p);
        free(p);
        settings.priority[P2S_OUTGOING][P2S_QUEUE_VOICE] = 5;
        both[0] = a, both[1] = b;
        for (unsigned i = 0; i < 2; i++) {
                struct packet_spec s = {.framing = i ? FRAME_RAW_IP : FRAME_PLAIN,
                                        .version = 6,
                                        .sport = 5004,
                                        .payload = "voice",
                                        .payload_size = 5};
                uint8_t data[PACKET_MAX];
                struct __sk_buff out = {};
                LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data,
                            .data_size_in = (uint32_t)packet_build(&s, data), .ctx_out = &out,
                            .ctx_size_out = sizeof(out));
                struct kernel_flow *flows;
                struct p2s_totals t;
                size_t n;

                classifier_settings(both[i], &settings);
                assert_int_equal(
                        bpf_prog_test_run_opts(classifier_program_fd(both[i], P2S_OUTGOING), &opts),
                        0);
                assert_int_equal(out.priority, 5);
                assert_int_equal(classifier_totals(both[i], &t), 0);
                assert_int_equal(t.of[P2S_OUTGOING][P2S_CLASS_VOICE].packets, 1);
                assert_int_equal(classifier_flows(both[i], &flows, &n), 0);
                assert_int_equal(n, 1);
                assert_int_equal(flows[0].flow.rule, P2S_RULE_PORT);
                assert_int_equal(classifier_forget(both[i], &flows[0].key), 0);
                free(flows);
                assert_int_equal(classifier_flows(both[i], &flows, &n), 0);
                assert_int_equal(n, 0);
                free(flows);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_links_share_the_ports),
        };

        harness_check();
        return cmocka_run_group_tests_name("classifier", tests, NULL, NULL);
}
