/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long it takes until everything is in force, and until it is gone again, and
 * how long a shell script of tc and ip takes for the very same.  Both in turn in
 * one namespace; the script attaches the same programs, pinned for it.
 *
 * Taking down counts until the IFB is gone for everybody; the kernel's own wait for
 * its last readers, which the script's "ip link del" sits through, goes on in a
 * thread.  Fails where any of it takes more than a fifth of the script's time. */
#include <bpf/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "classifier.h"
#include "netlink.h"
#include "sandbox.h"
#include "shaper-netlink.h"

#define ROUNDS 21
#define MBPS   UINT64_C(1000000)

static int by_size(const void *a, const void *b)
{
        const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return x < y ? -1 : x > y;
}

static uint64_t median(uint64_t *values, size_t n)
{
        qsort(values, n, sizeof(*values), by_size);
        return values[n / 2];
}

static void print_class(FILE *f, const char *dev, const char *parent, const struct shaper_class *c)
{
        (void)fprintf(f,
                      "tc class add dev %s parent %s classid 1:%x htb rate %llubit ceil %llubit"
                      " burst %u cburst %u quantum %u prio %u\n",
                      dev, parent, c->minor, (unsigned long long)c->rate_bps,
                      (unsigned long long)c->ceil_bps, c->burst, c->cburst, c->quantum, c->prio);
}

static void print_tree(FILE *f, const char *dev, const struct shaper_tree *t)
{
        (void)fprintf(f, "tc qdisc replace dev %s root handle 1: htb default 20\n", dev);
        print_class(f, dev, "1:", &t->root);
        for (enum p2s_queue q = 0; q < _P2S_QUEUE_MAX; q++) {
                const struct shaper_leaf *l = &t->leaf[q];

                print_class(f, dev, "1:1", &t->class[q]);
                (void)fprintf(f, "tc qdisc add dev %s parent 1:%x handle %x: ", dev,
                              t->class[q].minor, t->class[q].minor);
                if (l->aqm == SHAPER_AQM_BFIFO)
                        (void)fprintf(f, "bfifo limit %u\n", l->limit_bytes);
                else
                        (void)fprintf(f,
                                      "fq_codel limit %u flows %u target %uus interval %uus"
                                      " quantum %u memory_limit %u %s\n",
                                      l->limit_packets, l->flows, l->target_usec, l->interval_usec,
                                      l->quantum, l->memory_limit, l->ecn ? "ecn" : "noecn");
        }
}

static void write_scripts(const struct sandbox *s, const struct link_plan *p)
{
        char path[128];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/on.sh", s->dir);
        f = fopen(path, "we");
        assert_non_null(f);
        (void)fprintf(f, "#!/bin/sh\nset -e\n");
        (void)fprintf(f, "ip link set v0 gso_max_segs %u\n", p->gso_max_segs);
        print_tree(f, "v0", &p->outgoing);
        (void)fprintf(f, "ip link add ifb-v0 type ifb\nip link set ifb-v0 mtu 1500\n");
        print_tree(f, "ifb-v0", &p->incoming);
        (void)fprintf(f,
                      "ip link set ifb-v0 up\ntc qdisc add dev v0 clsact\n"
                      "tc filter add dev v0 ingress prio 1 bpf da object-pinned %s/bpf/in\n"
                      "tc filter add dev v0 ingress prio 2 u32 match u32 0 0 action mirred"
                      " egress redirect dev ifb-v0\n"
                      "tc filter add dev v0 egress prio 1 bpf da object-pinned %s/bpf/out\n",
                      s->dir, s->dir);
        (void)fclose(f);

        (void)snprintf(path, sizeof(path), "%s/off.sh", s->dir);
        f = fopen(path, "we");
        assert_non_null(f);
        (void)fprintf(f, "#!/bin/sh\nset -e\ntc qdisc del dev v0 clsact\ntc qdisc del dev v0 root\n"
                         "ip link set v0 gso_max_segs 65535\nip link del ifb-v0\n");
        (void)fclose(f);
        (void)snprintf(path, sizeof(path), "%s/change.sh", s->dir);
        f = fopen(path, "we");
        assert_non_null(f);
        (void)fprintf(f, "#!/bin/sh\nset -e\n");
        for (unsigned i = 0; i < 2; i++) {
                const struct shaper_tree *t = i ? &p->incoming : &p->outgoing;
                const char *dev = i ? "ifb-v0" : "v0";

                (void)fprintf(f, "tc class change dev %s parent 1: classid 1:1 htb rate %llubit\n",
                              dev, (unsigned long long)t->root.rate_bps);
                for (enum p2s_queue q = 0; q < _P2S_QUEUE_MAX; q++)
                        (void)fprintf(
                                f,
                                "tc class change dev %s parent 1:1 classid 1:%x htb rate"
                                " %llubit ceil %llubit burst %u cburst %u quantum %u prio %u\n",
                                dev, t->class[q].minor, (unsigned long long)t->class[q].rate_bps,
                                (unsigned long long)t->class[q].ceil_bps, t->class[q].burst,
                                t->class[q].cburst, t->class[q].quantum, t->class[q].prio);
        }
        (void)fclose(f);
}

