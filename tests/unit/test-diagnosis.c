/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row a situation: the facts that differ from a link where all is well, and what
 * is found. */
#include "diagnosis.h"
#include "test.h"

#define MBIT UINT64_C(1000000)

static struct diagnosis_link on;
static struct diagnosis_facts facts;

/* A link that is shaped at 10/50 Mbit/s, with a call on it that fares well. */
static void all_is_well(void)
{
        const struct diagnosis_figures good = {
                .packets = 3000, .jitter_usec = 1500, .lost = 3, .bitrate_bps = 2 * MBIT};

        on = (struct diagnosis_link){
                .name = "auto",
                .interface = "eth0",
                .state = "active",
                .present = true,
                .rate_bps = {10 * MBIT, 50 * MBIT},
                .shaped = {true, true},
                .around = {.qdisc = "htb", .qdisc_ours = true, .speed_bps = 1000 * MBIT},
                .figures = {good, good},
        };
        facts = (struct diagnosis_facts){
                .mode = MODE_SHAPE,
                .kernel = {true, true, true, true, true},
                .links = &on,
                .n_links = 1,
        };
}

static void on_finding(const struct finding *f, void *userdata)
{
        char *text = userdata;
        size_t n = strlen(text);

        n += (size_t)sprintf(text + n, "%s %s", severity_to_string(f->severity), f->code);
        if (f->link)
                n += (size_t)sprintf(text + n, " %s", f->link);
        if (f->interface)
                n += (size_t)sprintf(text + n, "/%s", f->interface);
        for (size_t i = 0; i < FINDING_ARGUMENTS_MAX && f->arguments[i].name; i++) {
                const struct finding_argument *a = &f->arguments[i];

                n += (size_t)sprintf(text + n, " %s=", a->name);
                n += a->string ? (size_t)sprintf(text + n, "%s", a->string)
                               : (size_t)sprintf(text + n, "%" PRIu64, a->number);
        }
        (void)sprintf(text + n, "\n");
}

static void expect(const char *found)
{
        char text[4096] = "";

        diagnose(&facts, on_finding, text);
        assert_string_equal(text, found);
        all_is_well();
}

static void test_nothing(void **state)
{
        all_is_well();
        expect("");
}

static void test_kernel(void **state)
{
        all_is_well();
        facts.kernel = (struct kernel_capabilities){};
        on.shaped[P2S_OUTGOING] = on.shaped[P2S_INCOMING] = false;
        expect("error kernel-lacks Feature=bpf Module=cls_bpf Option=CONFIG_NET_CLS_BPF\n"
               "error kernel-lacks Feature=clsact Module=sch_ingress "
               "Option=CONFIG_NET_SCH_INGRESS\n"
               "warning kernel-lacks Feature=htb Module=sch_htb Option=CONFIG_NET_SCH_HTB\n"
               "warning kernel-lacks Feature=ifb Module=ifb Option=CONFIG_IFB\n"
               "warning kernel-lacks Feature=fq_codel Module=sch_fq_codel "
               "Option=CONFIG_NET_SCH_FQ_CODEL\n");
        facts.kernel.fq_codel = false;
        expect("warning kernel-lacks Feature=fq_codel Module=sch_fq_codel "
               "Option=CONFIG_NET_SCH_FQ_CODEL\n");
}

static void test_service(void **state)
{
        all_is_well();
        facts.mode = MODE_OFF;
        on.shaped[P2S_OUTGOING] = on.shaped[P2S_INCOMING] = false;
        on.around = (struct link_surroundings){.qdisc = "fq_codel"};
        expect("note mode-off\n");
        facts.n_links = 0;
        expect("warning no-link\n");
}

static void test_state_of_the_link(void **state)
{
        all_is_well();
        on.state = "absent";
        on.interface = "";
        on.present = false;
        expect("warning link-absent auto\n");
        on.state = "down";
        expect("note link-down auto/eth0\n");
        on.state = "failed";
        on.reason = "no";
        expect("error link-failed auto/eth0 Reason=no\n");

        on.state = "busy";
        on.reason = "htb 8001:";
        on.shaped[P2S_OUTGOING] = on.shaped[P2S_INCOMING] = false;
        on.around = (struct link_surroundings){.qdisc = "htb", .qdisc_set = true};
        expect("error link-busy auto/eth0 Reason=htb 8001: Qdisc=htb Owner=wondershaper\n");
}

