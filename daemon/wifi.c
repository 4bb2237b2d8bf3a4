/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/genetlink.h>
#include <linux/nl80211.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "wifi.h"

#define ANSWER_BYTES 16384

DEFINE_CLEANUP(struct nl_msg *, nlmsg_free)

/* Generic netlink is another family than rtnetlink's: a socket of its own. */
static int open_socket(void)
{
        /* the kernel answers at once; this is for one that does not answer at all */
        const struct timeval patience = {.tv_sec = 1};
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

        if (fd >= 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        return fd < 0 ? -errno : fd;
}

static int new_request(uint16_t family, uint8_t command, struct nl_msg **ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = nlmsg_alloc_simple(family, NLM_F_REQUEST);
        const struct genlmsghdr head = {.cmd = command, .version = 1};

        if (!msg || nlmsg_append(msg, (void *)&head, sizeof head, NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(msg);
        return 0;
}

/* The one message that answers, in *buf; tb has max + 1 entries. */
static int ask(int fd, struct nl_msg *msg, void *buf, struct nlattr **tb, int max)
{
        struct nlmsghdr *nlh = nlmsg_hdr(msg);
        ssize_t n;

        if (send(fd, nlh, nlh->nlmsg_len, 0) < 0)
                return -errno;
        n = recv(fd, buf, ANSWER_BYTES, 0);
        if (n < 0)
                return -errno;
        nlh = buf;
        if (!nlmsg_ok(nlh, (int)n))
                return -EBADMSG;
        if (nlh->nlmsg_type == NLMSG_ERROR) {
                const struct nlmsgerr *e = nlmsg_data(nlh);

                return e->error < 0 ? e->error : -EBADMSG;
        }
        return nlmsg_parse(nlh, GENL_HDRLEN, tb, max, NULL) < 0 ? -EBADMSG : 0;
}

static int find_family(int fd, void *buf, uint16_t *ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *tb[CTRL_ATTR_MAX + 1];
        int r;

        r = new_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, &msg);
        if (r < 0)
                return r;
        if (nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, NL80211_GENL_NAME) < 0)
                return -ENOMEM;
        r = ask(fd, msg, buf, tb, CTRL_ATTR_MAX);
        if (r < 0)
                return r;
        if (!tb[CTRL_ATTR_FAMILY_ID] || nla_len(tb[CTRL_ATTR_FAMILY_ID]) < (int)sizeof *ret)
                return -EBADMSG;
        *ret = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
        return 0;
}

int wifi_power_save(unsigned ifindex)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *tb[NL80211_ATTR_MAX + 1];
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ void *buf = NULL;
        uint16_t family;
        int r;

        /* Asked for a family that is not there, the kernel runs modprobe. */
        if (access("/sys/module/cfg80211", F_OK) < 0)
                return -EOPNOTSUPP;
        fd = open_socket();
        if (fd < 0)
                return fd;
        buf = malloc(ANSWER_BYTES);
        if (!buf)
                return -ENOMEM;
        r = find_family(fd, buf, &family);
        if (r < 0)
                return r;
        r = new_request(family, NL80211_CMD_GET_POWER_SAVE, &msg);
        if (r < 0)
                return r;
        if (nla_put_u32(msg, NL80211_ATTR_IFINDEX, ifindex) < 0)
                return -ENOMEM;
        r = ask(fd, msg, buf, tb, NL80211_ATTR_MAX);
        if (r < 0)
                return r;
        if (!tb[NL80211_ATTR_PS_STATE] || nla_len(tb[NL80211_ATTR_PS_STATE]) < 4)
                return -ENODATA;
        return nla_get_u32(tb[NL80211_ATTR_PS_STATE]) == NL80211_PS_ENABLED;
}
