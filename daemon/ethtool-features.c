/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "ethtool-features.h"

#define FEATURES_MAX 1024u /* there are 64 or so */

static int call(int fd, const char *interface, void *data)
{
        struct ifreq request = {.ifr_data = data};

        (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
        return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

static int count(int fd, const char *interface, uint32_t *ret)
{
        _cleanup_free_ struct ethtool_sset_info *info = calloc(1, sizeof *info + sizeof(uint32_t));
        int r;

        if (!info)
                return -ENOMEM;
        info->cmd = ETHTOOL_GSSET_INFO;
        info->sset_mask = UINT64_C(1) << ETH_SS_FEATURES;
        r = call(fd, interface, info);
        if (r < 0)
                return r;
        if (!info->sset_mask || info->data[0] > FEATURES_MAX)
                return -EOPNOTSUPP;
        *ret = info->data[0];
        return 0;
}

int ethtool_features(const char *interface, const char *const names[], size_t n, bool on[])
{
        _cleanup_free_ struct ethtool_gstrings *strings = NULL;
        _cleanup_free_ struct ethtool_gfeatures *features = NULL;
        _cleanup_close_ int fd = -EBADF;
        uint32_t known, blocks;
        int r;

        /* any socket will do, and p2sd's unit allows this family */
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        r = count(fd, interface, &known);
        if (r < 0)
                return r;
        blocks = (known + 31) / 32;
        strings = calloc(1, sizeof *strings + (size_t)known * ETH_GSTRING_LEN);
        features = calloc(1, sizeof *features + blocks * sizeof features->features[0]);
        if (!strings || !features)
                return -ENOMEM;

        *strings = (struct ethtool_gstrings){
                .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = known};
        r = call(fd, interface, strings);
        if (r < 0)
                return r;
        *features = (struct ethtool_gfeatures){.cmd = ETHTOOL_GFEATURES, .size = blocks};
        r = call(fd, interface, features);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                on[i] = false;
                for (uint32_t k = 0; k < known; k++)
                        if (strncmp((const char *)strings->data + (size_t)k * ETH_GSTRING_LEN,
                                    names[i], ETH_GSTRING_LEN) == 0)
                                on[i] = features->features[k / 32].active >> (k % 32) & 1;
        }
        return 0;
}
