/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded into p2sd: the kernel without a part, which P2S_HIDE names.
 *   bpf   no program loads (as without CONFIG_BPF_SYSCALL, or the capability)
 *   xdp   no link takes an XDP program (as before Linux 5.9, or by a driver that knows none)
 *   links neither an IFB nor a dummy can be made */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

long syscall(long number, ...);

static bool is_hidden(long command, const union bpf_attr *attr)
{
        const char *hidden = getenv("P2S_HIDE");

        if (!hidden)
                return false;
        if (strcmp(hidden, "bpf") == 0)
                return command == BPF_PROG_LOAD;
        return strcmp(hidden, "xdp") == 0 && command == BPF_LINK_CREATE &&
               attr->link_create.attach_type == BPF_XDP;
}

/* libbpf enters the kernel by this, and so does little else. */
long syscall(long number, ...)
{
        static long (*next)(long, ...);
        long a[6];
        va_list args;

        va_start(args, number);
        for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++)
                a[i] = va_arg(args, long);
        va_end(args);
        if (number == SYS_bpf && is_hidden(a[0], (const union bpf_attr *)a[1])) {
                errno = EINVAL;
                return -1;
        }
        if (!next)
                next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* libnl sends by this. */
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
        static ssize_t (*next)(int, const struct msghdr *, int);
        static const char *const kinds[] = {"ifb", "dummy"};
        const char *hidden = getenv("P2S_HIDE");
        const struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;

        if (!next)
                next = (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
        if (hidden && strcmp(hidden, "links") == 0 && msg->msg_iovlen == 1 &&
            msg->msg_iov[0].iov_len >= sizeof(*nlh) && nlh->nlmsg_type == RTM_NEWLINK)
                for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                        char *kind = memmem(msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len,
                                            kinds[i], strlen(kinds[i]) + 1);

                        if (kind)
                                *kind = '?';
                }
        return next(fd, msg, flags);
}
