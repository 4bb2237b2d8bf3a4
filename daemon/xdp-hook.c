/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/bpf.h>
#include <linux/if_link.h>

#include "ethtool-features.h"
#include "netlink.h"
#include "xdp-hook.h"

/* Generic XDP turns these off for good (generic_xdp_install() in net/core/dev.c), and with
 * them much of what a NIC does for throughput. */
static const char *const lost_offloads[] = {"rx-lro", "rx-gro-hw"};

static bool stands(const struct xdp_hook *hook)
{
        return hook->state == KERNEL_XDP_NATIVE || hook->state == KERNEL_XDP_GENERIC;
}

void xdp_hook_done(struct xdp_hook *hook)
{
        if (stands(hook))
                (void)close(hook->fd);
        *hook = (struct xdp_hook){};
}

/* Or the link went elsewhere. */
bool xdp_hook_is_torn(const struct xdp_hook *hook, unsigned ifindex)
{
        struct bpf_link_info info = {};
        uint32_t size = sizeof(info);

        return stands(hook) &&
               (bpf_obj_get_info_by_fd(hook->fd, &info, &size) < 0 || info.xdp.ifindex != ifindex);
}

static int attach(const struct link_view *link, int program_fd, uint32_t mode)
{
        LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = mode);

        return bpf_link_create(program_fd, (int)link->ifindex, BPF_XDP, &opts);
}

static bool costs_an_offload(const char *name)
{
        bool on[ELEMENTSOF(lost_offloads)];

        if (ethtool_features(name, lost_offloads, ELEMENTSOF(lost_offloads), on) < 0)
                return false; /* no such thing has it */
        for (size_t i = 0; i < ELEMENTSOF(on); i++)
                if (on[i])
                        return true;
        return false;
}

int xdp_hook_set(struct xdp_hook *hook, const struct link_view *link, int native_fd, int generic_fd)
{
        const bool waited = hook->state == KERNEL_XDP_BUSY, native = native_fd >= 0;
        bool ours = false;
        int r;

        if (xdp_hook_is_torn(hook, link->ifindex))
                xdp_hook_done(hook);
        if (hook->state != KERNEL_XDP_NONE && hook->native != native) {
                ours = stands(hook);
                r = xdp_hook_remove(hook);
                if (r < 0)
                        return r;
        }
        if (stands(hook) || hook->state == KERNEL_XDP_REFUSED)
                return 0;
        hook->native = native;
        if (link->xdp && !ours) {
                hook->state = KERNEL_XDP_BUSY;
                return 0;
        }
        /* that somebody let go of the hook is no change of what is ours */
        r = waited ? 0 : netlink_account();
        if (r < 0)
                return r;
        r = native ? attach(link, native_fd, XDP_FLAGS_DRV_MODE) : -EOPNOTSUPP;
        hook->state = KERNEL_XDP_NATIVE;
        if (r < 0 && r != -EBUSY && r != -EEXIST && !costs_an_offload(link->name)) {
                r = attach(link, generic_fd, XDP_FLAGS_SKB_MODE);
                hook->state = KERNEL_XDP_GENERIC;
        }
        if (r >= 0)
                hook->fd = r;
        else /* another program may have been faster */
                hook->state = r == -EBUSY || r == -EEXIST ? KERNEL_XDP_BUSY : KERNEL_XDP_REFUSED;
        return 0;
}

int xdp_hook_remove(struct xdp_hook *hook)
{
        int r;

        r = stands(hook) ? netlink_account() : 0;
        if (r < 0)
                return r;
        xdp_hook_done(hook);
        return 0;
}
