/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "link-scene.h"
#include "shaper-netlink.h"

void link_scene_done(struct link_scene *s)
{
        tc_list_done(&s->qdiscs);
}

static int look_up(Netlink *nl, unsigned ifindex, bool *ret_present, struct link_view *ret)
{
        int r;

        r = link_view_get(nl, ifindex, NULL, ret);
        if (r < 0 && r != -ENODEV)
                return r;
        *ret_present = r >= 0;
        return 0;
}

int link_scene_look(Netlink *nl, unsigned ifindex, unsigned ifb, struct link_scene *ret)
{
        _cleanup_(link_scene_done) struct link_scene s = {};
        const struct tc_object *hook;
        int r;

        if (ifb != 0) {
                r = look_up(nl, ifb, &s.ifb_present, &s.ifb);
                if (r < 0)
                        return r;
        }
        r = look_up(nl, ifindex, &s.present, &s.link);
        if (r < 0)
                return r;
        if (s.present) {
                r = tc_list_qdiscs(nl, ifindex, s.ifb_present ? ifb : 0, &s.qdiscs);
                if (r < 0)
                        return r;
                hook = tc_list_below(&s.qdiscs, ifindex, TC_H_CLSACT);
                s.clsact = hook && streq(hook->kind, "clsact");
                s.ingress = hook && !s.clsact;
                s.tree = shaper_stands(&s.qdiscs, ifindex);
        }
        for (enum p2s_direction d = 0; d < _P2S_DIRECTION_MAX; d++) {
                tc_hook_init(&s.hook[d]);
                if (!s.clsact)
                        continue;
                r = tc_hook_get(nl, ifindex, d, &s.hook[d]);
                if (r < 0)
                        return r;
        }
        *ret = s;
        s = (struct link_scene){};
        return 0;
}

bool link_scene_ours(const struct link_scene *s)
{
        return s->tree || s->hook[P2S_OUTGOING].program_priority ||
               s->hook[P2S_INCOMING].program_priority || s->hook[P2S_INCOMING].redirect_priority;
}

bool link_scene_foreign(const struct link_scene *s)
{
        return s->hook[P2S_OUTGOING].foreign > 0 || s->hook[P2S_INCOMING].foreign > 0;
}
