/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "link-apply.h"
#include "qdisc-restore.h"
#include "shaper-netlink.h"
#include "text.h"

/* What the kernel makes of a txqlen of 0 when a qdisc is added (sch_api.c). */
#define TXQLEN_INSTEAD_OF_0 1000u

void link_apply_done(struct link_apply *l)
{
        link_record_done(&l->record);
}

static bool is_zero(const struct link_plan *p)
{
        return !p->classify && !p->outgoing.present && !p->incoming.present &&
               p->gso_max_segs == 0 && p->gro_max_size == 0;
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

/* A crash between taking the user's qdisc away and putting ours there, or between
 * taking ours away and putting theirs back, leaves the kernel's default or a part. */
static bool root_is_missing(const struct link_apply *l, const struct link_scene *s)
{
        const struct qdisc_record *was = &l->record.was;

        return l->record.written && was->root_taken && was->items[0].handle != 0 &&
               qdisc_restore_part(was, &s->qdiscs, l->ifindex);
}

/* Takes away what the plan does not have: first what sends packets somewhere,
 * then the places they were sent to. */
static int take_away(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
                     const char **step)
{
        struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        int r;

        *step = "remove filters from";
        if (!plan->incoming.present || l->ifb == 0 || in->redirect_to != l->ifb) {
                /* one that leads nowhere drops every packet */
                r = tc_hook_remove_redirect(l->nl, l->ifindex, in);
                if (r < 0)
                        return r;
        }
        if (!plan->classify) {
                r = tc_hook_remove_program(l->ifindex, P2S_OUTGOING, out);
                if (r >= 0)
                        r = tc_hook_remove_program(l->ifindex, P2S_INCOMING, in);
                if (r < 0)
                        return r;
        }
        if (!plan->classify && !plan->incoming.present && s->clsact && l->record.was.clsact_ours &&
            !link_scene_foreign(s)) {
                *step = "remove clsact from";
                r = tc_clsact_remove(l->nl, l->ifindex);
                if (r < 0)
                        return r;
                s->clsact = false;
        }
        if (!plan->classify && !plan->incoming.present && !s->clsact && !s->ingress &&
            l->record.written && l->record.was.ingress_instead) {
                *step = "put the ingress qdisc back on";
                r = tc_ingress_add(l->nl, l->ifindex);
                if (r < 0)
                        return r;
                s->ingress = true;
        }
        if (!plan->outgoing.present && (s->tree || root_is_missing(l, s))) {
                *step = "put the root qdisc back on";
                r = qdisc_restore(l->nl, &l->record.was, &s->qdiscs, l->ifindex);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int drop_ifb(struct link_apply *l)
{
        int r;

        if (l->ifb == 0)
                return 0;
        r = ifb_reaper_remove(l->reaper, l->ifb);
        if (r < 0)
                return r;
        l->ifb = 0;
        return 0;
}

/* Caps, or the recorded values again.  Never above what stood before. */
static int set_sizes(struct link_apply *l, const struct link_plan *plan, const struct link_scene *s)
{
        const struct qdisc_record *was = &l->record.was;
        struct link_change c = {};

        if (plan->gso_max_segs > 0 || was->sizes_taken) {
                c.gso_max_segs = plan->gso_max_segs > 0 ? MIN(plan->gso_max_segs, was->gso_max_segs)
                                                        : was->gso_max_segs;
                if (c.gso_max_segs != s->link.gso_max_segs)
                        c.set |= LINK_CHANGE_GSO_MAX_SEGS;
        }
        if (was->gro_max_size > 0 && (plan->gro_max_size > 0 || was->sizes_taken)) {
                c.gro_max_size = plan->gro_max_size > 0 ? MIN(plan->gro_max_size, was->gro_max_size)
                                                        : was->gro_max_size;
                c.gro_ipv4_max_size = plan->gro_max_size > 0
                                              ? MIN(plan->gro_max_size, was->gro_ipv4_max_size)
                                              : was->gro_ipv4_max_size;
                if (c.gro_max_size != s->link.gro_max_size)
                        c.set |= LINK_CHANGE_GRO_MAX_SIZE;
                if (was->gro_ipv4_max_size > 0 &&
                    (c.set & LINK_CHANGE_GRO_MAX_SIZE ||
                     c.gro_ipv4_max_size != s->link.gro_ipv4_max_size))
                        c.set |= LINK_CHANGE_GRO_IPV4_MAX_SIZE;
        }
        if (is_zero(plan) && l->record.written && was->txqlen == 0 &&
            s->link.txqlen == TXQLEN_INSTEAD_OF_0)
                c.set |= LINK_CHANGE_TXQLEN;
        return link_view_set(l->nl, l->ifindex, &c);
}

/* The IFB's tree is built while it is down, and packets come last. */
static int put_ifb(struct link_apply *l, const struct link_plan *plan, const struct link_scene *s)
{
        const bool new = l->ifb == 0;
        int r;

        if (new) {
                r = ifb_new(l->nl, &s->link, l->ifb_name, &l->ifb);
                if (r < 0)
                        return r;
        }
        r = shaper_set(l->nl, l->ifb, &plan->incoming, &s->qdiscs);
        if (r < 0)
                return r;
        if (new)
                return ifb_up(l->nl, l->ifb);

        return link_view_set(l->nl, l->ifb,
                             &(struct link_change){
                                     .set = (s->ifb.up ? 0 : LINK_CHANGE_UP) |
                                            (s->ifb.mtu == s->link.mtu ? 0 : LINK_CHANGE_MTU),
                                     .mtu = s->link.mtu,
                             });
}

static int put_filters(struct link_apply *l, const struct link_plan *plan, struct link_scene *s)
{
        struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        int r;

        if (!s->clsact) {
                if (s->ingress) {
                        r = tc_clsact_remove(l->nl, l->ifindex);
                        if (r < 0)
                                return r;
                }
                r = tc_clsact_add(l->nl, l->ifindex);
                if (r < 0)
                        return r;
        }
        if (plan->classify) {
                r = tc_hook_set_program(l->ifindex, P2S_INCOMING, in,
                                        classifier_program_fd(l->classifier, P2S_INCOMING));
                if (r < 0)
                        return r;
        }
        if (plan->incoming.present) {
                r = tc_hook_set_redirect(l->nl, l->ifindex, in, l->ifb);
                if (r < 0)
                        return r;
        }
        if (plan->classify)
                return tc_hook_set_program(l->ifindex, P2S_OUTGOING, out,
                                           classifier_program_fd(l->classifier, P2S_OUTGOING));
        return 0;
}

/* Trees first and filters last: no packet is sent to what does not stand yet. */
static int put_up(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
                  const char **step)
{
        int r;

        if (plan->outgoing.present) {
                *step = "set up HTB on";
                if (!s->tree && tc_list_handle(&s->qdiscs, l->ifindex, SHAPER_HANDLE)) {
                        /* a user's qdisc has the handle that ours must have */
                        r = shaper_remove(l->nl, l->ifindex);
                        if (r < 0)
                                return r;
                }
                r = shaper_set(l->nl, l->ifindex, &plan->outgoing, &s->qdiscs);
                if (r < 0)
                        return r;
        }
        if (plan->incoming.present) {
                *step = "set up the IFB of";
                r = put_ifb(l, plan, s);
                if (r < 0)
                        return r;
        }
        if (plan->classify || plan->incoming.present) {
                *step = "attach filters to";
                r = put_filters(l, plan, s);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The kernel took everything with the link but the IFB. */
static int bury(struct link_apply *l)
{
        int r;

        r = drop_ifb(l);
        if (r < 0)
                return r;
        return link_record_forget(&l->record);
}

static int make_equal(struct link_apply *l, const struct link_plan *plan, const char **step,
                      char **reason)
{
        _cleanup_(link_scene_done) struct link_scene s = {};
        const bool zero = is_zero(plan);
        int r;

        *step = "look at";
        r = look(l, &s);
        if (r < 0)
                return r;
        if (!s.present)
                return zero ? bury(l) : -ENODEV;

        if (!zero) {
                r = link_record_keep(&l->record, l->nl, plan, &s, reason);
                if (r < 0)
                        return r;
        }
        r = take_away(l, plan, &s, step);
        if (r < 0)
                return r;
        *step = "set sizes on";
        r = set_sizes(l, plan, &s);
        if (r < 0)
                return r;
        if (!plan->incoming.present) {
                *step = "remove the IFB of";
                r = drop_ifb(l);
                if (r < 0)
                        return r;
        }
        r = put_up(l, plan, &s, step);
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

        r = make_equal(l, plan, &step, &why);
        if (r == -ENODEV && is_zero(plan)) /* it vanished meanwhile */
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
