/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/nl80211.h>

#include "genl.h"
#include "wifi.h"

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
        fd = genl_open();
        if (fd < 0)
                return fd;
        buf = malloc(GENL_ANSWER_BYTES);
        if (!buf)
                return -ENOMEM;
        r = genl_find_family(fd, NL80211_GENL_NAME, buf, &family);
        if (r < 0)
                return r;
        r = genl_request(family, NL80211_CMD_GET_POWER_SAVE, 0, &msg);
        if (r < 0)
                return r;
        if (nla_put_u32(msg, NL80211_ATTR_IFINDEX, ifindex) < 0)
                return -ENOMEM;
        r = genl_ask(fd, msg, buf, tb, NL80211_ATTR_MAX);
        if (r < 0)
                return r;
        if (!tb[NL80211_ATTR_PS_STATE] || nla_len(tb[NL80211_ATTR_PS_STATE]) < 4)
                return -ENODATA;
        return nla_get_u32(tb[NL80211_ATTR_PS_STATE]) == NL80211_PS_ENABLED;
}
