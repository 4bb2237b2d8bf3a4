// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaches the programs to a link until standard input ends, and prints the flows that
 * passed (flows.h).  With -r a packet arrived when the kernel received it, the time that
 * is in captures, too; without, when the program saw it, as in p2sd. */
#include <net/if.h>
#include <sys/socket.h>

#include "flows.h"

static int attach(int ifindex, enum bpf_tc_attach_point point, const struct bpf_program *program)
{
        LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
        LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(program));

        return bpf_tc_attach(&hook, &opts);
}

/* The kernel notes when packets are received while any socket asks for it: then the
 * programs find it in the skb, and so does who captures.  The socket stays open. */
static int want_receive_times(void)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0)
                return -errno;
        return 0;
}

int main(int argc, char *argv[])
{
        bool received = argc == 3 && strcmp(argv[1], "-r") == 0;
        LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
        _cleanup_(harness_freep) struct harness *h = NULL;
        int r;

        if (argc != 2 && !received) {
                fprintf(stderr, "Usage: live [-r] LINK\n");
                return 2;
        }
        harness_check();
        hook.ifindex = (int)if_nametoindex(argv[argc - 1]);
        if (hook.ifindex == 0) {
                fprintf(stderr, "%s: %s\n", argv[argc - 1], strerror(errno));
                return 1;
        }
        h = harness_new(true, received);
        h->settings->detect = 1;
        r = received ? want_receive_times() : 0;
        if (r == 0)
                r = bpf_tc_hook_create(&hook);
        if (r == 0)
                r = attach(hook.ifindex, BPF_TC_INGRESS, h->skel->progs.p2s_ingress);
        /* what is sent has no time of its reception */
        if (r == 0 && !received)
                r = attach(hook.ifindex, BPF_TC_EGRESS, h->skel->progs.p2s_egress);
        if (r < 0) {
                fprintf(stderr, "%s: attaching the programs: %s\n", argv[argc - 1], strerror(-r));
                return 1;
        }
        printf("attached\n");
        (void)fflush(stdout);
        while (getchar() != EOF)
                ;
        flows_print(h->skel);
        return 0;
}
