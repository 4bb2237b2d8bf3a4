/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifb.h"
#include "link-apply.h"
#include "link-steps.h"
#include "text.h"

void link_apply_done(struct link_apply *l)
{
        xdp_hook_done(&l->xdp);
        link_record_done(&l->record);
}

static int look(struct link_apply *l, struct link_scene *ret)
{
        int r;

        r = link_scene_look(l->nl, l->ifindex, l->ifb, ret);
        if (r < 0)
                return r;
        if (!ret->ifb_present)
                l->ifb = 0;
        if (ret->present)
                memcpy(l->name, ret->link.name, sizeof(l->name));
        return 0;
}

int link_apply_take(struct link_apply *l, char **reason)
{
        _cleanup_(link_scene_done) struct link_scene s = {};
        struct link_view ifb;
        int r;

        r = ifb_find(l->nl, l->ifindex, &ifb);
        if (r < 0 && r != -ENODEV)
                return r;
        if (r >= 0) {
                l->ifb = ifb.ifindex;
                memcpy(l->ifb_name, ifb.name, sizeof(l->ifb_name));
        }
        r = look(l, &s);
        if (r < 0)
                return r;
        r = link_record_take(&l->record, l->nl, l->ifindex, &s, reason);
        if (r < 0)
                return r;
        l->leftover = r > 0 || l->ifb != 0 || link_scene_ours(&s);
        return 0;
}

/* The kernel took everything with the link but the IFB. */
static int bury(struct link_apply *l)
{
        int r;

        r = link_drop_ifb(l);
        if (r < 0)
                return r;
        return link_record_forget(&l->record);
}

static int make_equal(struct link_apply *l, const struct link_plan *plan, const char **step,
                      char **reason)
{
        _cleanup_(link_scene_done) struct link_scene s = {};
        const bool zero = link_plan_is_zero(plan);
        int r;

        *step = "look at";
        r = look(l, &s);
        if (r < 0)
                return r;
        if (!s.present)
                return zero ? bury(l) : -ENODEV;
        if (plan != &l->plan)
                l->mended = !link_stands(l, &s);

        if (!zero) {
                r = link_record_keep(&l->record, l->nl, plan, &s, reason);
                if (r < 0)
                        return r;
        }
        r = link_take_away(l, plan, &s, step);
        if (r < 0)
                return r;
        *step = "set sizes on";
        r = link_set_sizes(l, plan, &s);
        if (r < 0)
                return r;
        if (!plan->incoming.present) {
                *step = "remove the IFB of";
                r = link_drop_ifb(l);
                if (r < 0)
                        return r;
        }
        r = link_put_up(l, plan, &s, step);
        if (r < 0)
                return r;
        *step = "bring up to date the record of";
        return zero ? link_record_forget(&l->record) : link_record_release(&l->record, plan);
}

int link_apply_plan(struct link_apply *l, const struct link_plan *plan, char **reason)
{
        _cleanup_free_ char *why = NULL;
        _cleanup_free_ char *ignored = NULL;
        const char *step, *undo;
        int r, k;

        l->mended = false;
        r = make_equal(l, plan, &step, &why);
        if (r == -ENODEV && link_plan_is_zero(plan)) /* it vanished meanwhile */
                r = make_equal(l, plan, &step, &why);
        if (r < 0) {
                const char *explain = netlink_explain(l->nl);

                if (!why)
                        (void)text_set(&why, "cannot %s %s: %s%s%s", step, l->name, strerror(-r),
                                       explain[0] ? ": " : "", explain);
                k = make_equal(l, &l->plan, &undo, &ignored);
                (void)text_set(reason, "%s%s%s%s%s", why ?: "", k < 0 ? "; then cannot " : "",
                               k < 0 ? undo : "", k < 0 ? " it again: " : "",
                               k < 0 ? strerror(-k) : "");
                return r;
        }
        l->plan = *plan;
        return 0;
}