/* Programs that tc can attach: those of a link that we let go of, pinned. */
static void pin_programs(const struct sandbox *s, Classifier *c)
{
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/bpf", s->dir);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(mount("bpf", path, "bpf", 0, NULL), 0);
        (void)snprintf(path, sizeof(path), "%s/bpf/in", s->dir);
        assert_int_equal(bpf_obj_pin(classifier_program_fd(c, P2S_INCOMING), path), 0);
        (void)snprintf(path, sizeof(path), "%s/bpf/out", s->dir);
        assert_int_equal(bpf_obj_pin(classifier_program_fd(c, P2S_OUTGOING), path), 0);
}

enum what { ON, CHANGE, OFF, WHATS };

static void run_script(struct sandbox *s, uint64_t ret[WHATS])
{
        static const char *const names[] = {[ON] = "on", [CHANGE] = "change", [OFF] = "off"};

        for (enum what w = 0; w < WHATS; w++) {
                uint64_t t = now_usec();

                sh("sh %s/%s.sh", s->dir, names[w]);
                ret[w] = now_usec() - t;
        }
}

/* What SetMode does: the link is taken and let go of each time. */
static void run_ours(struct sandbox *s, uint64_t ret[WHATS], uint64_t messages[WHATS])
{
        uint64_t t, n;

        t = now_usec();
        n = netlink_count();
        sandbox_take(s, "v0");
        sandbox_shape(s, 10 * MBPS, 50 * MBPS);
        ret[ON] = now_usec() - t;
        messages[ON] = netlink_count() - n;

        t = now_usec();
        n = netlink_count();
        sandbox_shape(s, 11 * MBPS, 51 * MBPS);
        ret[CHANGE] = now_usec() - t;
        messages[CHANGE] = netlink_count() - n;

        t = now_usec();
        n = netlink_count();
        sandbox_off(s);
        kernel_linux.link_free(TAKE_PTR(s->link));
        ret[OFF] = now_usec() - t;
        messages[OFF] = netlink_count() - n;
}

int main(void)
{
        static const char *const names[] = {
                [ON] = "off to shape", [CHANGE] = "new rates", [OFF] = "shape to off"};
        _cleanup_(classifier_shared_freep) ClassifierShared *ports = NULL;
        _cleanup_(classifier_freep) Classifier *pinned = NULL;
        uint64_t ours[WHATS][ROUNDS], script[WHATS][ROUNDS], messages[WHATS];
        uint64_t all_ours = 0, all_script = 0;
        bool too_slow = false;
        struct link_plan plan;
        struct sandbox s;

        sandbox_require();
        if (unshare(CLONE_NEWNS) < 0 || mount("", "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0) {
                (void)fprintf(stderr, "SKIP: no mount namespace\n");
                return 77;
        }
        sandbox_enter(&s);
        assert_int_equal(kernel_linux.link_facts(s.kernel, "v0", &s.facts), 0);
        plan = sandbox_plan(&s, 10 * MBPS, 50 * MBPS);
        assert_int_equal(classifier_shared_new(&ports), 0);
        assert_int_equal(classifier_new(ports, true, &pinned, NULL), 0);
        pin_programs(&s, pinned);
        write_scripts(&s, &plan);

        for (size_t i = 0; i < ROUNDS; i++) {
                uint64_t one[WHATS];

                run_script(&s, one);
                for (enum what w = 0; w < WHATS; w++)
                        script[w][i] = one[w];
                run_ours(&s, one, messages);
                for (enum what w = 0; w < WHATS; w++)
                        ours[w][i] = one[w];
        }
        (void)printf("%-14s %10s %10s %7s %9s   (median of %d)\n", "", "p2sd", "script", "ratio",
                     "messages", ROUNDS);
        for (enum what w = 0; w < WHATS; w++) {
                const uint64_t a = median(ours[w], ROUNDS), b = median(script[w], ROUNDS);

                (void)printf("%-14s %7.2f ms %7.2f ms %7.3f %9llu\n", names[w], (double)a / 1e3,
                             (double)b / 1e3, (double)a / (double)b,
                             (unsigned long long)messages[w]);
                too_slow |= a * 5 > b;
                if (w != CHANGE) {
                        all_ours += a;
                        all_script += b;
                }
        }
        (void)printf("%-14s %7.2f ms %7.2f ms %7.3f\n", "there and back", (double)all_ours / 1e3,
                     (double)all_script / 1e3, (double)all_ours / (double)all_script);

        sh("umount %s/bpf", s.dir);
        sandbox_leave(&s);
        if (too_slow)
                (void)printf("more than a fifth of the script's time\n");
        return too_slow;
}
