/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "link-steps.h"
#include "qdisc-restore.h"
#include "shaper-netlink.h"

/* What the kernel makes of a txqlen of 0 when a qdisc is added (sch_api.c). */
#define TXQLEN_INSTEAD_OF_0 1000u

bool link_plan_is_zero(const struct link_plan *p)
{
        return !p->classify && !p->xdp && !p->outgoing.present && !p->incoming.present &&
               p->gso_max_segs == 0 && p->gro_max_size == 0;
}

static bool tree_stands(const struct link_scene *s, unsigned ifindex)
{
        for (enum p2s_queue q = 0; q < _P2S_QUEUE_MAX; q++)
                if (!tc_list_below(&s->qdiscs, ifindex, shaper_class_id(q)))
                        return false;
        return shaper_stands(&s->qdiscs, ifindex);
}

bool link_stands(const struct link_apply *l, const struct link_scene *s)
{
        const struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        const struct link_plan *p = &l->plan;

        if (p->classify && (in->program_priority == 0 || out->program_priority == 0))
                return false;
        if (p->outgoing.present && !tree_stands(s, l->ifindex))
                return false;
        return !p->incoming.present ||
               (l->ifb != 0 && in->redirect_to == l->ifb && tree_stands(s, l->ifb));
}

/* A crash between taking the user's qdisc away and putting ours there, or between
 * taking ours away and putting theirs back, leaves the kernel's default or a part. */
static bool root_is_missing(const struct link_apply *l, const struct link_scene *s)
{
        const struct qdisc_record *was = &l->record.was;

        return l->record.written && was->root_taken && was->items[0].handle != 0 &&
               qdisc_restore_part(was, &s->qdiscs, l->ifindex);
}

int link_take_away(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
                   const char **step)
{
        struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        int r;

        if (!plan->xdp) {
                *step = "detach XDP from";
                r = xdp_hook_remove(&l->xdp);
                if (r < 0)
                        return r;
        }
        *step = "remove filters from";
        if (!plan->incoming.present || l->ifb == 0 || in->redirect_to != l->ifb) {
                /* one that leads nowhere drops every packet */
                r = tc_hook_remove_redirect(l->nl, l->ifindex, in);
                if (r < 0)
                        return r;
        }
        if (!plan->classify) {
                r = tc_hook_remove_program(l->nl, l->ifindex, P2S_OUTGOING, out);
                if (r >= 0)
                        r = tc_hook_remove_program(l->nl, l->ifindex, P2S_INCOMING, in);
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

int link_drop_ifb(struct link_apply *l)
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

int link_set_sizes(struct link_apply *l, const struct link_plan *plan, const struct link_scene *s)
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
        if (link_plan_is_zero(plan) && l->record.written && was->txqlen == 0 &&
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
                r = tc_hook_set_program(l->nl, l->ifindex, P2S_INCOMING, in,
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
                return tc_hook_set_program(l->nl, l->ifindex, P2S_OUTGOING, out,
                                           classifier_program_fd(l->classifier, P2S_OUTGOING));
        return 0;
}

int link_put_up(struct link_apply *l, const struct link_plan *plan, struct link_scene *s,
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
        if (plan->xdp) {
                int native, generic;

                *step = "attach XDP to";
                classifier_xdp_fds(l->classifier, &native, &generic);
                r = xdp_hook_set(&l->xdp, &s->link, plan->xdp_native ? native : -1, generic);
                if (r < 0)
                        return r;
        }
        return 0;
}
