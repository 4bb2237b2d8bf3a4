/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/genetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "genl.h"

int genl_open(void)
{
        /* the kernel answers at once; this is for one that does not answer at all */
        const struct timeval patience = {.tv_sec = 1};
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

        if (fd >= 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        return fd < 0 ? -errno : fd;
}

int genl_request(uint16_t family, uint8_t command, int flags, struct nl_msg **ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg =
                nlmsg_alloc_simple(family, NLM_F_REQUEST | flags);
        const struct genlmsghdr head = {.cmd = command, .version = 1};

        if (!msg || nlmsg_append(msg, (void *)&head, sizeof head, NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(msg);
        return 0;
}

int genl_ask(int fd, struct nl_msg *msg, void *buf, struct nlattr **tb, int max)
{
        struct nlmsghdr *nlh = nlmsg_hdr(msg);
        ssize_t n;

        if (send(fd, nlh, nlh->nlmsg_len, 0) < 0)
                return -errno;
        n = recv(fd, buf, GENL_ANSWER_BYTES, 0);
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

int genl_find_family(int fd, const char *name, void *buf, uint16_t *ret)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        struct nlattr *tb[CTRL_ATTR_MAX + 1] = {0};
        int r;

        r = genl_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, &msg);
        if (r < 0)
                return r;
        if (nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, name) < 0)
                return -ENOMEM;
        r = genl_ask(fd, msg, buf, tb, CTRL_ATTR_MAX);
        if (r < 0)
                return r;
        if (!tb[CTRL_ATTR_FAMILY_ID] || nla_len(tb[CTRL_ATTR_FAMILY_ID]) < (int)sizeof *ret)
                return -EBADMSG;
        *ret = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
        return 0;
}
