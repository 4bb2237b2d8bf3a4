/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-netlink.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

/* Flags of a message. */
#define PLAY_MULTI       0x01
#define PLAY_INTERRUPTED 0x02
#define PLAY_STRANGE     0x04 /* of another sequence */
#define PLAY_LAST        0x08 /* of its datagram */
#define PLAY_TLVS        0x10
#define PLAY_CAPPED      0x20
#define PLAY_LENGTH                                                                                \
        0x40 /* its header says another length than it has: the payload's first two bytes */
#define PLAY_PEER 0x80 /* not from the kernel */

static const uint16_t types[] = {
        NLMSG_NOOP,    NLMSG_ERROR,         NLMSG_DONE,
        NLMSG_OVERRUN, RTM_NEWLINK,         RTM_DELLINK,
        RTM_NEWQDISC,  RTM_DELQDISC,        RTM_NEWTCLASS,
        RTM_DELTCLASS, RTM_NEWTFILTER,      RTM_DELTFILTER,
        RTM_NEWROUTE,  RTM_DELROUTE,        RTM_NEWADDR,
        GENL_ID_CTRL,  SOCK_DIAG_BY_FAMILY, 28 /* nl80211's here */,
        0xffff,        RTM_NEWNEIGH,        RTM_DELNEIGH,
};

static struct {
        const uint8_t *data;
        size_t size;
        bool announcements;
        uint32_t sequence;
} play;

void fake_netlink_play(const uint8_t *data, size_t size, bool announcements)
{
        play.data = data;
        play.size = size;
        play.announcements = announcements;
}

/* Appends one message; what was written. */
static size_t message(uint8_t *to, size_t room, uint16_t type, unsigned flags, const uint8_t *from,
                      size_t n)
{
        struct nlmsghdr h = {
                .nlmsg_type = type,
                .nlmsg_seq = play.sequence + (flags & PLAY_STRANGE ? 1000 : 0),
        };
        size_t length = NLMSG_HDRLEN + n, whole = NLMSG_ALIGN(length);

        if (whole > room)
                return 0;
        if (flags & PLAY_MULTI)
                h.nlmsg_flags |= NLM_F_MULTI;
        if (flags & PLAY_INTERRUPTED)
                h.nlmsg_flags |= NLM_F_DUMP_INTR;
        if (flags & PLAY_TLVS)
                h.nlmsg_flags |= NLM_F_ACK_TLVS;
        if (flags & PLAY_CAPPED)
                h.nlmsg_flags |= NLM_F_CAPPED;
        h.nlmsg_len = (uint32_t)length;
        if (flags & PLAY_LENGTH && n >= 2)
                h.nlmsg_len = (uint32_t)(from[0] << 8 | from[1]);
        memset(to, 0, whole);
        memcpy(to, &h, sizeof h);
        if (n > 0)
                memcpy(to + NLMSG_HDRLEN, from, n);
        return whole;
}

/* One datagram. */
static ssize_t next(uint8_t *to, size_t room, struct sockaddr_nl *from)
{
        const int none = 0;
        size_t used = 0;

        if (from)
                *from = (struct sockaddr_nl){.nl_family = AF_NETLINK};
        while (play.size >= 4) {
                size_t n = (size_t)(play.data[2] << 8 | play.data[3]), written;
                unsigned flags = play.data[1];
                uint16_t type = types[play.data[0] % (sizeof types / sizeof *types)];

                if (n > play.size - 4)
                        n = play.size - 4;
                written = message(to + used, room - used, type, flags, play.data + 4, n);
                if (written == 0 && used > 0)
                        break; /* with the next one */
                used += written;
                play.data += 4 + n;
                play.size -= 4 + n;
                if (from && flags & PLAY_PEER)
                        from->nl_pid = 1;
                if (flags & PLAY_LAST)
                        break;
        }
        if (used > 0)
                return (ssize_t)used;
        play.size = 0;
        if (play.announcements) {
                errno = EAGAIN;
                return -1;
        }
        return (ssize_t)message(to, room, NLMSG_DONE, PLAY_MULTI, (const uint8_t *)&none,
                                sizeof none);
}

static ssize_t sent(const void *data, size_t size)
{
        struct nlmsghdr h;

        if (size >= sizeof h) {
                memcpy(&h, data, sizeof h);
                play.sequence = h.nlmsg_seq;
        }
        return (ssize_t)size;
}

/* In place of the C library's: libnl's calls come here, too. */
ssize_t recv(int fd, void *to, size_t size, int flags)
{
        if (flags & MSG_DONTWAIT) { /* of what an earlier call left */
                errno = EAGAIN;
                return -1;
        }
        return next(to, size, NULL);
}

ssize_t recvfrom(int fd, void *to, size_t size, int flags, struct sockaddr *from, socklen_t *length)
{
        return next(to, size, (struct sockaddr_nl *)(void *)from);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
        struct sockaddr_nl from;
        ssize_t n = next(m->msg_iov[0].iov_base, m->msg_iov[0].iov_len, &from);

        m->msg_flags = 0;
        m->msg_controllen = 0;
        if (m->msg_name && m->msg_namelen >= sizeof from) {
                memcpy(m->msg_name, &from, sizeof from);
                m->msg_namelen = sizeof from;
        }
        return n;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
        return sent(data, size);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
        return sent(m->msg_iov[0].iov_base, m->msg_iov[0].iov_len);
}

/* There is Wi-Fi, to whoever looks. */
int access(const char *path, int mode)
{
        return 0;
}
