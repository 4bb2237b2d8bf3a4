/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "ifb-reaper.h"
#include "netlink.h"

/* Between two looks whether it is gone. */
#define POLL_USEC 50

struct IfbReaper {
        Netlink *nl; /* the thread's alone while it runs */
        pthread_t thread;
        bool running;
        unsigned ifindex;
        int result;
        atomic_bool done;
};

int ifb_reaper_new(IfbReaper **ret)
{
        _cleanup_(ifb_reaper_freep) IfbReaper *r = NULL;
        int k;

        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        k = netlink_new(&r->nl);
        if (k < 0)
                return k;
        netlink_unaccounted(r->nl);
        *ret = TAKE_PTR(r);
        return 0;
}

void ifb_reaper_free(IfbReaper *r)
{
        if (!r)
                return;
        ifb_reaper_wait(r);
        netlink_free(r->nl);
        free(r);
}

void ifb_reaper_wait(IfbReaper *r)
{
        if (!r->running)
                return;
        (void)pthread_join(r->thread, NULL);
        r->running = false;
}

static int remove_link(Netlink *nl, unsigned ifindex)
{
        _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;
        int r;

        r = netlink_link(RTM_DELLINK, 0, ifindex, &msg);
        if (r < 0)
                return r;
        r = netlink_call(nl, msg, NULL, NULL);
        return r == -ENODEV ? 0 : r;
}

static void *run(void *arg)
{
        IfbReaper *r = arg;

        r->result = remove_link(r->nl, r->ifindex);
        atomic_store(&r->done, true);
        return NULL;
}

/* Signals are the main thread's. */
static int start(IfbReaper *r)
{
        sigset_t all, before;
        int k;

        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        k = pthread_create(&r->thread, NULL, run, r);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -k;
}

int ifb_reaper_remove(IfbReaper *r, unsigned ifindex)
{
        char name[IF_NAMESIZE];
        int k;

        ifb_reaper_wait(r);
        k = netlink_account();
        if (k < 0)
                return k;
        r->ifindex = ifindex;
        r->result = 0;
        atomic_store(&r->done, false);
        if (start(r) < 0)
                return remove_link(r->nl, ifindex); /* without a thread then */
        r->running = true;

        while (!atomic_load(&r->done) && if_indextoname(ifindex, name))
                (void)usleep(POLL_USEC);
        if (!atomic_load(&r->done))
                return 0;
        ifb_reaper_wait(r);
        return r->result;
}