static void test_rivals(void **state)
{
        static const struct {
                const char *ifb, *owner;
        } ifbs[] = {{"ifb4eth0", "sqm-scripts"}, {"ifb-eth0", "qosify"}, {"eth0-ifb", "FireQOS"}};

        for (size_t i = 0; i < ELEMENTSOF(ifbs); i++) {
                char text[256];

                all_is_well();
                (void)stpcpy(on.around.rival_ifb, ifbs[i].ifb);
                (void)sprintf(text, "warning foreign-ifb auto/eth0 Ifb=%s Owner=%s\n", ifbs[i].ifb,
                              ifbs[i].owner);
                expect(text);
        }

        on.around = (struct link_surroundings){.qdisc = "cake", .qdisc_set = true};
        expect("error qdisc-replaced auto/eth0 Qdisc=cake Owner=\n");
        on.around = (struct link_surroundings){.qdisc = "cake", .networkd_qdisc = true};
        expect("error qdisc-replaced auto/eth0 Qdisc=cake Owner=systemd-networkd\n"
               "warning networkd-qdisc auto/eth0\n");
        on.around.networkd_qdisc = true;
        expect("warning networkd-qdisc auto/eth0\n");

        /* it stands where we do not, and comes back */
        facts.mode = MODE_MARK;
        on.shaped[P2S_OUTGOING] = on.shaped[P2S_INCOMING] = false;
        on.around = (struct link_surroundings){.qdisc = "tbf", .qdisc_set = true};
        expect("note foreign-qdisc auto/eth0 Qdisc=tbf Owner=\n");
        /* what the kernel puts there is nobody's */
        facts.mode = MODE_MARK;
        on.shaped[P2S_OUTGOING] = on.shaped[P2S_INCOMING] = false;
        on.around = (struct link_surroundings){.qdisc = "fq_codel"};
        expect("");
}

static void test_hardware(void **state)
{
        all_is_well();
        on.around.offload[LINK_OFFLOAD_HW_TC] = true;
        on.around.offload[LINK_OFFLOAD_GRO_LIST] = true;
        on.around.wifi_power_save = true;
        expect("warning offload-bypasses auto/eth0 Feature=hw-tc-offload\n"
               "warning offload-merges auto/eth0 Feature=rx-gro-list\n"
               "warning wifi-power-save auto/eth0\n");
}

static void test_rates(void **state)
{
        all_is_well();
        on.rate_bps[P2S_INCOMING] = 0;
        on.shaped[P2S_INCOMING] = false;
        expect("warning rate-unknown auto/eth0 Direction=incoming\n");
        /* nobody shapes: nobody needs them */
        facts.mode = MODE_MONITOR;
        on.rate_bps[P2S_INCOMING] = 0;
        on.shaped[P2S_INCOMING] = on.shaped[P2S_OUTGOING] = false;
        on.around.qdisc_ours = false;
        expect("");
        on.rate_bps[P2S_OUTGOING] = 2000 * MBIT;
        expect("warning rate-above-speed auto/eth0 Direction=outgoing RateBps=2000000000 "
               "SpeedBps=1000000000\n");
        /* one lock for what eight queues were for; not below 1 Gbit/s, and not where it is marked
         */
        on.num_tx_queues = 8;
        expect("");
        on.num_tx_queues = 8;
        on.around.speed_bps = 10000 * MBIT;
        on.rate_bps[P2S_OUTGOING] = 1000 * MBIT;
        on.rate_bps[P2S_INCOMING] = 2500 * MBIT;
        expect("note one-queue auto/eth0 Direction=incoming RateBps=2500000000 Queues=8\n");
        on.num_tx_queues = 8;
        on.around.speed_bps = 10000 * MBIT;
        on.rate_bps[P2S_INCOMING] = 2500 * MBIT;
        on.shaped[P2S_INCOMING] = false;
        expect("");
        on.around.speed_bps = 10000 * MBIT;
        on.rate_bps[P2S_OUTGOING] = 2500 * MBIT;
        on.num_tx_queues = 1;
        expect("");
        /* a radio or a tunnel does not know */
        on.rate_bps[P2S_OUTGOING] = 2000 * MBIT;
        on.around.speed_bps = 0;
        expect("");
}

static void test_a_bottleneck_elsewhere(void **state)
{
        struct diagnosis_figures *in = &on.figures[P2S_INCOMING];
        struct diagnosis_figures *out = &on.figures[P2S_OUTGOING];

        all_is_well();
        in->jitter_usec = 30000;
        expect("warning bottleneck-elsewhere auto/eth0 JitterUsec=30000 LostPackets=3 "
               "BitrateBps=2000000\n");
        in->lost = 100;
        expect("warning bottleneck-elsewhere auto/eth0 JitterUsec=1500 LostPackets=100 "
               "BitrateBps=2000000\n");
        in->jitter_usec = 30000;
        in->bitrate_bps = 45 * MBIT;
        expect("warning rate-too-high auto/eth0 JitterUsec=30000 RateBps=50000000 "
               "BitrateBps=45000000\n");
        out->jitter_usec = 30000;
        expect("warning jitter-at-source auto/eth0 JitterUsec=30000 LostPackets=3\n");

        /* our own queue holds them up: that is what it is for */
        in->jitter_usec = 30000;
        in->backlog_bytes = 60000;
        expect("");
        in->jitter_usec = 30000;
        in->drops = 1;
        expect("");
        /* a handful of packets is no call */
        in->jitter_usec = 30000;
        in->packets = 100;
        expect("");
        /* measured alone, nothing can be said of queues */
        facts.mode = MODE_MONITOR;
        on.shaped[P2S_INCOMING] = on.shaped[P2S_OUTGOING] = false;
        on.around.qdisc_ours = false;
        in->jitter_usec = 30000;
        expect("");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nothing), cmocka_unit_test(test_kernel),
                cmocka_unit_test(test_service), cmocka_unit_test(test_state_of_the_link),
                cmocka_unit_test(test_rivals),  cmocka_unit_test(test_hardware),
                cmocka_unit_test(test_rates),   cmocka_unit_test(test_a_bottleneck_elsewhere),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
