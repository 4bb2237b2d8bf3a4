/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_arp.h>

#include "default-route.h"
#include "forwarding.h"

#define TRIES 8 /* at a list that changes while it is read */

struct search {
        const struct link_view *link;
        struct default_route routes[DEFAULT_ROUTES_MAX];
        size_t n_routes;
        bool found;
};

/* Hardware has no kind. */
static bool is_hardware(const struct link_view *v)
{
        static const char *const kinds[] = {"", "bond", "dsa", "macvlan", "team", "vlan"};

        for (size_t i = 0; i < ELEMENTSOF(kinds) && v->type == ARPHRD_ETHER; i++)
                if (streq(v->kind, kinds[i]))
                        return true;
        return false;
}

/* The link itself, another address of it, what it is made of, and what it is on top of. */
static bool is_part_of(const struct link_view *v, const struct link_view *link)
{
        return v->ifindex == link->ifindex || v->master == link->ifindex ||
               (v->lower == link->ifindex && streq(v->kind, "macvlan")) ||
               (link->lower != 0 && (v->ifindex == link->lower || v->master == link->lower));
}

static bool leads_to_internet(const struct search *s, const struct link_view *v)
{
        const unsigned routed = v->master ?: v->ifindex;

        for (size_t i = 0; i < s->n_routes; i++)
                if (!s->routes[i].host && s->routes[i].ifindex == routed)
                        return true;
        return false;
}

static int on_link(const struct nlmsghdr *nlh, void *userdata)
{
        struct search *s = userdata;
        struct link_view v;

        if (link_view_read(nlh, &v) < 0 || !v.running || !is_hardware(&v))
                return 0;
        /* of a port its bridge forwards */
        if ((v.forwards || v.master != 0) && !is_part_of(&v, s->link) && !leads_to_internet(s, &v))
                s->found = true;
        return 0;
}

int forwarding_leads_on(Netlink *nl, const struct link_view *link, bool *ret)
{
        struct search s = {.link = link};
        int r;

        r = default_routes_get(nl, s.routes, &s.n_routes);
        if (r < 0)
                return r;
        r = -EAGAIN;
        for (unsigned n = 0; n < TRIES && r == -EAGAIN; n++) {
                _cleanup_(nlmsg_freep) struct nl_msg *msg = NULL;

                r = netlink_link(RTM_GETLINK, NLM_F_DUMP, 0, &msg);
                if (r >= 0)
                        r = netlink_call(nl, msg, on_link, &s);
        }
        if (r < 0)
                return r;
        *ret = s.found;
        return 0;
}
