/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <linux/pkt_sched.h>

#include "ethtool-features.h"
#include "link-surroundings.h"
#include "link-view.h"
#include "read-file.h"
#include "shaper-netlink.h"
#include "tc-list.h"
#include "wifi.h"

const char *const link_offload_names[_LINK_OFFLOAD_MAX] = {
        [LINK_OFFLOAD_HW_TC] = "hw-tc-offload",
        [LINK_OFFLOAD_L2_FORWARD] = "l2-fwd-offload",
        [LINK_OFFLOAD_UDP_GRO_FORWARDING] = "rx-udp-gro-forwarding",
        [LINK_OFFLOAD_GRO_LIST] = "rx-gro-list",
};

/* Mbit/s in /sys/class/net/NAME/speed; -1, or an error of reading, where the driver
 * does not know. */
static uint64_t read_speed(const char *name)
{
        _cleanup_free_ char *path = NULL, *text = NULL;
        size_t size;
        long long mbit;

        if (asprintf(&path, "/sys/class/net/%s/speed", name) < 0) {
                path = NULL;
                return 0;
        }
        if (read_file_at(AT_FDCWD, path, 64, &text, &size) < 0)
                return 0;
        mbit = strtoll(text, NULL, 10);
        return mbit > 0 && mbit < 10000000 ? (uint64_t)mbit * 1000000 : 0;
}

/* systemd-networkd writes which file it configures a link by, and that one says
 * whether it sets a qdisc. */
static bool networkd_sets_qdisc(unsigned ifindex)
{
        static const char *const sections[] = {"[QDisc]",
                                               "[NetworkEmulator]",
                                               "[TokenBucketFilter]",
                                               "[PIE]",
                                               "[FlowQueuePIE]",
                                               "[StochasticFairBlue]",
                                               "[BFIFO]",
                                               "[StochasticFairnessQueueing]",
                                               "[PFIFO]",
                                               "[PFIFOHeadDrop]",
                                               "[PFIFOFast]",
                                               "[CAKE]",
                                               "[ControlledDelay]",
                                               "[DeficitRoundRobinScheduler]",
                                               "[FairQueueing]",
                                               "[FairQueueingControlledDelay]",
                                               "[GenericRandomEarlyDetection]",
                                               "[HeavyHitterFilter]",
                                               "[HierarchyTokenBucket]",
                                               "[QuickFairQueueing]"};
        _cleanup_free_ char *path = NULL, *state = NULL, *network = NULL;
        char *file, *end;
        size_t size;

        if (asprintf(&path, "/run/systemd/netif/links/%u", ifindex) < 0) {
                path = NULL;
                return false;
        }
        if (read_file_at(AT_FDCWD, path, 65536, &state, &size) < 0)
                return false;
        file = strstr(state, "NETWORK_FILE=");
        if (!file)
                return false;
        file += strlen("NETWORK_FILE=");
        end = strchr(file, '\n');
        if (end)
                *end = '\0';
        if (read_file_at(AT_FDCWD, file, 1 << 20, &network, &size) < 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(sections); i++)
                if (strstr(network, sections[i]))
                        return true;
        return false;
}

/* An interface of the name that another tool would give the one it sends this link's
 * incoming packets through. */
static int find_rival(Netlink *nl, const char *name, char ret[static 16])
{
        static const char *const around[][2] = {{"ifb4", ""}, {"ifb-", ""}, {"", "-ifb"}};
        char rival[40];
        struct link_view view;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(around); i++) {
                (void)snprintf(rival, sizeof rival, "%s%s%s", around[i][0], name, around[i][1]);
                rival[15] = '\0'; /* as they cut it off */
                r = link_view_get(nl, 0, rival, &view);
                if (r == -ENODEV)
                        continue;
                if (r < 0)
                        return r;
                if (view.up) {
                        memcpy(ret, view.name, 16);
                        return 0;
                }
        }
        ret[0] = '\0';
        return 0;
}

static int look_at_qdisc(Netlink *nl, unsigned ifindex, struct link_surroundings *s)
{
        _cleanup_(tc_list_done) struct tc_list qdiscs = {};
        const struct tc_object *root;
        int r;

        r = tc_list_qdiscs(nl, ifindex, 0, &qdiscs);
        if (r < 0)
                return r;
        root = tc_list_below(&qdiscs, ifindex, TC_H_ROOT);
        if (!root)
                return 0;
        memcpy(s->qdisc, root->kind, sizeof s->qdisc);
        s->qdisc_ours = shaper_stands(&qdiscs, ifindex);
        /* what the kernel puts there by itself has no handle */
        s->qdisc_set = root->handle != 0 && !s->qdisc_ours;
        return 0;
}

int link_surroundings_get(Netlink *nl, const char *name, struct link_surroundings *ret)
{
        struct link_surroundings s = {};
        struct link_view view;
        int r;

        r = link_view_get(nl, 0, name, &view);
        if (r < 0)
                return r;
        r = look_at_qdisc(nl, view.ifindex, &s);
        if (r >= 0)
                r = find_rival(nl, name, s.rival_ifb);
        if (r < 0)
                return r;
        s.networkd_qdisc = networkd_sets_qdisc(view.ifindex);
        s.speed_bps = read_speed(name);
        /* a tunnel has neither offloads nor a radio */
        (void)ethtool_features(name, link_offload_names, _LINK_OFFLOAD_MAX, s.offload);
        s.wifi_power_save = wifi_power_save(view.ifindex) > 0;
        *ret = s;
        return 0;
}
