/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2s_xdp on a link: in the driver where it can, right behind it otherwise.
 *
 * What holds it there is a descriptor, so it goes with p2sd however p2sd ends, and nobody
 * replaces it by mistake: one who tries is told by the kernel (EBUSY). */
#pragma once

#include "kernel.h"
#include "link-view.h"

/* All zero: nothing of ours. */
struct xdp_hook {
        enum kernel_xdp state;
        bool native; /* it was asked for in the driver */
        int fd;      /* where the state is native or generic */
};

void xdp_hook_done(struct xdp_hook *hook);

/* Makes one of the programs stand on the link; nothing where it does.  native_fd: -1 = not in
 * the driver.  That it cannot is no error but a state, and asked again only where somebody else's
 * program was in the way, or the other way is asked for. */
int xdp_hook_set(struct xdp_hook *hook, const struct link_view *link, int native_fd,
                 int generic_fd);

/* Whether ours was taken off by force ("bpftool link detach"), which the kernel tells nobody of. */
bool xdp_hook_is_torn(const struct xdp_hook *hook, unsigned ifindex);
int xdp_hook_remove(struct xdp_hook *hook);
