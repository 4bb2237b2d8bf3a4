/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <sched.h>
#include <sys/wait.h>

#include "netlink.h"
#include "sandbox.h"

static _printf_(1, 0) char *format_command(const char *format, va_list ap)
{
        char *command;

        if (vasprintf(&command, format, ap) < 0)
                abort();
        return command;
}

static int run(const char *command)
{
        int status = system(command);

        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void sh(const char *format, ...)
{
        _cleanup_free_ char *command = NULL;
        va_list ap;

        va_start(ap, format);
        command = format_command(format, ap);
        va_end(ap);
        if (run(command) != 0)
                fail_msg("failed: %s", command);
}

bool sh_try(const char *format, ...)
{
        _cleanup_free_ char *command = NULL, *quiet = NULL;
        va_list ap;

        va_start(ap, format);
        command = format_command(format, ap);
        va_end(ap);
        if (asprintf(&quiet, "{ %s; } >/dev/null 2>&1", command) < 0)
                abort();
        return run(quiet) == 0;
}

char *sh_output(const char *format, ...)
{
        _cleanup_free_ char *command = NULL;
        char *text = NULL;
        size_t size;
        va_list ap;
        FILE *p, *f;
        int c;

        va_start(ap, format);
        command = format_command(format, ap);
        va_end(ap);
        p = popen(command, "re");
        f = open_memstream(&text, &size);
        assert_non_null(p);
        assert_non_null(f);
        while ((c = fgetc(p)) != EOF)
                (void)fputc(c, f);
        (void)pclose(p);
        (void)fclose(f);
        return text;
}

void sandbox_require(void)
{
        if (geteuid() != 0) {
                (void)fprintf(stderr, "SKIP: not root\n");
                exit(77);
        }
        if (unshare(CLONE_NEWNET) < 0) {
                (void)fprintf(stderr, "SKIP: no network namespaces: %s\n", strerror(errno));
                exit(77);
        }
        if (!sh_try("tc -V && ip -V")) {
                (void)fprintf(stderr, "SKIP: no tc and ip (iproute2)\n");
                exit(77);
        }
}

static void open_kernel(struct sandbox *s)
{
        assert_int_equal(kernel_linux.open(s->dir, &s->kernel), 0);
}

void sandbox_enter(struct sandbox *s)
{
        *s = (struct sandbox){};
        (void)snprintf(s->dir, sizeof(s->dir), "/dev/shm/p2s-test-XXXXXX");
        assert_non_null(mkdtemp(s->dir));
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        sh("ip link set lo up && ip link add v0 type veth peer name v1 &&"
           " ip link set v0 up && ip link set v1 up");
        /* carrier and state follow by themselves, a moment later */
        sh("for i in $(seq 100); do"
           " ip link show v0 | grep -q 'state UP' && ip link show v1 | grep -q 'state UP' && exit "
           "0;"
           " sleep 0.02; done; exit 1");
        open_kernel(s);
        assert_int_equal(kernel_linux.probe(s->kernel, &s->can), 0);
}

void sandbox_restart(struct sandbox *s)
{
        if (s->link)
                kernel_linux.link_free(TAKE_PTR(s->link));
        kernel_linux.close(TAKE_PTR(s->kernel));
        open_kernel(s);
}

void sandbox_leave(struct sandbox *s)
{
        netlink_fail_at(0, false);
        if (s->link)
                kernel_linux.link_free(TAKE_PTR(s->link));
        if (s->kernel)
                kernel_linux.close(TAKE_PTR(s->kernel));
        (void)sh_try("rm -rf '%s'", s->dir);
}

void sandbox_take(struct sandbox *s, const char *name)
{
        _cleanup_free_ char *reason = NULL;
        int r;

        assert_int_equal(kernel_linux.link_facts(s->kernel, name, &s->facts), 0);
        r = kernel_linux.link_take(s->kernel, &s->facts, KERNEL_TAKE_ALL, &s->link, &reason);
        if (r < 0)
                fail_msg("cannot take %s: %s (%s)", name, strerror(-r), reason);
        assert_null(reason);
}

static struct link_plan plan(const struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps,
                             bool loose)
{
        const struct shaper_wish wish = {
                .loose = loose,
                .classify = true,
                .shape = true,
                .have_fq_codel = s->can.fq_codel,
                .rate_bps = {[P2S_OUTGOING] = uplink_bps, [P2S_INCOMING] = downlink_bps},
        };
        struct link_plan p;

        shaper_plan(&s->facts, &wish, &p);
        return p;
}

struct link_plan sandbox_plan(const struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps)
{
        return plan(s, uplink_bps, downlink_bps, false);
}

static void apply(struct sandbox *s, const struct link_plan *p)
{
        _cleanup_free_ char *reason = NULL;
        int r;

        r = kernel_linux.link_apply(s->link, p, &reason);
        if (r < 0)
                fail_msg("cannot apply: %s (%s)", strerror(-r), reason);
}

void sandbox_shape(struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps)
{
        const struct link_plan p = plan(s, uplink_bps, downlink_bps, false);

        apply(s, &p);
}

void sandbox_loosen(struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps)
{
        const struct link_plan p = plan(s, uplink_bps, downlink_bps, true);

        apply(s, &p);
}

void sandbox_classify(struct sandbox *s)
{
        apply(s, &(struct link_plan){.classify = true});
}

void sandbox_off(struct sandbox *s)
{
        apply(s, &(struct link_plan){});
}

/* The child has the programs that the parent loaded: to verify them anew would take
 * longer than all the rest. */
bool sandbox_die_at(struct sandbox *s, unsigned n, const struct link_plan *from,
                    const struct link_plan *to)
{
        pid_t pid;
        int status;

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                char *reason = NULL;

                if (kernel_linux.link_take(s->kernel, &s->facts, KERNEL_TAKE_ALL, &s->link,
                                           &reason) < 0 ||
                    kernel_linux.link_apply(s->link, from, &reason) < 0)
                        _exit(1);
                netlink_fail_at(n, true);
                if (kernel_linux.link_apply(s->link, to, &reason) < 0)
                        _exit(2);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status))
                assert_int_equal(WEXITSTATUS(status), 0);
        else
                assert_int_equal(WTERMSIG(status), SIGKILL);
        return WIFSIGNALED(status);
}

