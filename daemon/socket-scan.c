/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

#include "socket-scan.h"

/* What the kernel fills at most of one read of a dump (NLMSG_GOODSIZE is capped
 * there). */
#define BUFFER_SIZE (32u * 1024)

/* A kernel that does not answer must not hold the event loop. */
static const struct timeval patience = {.tv_sec = 1};

struct SocketScan {
        int fd;
        uint32_t sequence;
        union {
                struct nlmsghdr header; /* for its alignment */
                char bytes[BUFFER_SIZE];
        } buffer;
};

int socket_scan_new(SocketScan **ret)
{
        _cleanup_(socket_scan_freep) SocketScan *scan = calloc(1, sizeof *scan);

        if (!scan)
                return -ENOMEM;
        scan->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        if (scan->fd < 0)
                return -errno;
        if (setsockopt(scan->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0)
                return -errno;
        *ret = TAKE_PTR(scan);
        return 0;
}

void socket_scan_free(SocketScan *scan)
{
        if (!scan)
                return;
        closep(&scan->fd);
        free(scan);
}

static void copy_address(uint8_t ret[static 16], uint8_t family, const uint32_t *words)
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

        if (family == AF_INET6) {
                memcpy(ret, words, 16);
                return;
        }
        memcpy(ret, mapped, sizeof mapped);
        memcpy(ret + sizeof mapped, words, 4);
}

static bool is_any(const uint8_t address[static 16])
{
        static const uint8_t any[16], any_mapped[16] = {[10] = 0xff, [11] = 0xff};

        return memcmp(address, any, sizeof any) == 0 ||
               memcmp(address, any_mapped, sizeof any_mapped) == 0;
}

/* The kernel says so of unconnected IPv6 sockets alone. */
static bool is_v6_only(const struct inet_diag_msg *d, size_t size)
{
        const char *p = (const char *)(d + 1), *end = (const char *)d + size;

        while ((size_t)(end - p) >= sizeof(struct nlattr)) {
                const struct nlattr *a = (const struct nlattr *)p;

                if (a->nla_len < sizeof *a || a->nla_len > end - p)
                        break;
                if ((a->nla_type & NLA_TYPE_MASK) == INET_DIAG_SKV6ONLY && a->nla_len > sizeof *a)
                        return p[sizeof *a] != 0;
                p += MIN((ptrdiff_t)NLA_ALIGN(a->nla_len), end - p);
        }
        return false;
}

static int take_socket(const struct nlmsghdr *h, udp_socket_t callback, void *userdata)
{
        const struct inet_diag_msg *d = NLMSG_DATA(h);
        struct udp_socket s;

        if (h->nlmsg_len < NLMSG_LENGTH(sizeof *d))
                return -EBADMSG;
        /* without an inode nobody has it open any more */
        if (d->idiag_inode == 0 || d->id.idiag_sport == 0)
                return 0;
        s = (struct udp_socket){
                .cookie = (uint64_t)d->id.idiag_cookie[1] << 32 | d->id.idiag_cookie[0],
                .inode = d->idiag_inode,
                .uid = d->idiag_uid,
                .local_port = ntohs(d->id.idiag_sport),
                .remote_port =
                        d->idiag_state == TCP_ESTABLISHED ? ntohs(d->id.idiag_dport) : (uint16_t)0,
                .family = d->idiag_family,
        };
        copy_address(s.local, s.family, d->id.idiag_src);
        copy_address(s.remote, s.family, d->id.idiag_dst);
        s.any = is_any(s.local);
        if (s.family == AF_INET6 && s.remote_port == 0)
                s.v6_only = is_v6_only(d, NLMSG_PAYLOAD(h, 0));
        return callback(&s, userdata);
}

/* One read of a dump.  1: there is more; 0: that was the end. */
static int read_part(SocketScan *scan, udp_socket_t callback, void *userdata)
{
        const struct nlmsghdr *h;
        ssize_t n;

        do
                n = recv(scan->fd, scan->buffer.bytes, sizeof scan->buffer.bytes, 0);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN ? -ETIMEDOUT : -errno;

        for (h = &scan->buffer.header; NLMSG_OK(h, (size_t)n); h = NLMSG_NEXT(h, n)) {
                int r;

                /* what is left of a scan that ended early */
                if (h->nlmsg_seq != scan->sequence)
                        continue;
                if (h->nlmsg_type == NLMSG_DONE)
                        return 0;
                if (h->nlmsg_type == NLMSG_ERROR) {
                        const struct nlmsgerr *e = NLMSG_DATA(h);

                        return h->nlmsg_len >= NLMSG_LENGTH(sizeof *e) && e->error < 0 ? e->error
                                                                                       : -EBADMSG;
                }
                r = take_socket(h, callback, userdata);
                if (r < 0)
                        return r;
        }
        return 1;
}

static int dump(SocketScan *scan, uint8_t family, udp_socket_t callback, void *userdata)
{
        const struct {
                struct nlmsghdr header;
                struct inet_diag_req_v2 request;
        } message = {
                .header =
                        {
                                .nlmsg_len = sizeof message,
                                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                                .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                                .nlmsg_seq = ++scan->sequence,
                        },
                .request =
                        {
                                .sdiag_family = family,
                                .sdiag_protocol = IPPROTO_UDP,
                                .idiag_states = UINT32_MAX,
                        },
        };
        int r;

        if (send(scan->fd, &message, sizeof message, 0) < 0)
                return -errno;
        do
                r = read_part(scan, callback, userdata);
        while (r > 0);
        return r;
}

int socket_scan_run(SocketScan *scan, udp_socket_t callback, void *userdata)
{
        int r;

        r = dump(scan, AF_INET, callback, userdata);
        if (r < 0)
                return r;
        r = dump(scan, AF_INET6, callback, userdata);
        return r == -ENOENT || r == -EAFNOSUPPORT ? 0 : r; /* a kernel without IPv6 */
}