/* One process for all of tc's part: this runs hundreds of times.  Classes of the
 * fair queues are flows that wait at this moment. */
#define SNAPSHOT                                                                                   \
        "ip -j -d link;"                                                                           \
        "{ echo qdisc show; for d in $(ls /proc/sys/net/ipv4/conf); do case $d in all|default) ;;" \
        " *) echo class show dev $d; echo filter show dev $d;"                                     \
        " echo filter show dev $d ingress; echo filter show dev $d egress;; esac; done; } |"       \
        " tc -j -force -batch - 2>&1 | sed '/^class \\(cake\\|fq_codel\\|sfq\\) /d'"

char *snapshot(void)
{
        return sh_output("{ " SNAPSHOT "; } | sed -E 's/\"direct_packets_stat\":[0-9]+//g'");
}

char *snapshot_numberless(void)
{
        return sh_output(
                "{ " SNAPSHOT "; } | sed -E "
                "'s/\"(ifindex|index|direct_packets_stat)\":[0-9]+|\"(fh|key_ht)\":\"[^\"]*\"//g'");
}

void assert_same(const char *before, const char *after)
{
        size_t i = 0, from;

        if (streq(before, after))
                return;
        while (before[i] == after[i])
                i++;
        from = i > 200 ? i - 200 : 0;
        fail_msg("differs:\n--- before …%.500s\n--- after …%.500s", before + from, after + from);
}

static void assert_no_trace_in(const struct sandbox *s, const char *all)
{
        _cleanup_free_ char *files = sh_output("ls -A %s", s->dir);

        if (strstr(all, "p2s") || strstr(all, "20530"))
                fail_msg("left behind:\n%s", all);
        assert_string_equal(files, "");
}

void assert_no_trace(const struct sandbox *s)
{
        _cleanup_free_ char *all = snapshot();

        assert_no_trace_in(s, all);
}

void assert_restored(const struct sandbox *s, const char *before)
{
        _cleanup_free_ char *after = snapshot();

        assert_same(before, after);
        assert_no_trace_in(s, after);
}

int sandbox_setup(void **state)
{
        struct sandbox *s = malloc(sizeof(*s));

        assert_non_null(s);
        sandbox_enter(s);
        *state = s;
        return 0;
}

int sandbox_teardown(void **state)
{
        struct sandbox *s = *state;

        sandbox_leave(s);
        free(s);
        return 0;
}
