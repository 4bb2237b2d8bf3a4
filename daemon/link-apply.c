/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/pkt_sched.h>

#include "ifb.h"
#include "link-apply.h"
#include "qdisc-restore.h"
#include "shaper-netlink.h"
#include "tc-filter.h"
#include "text.h"

/* The link at one moment. */
struct scene {
        bool present;
        struct link_state link;
        struct tc_list qdiscs; /* of the link and of its IFB */
        bool clsact;
        struct tc_hook hook[_P2S_DIRECTION_MAX];
};

static void scene_done(struct scene *s)
{
        tc_list_done(&s->qdiscs);
}

void link_apply_done(struct link_apply *l)
{
        qdisc_record_done(&l->record);
}

static bool is_zero(const struct link_plan *p)
{
        return !p->classify && !p->outgoing.present && !p->incoming.present &&
               p->gso_max_segs == 0 && p->gro_max_size == 0;
}

static int observe_ifb(struct link_apply *l)
{
        struct link_state ifb;
        int r;

        if (l->ifb == 0)
                return 0;
        r = link_state_get(l->nl, l->ifb, NULL, &ifb);
        if (r == -ENODEV) {
                l->ifb = 0;
                return 0;
        }
        return r;
}

static int observe(struct link_apply *l, struct scene *ret)
{
        _cleanup_(scene_done) struct scene s = {};
        const struct tc_object *hook;
        int r;

        r = observe_ifb(l);
        if (r < 0)
                return r;
        r = link_state_get(l->nl, l->ifindex, NULL, &s.link);
        if (r < 0 && r != -ENODEV)
                return r;
        s.present = r >= 0;
        if (s.present) {
                memcpy(l->name, s.link.name, sizeof(l->name));
                r = tc_list_qdiscs(l->nl, l->ifindex, l->ifb, &s.qdiscs);
                if (r < 0)
                        return r;
                hook = tc_list_below(&s.qdiscs, l->ifindex, TC_H_CLSACT);
                s.clsact = hook && streq(hook->kind, "clsact");
        }
        for (enum p2s_direction d = 0; s.clsact && d < _P2S_DIRECTION_MAX; d++) {
                r = tc_hook_get(l->nl, l->ifindex, d, &s.hook[d]);
                if (r < 0)
                        return r;
        }
        *ret = s;
        s = (struct scene){};
        return 0;
}

/* Whether a record is of this very link and not of one that had its index before. */
static bool is_of(const struct qdisc_record *r, const struct link_state *s)
{
        return streq(r->name, s->name) || (r->n_address > 0 && r->n_address == s->n_address &&
                                           memcmp(r->address, s->address, r->n_address) == 0);
}

static bool something_stands(const struct link_apply *l, const struct scene *s)
{
        return shaper_stands(&s->qdiscs, l->ifindex) || s->hook[P2S_OUTGOING].program_priority ||
               s->hook[P2S_INCOMING].program_priority || s->hook[P2S_INCOMING].redirect_priority;
}

/* Ours stands and the record is lost: the kernel's defaults are the best guess,
 * and a clsact that holds nothing but ours was probably ours. */
static int guess_record(struct link_apply *l, const struct scene *s, char **reason)
{
        static struct tc_object none = {.parent = TC_H_ROOT, .kind = "noqueue"};
        struct tc_list default_root = {.items = &none, .n = 1};
        int r;

        none.ifindex = l->ifindex;
        r = qdisc_restore_observe(
                l->nl, &s->link, shaper_stands(&s->qdiscs, l->ifindex) ? &default_root : &s->qdiscs,
                &l->record, reason);
        if (r < 0)
                return r;
        l->record.clsact_ours = s->clsact && s->hook[P2S_OUTGOING].foreign == 0 &&
                                s->hook[P2S_INCOMING].foreign == 0;
        return 0;
}

int link_apply_take(struct link_apply *l, char **reason)
{
        _cleanup_(scene_done) struct scene s = {};
        struct link_state ifb;
        int r;

        r = ifb_find(l->nl, l->ifindex, &ifb);
        if (r < 0 && r != -ENODEV)
                return r;
        if (r >= 0) {
                l->ifb = ifb.ifindex;
                memcpy(l->ifb_name, ifb.name, sizeof(l->ifb_name));
        }
        r = observe(l, &s);
        if (r < 0)
                return r;

        r = qdisc_record_load(l->record_dir, l->ifindex, &l->record);
        if (r >= 0 && (!s.present || is_of(&l->record, &s.link))) {
                l->has_record = l->recorded = l->capped = true;
                return 0;
        }
        qdisc_record_done(&l->record);
        if (!s.present)
                return -ENODEV;

        if (something_stands(l, &s))
                r = guess_record(l, &s, reason);
        else {
                r = qdisc_restore_observe(l->nl, &s.link, &s.qdiscs, &l->record, reason);
                if (r >= 0)
                        r = qdisc_restore_verify(l->nl, &l->record, &s.link, reason);
        }
        if (r < 0)
                return r;
        l->has_record = true;
        return 0;
}

/* Before a change: brings the record up to date with what is about to be
 * replaced, and writes its file. */
static int keep_record(struct link_apply *l, const struct link_plan *plan, const struct scene *s,
                       char **reason)
{
        _cleanup_(qdisc_record_done) struct qdisc_record now = {};
        const bool tree_stands = shaper_stands(&s->qdiscs, l->ifindex);
        const bool fresh = !l->recorded && !something_stands(l, s);
        bool write = !l->recorded;
        int r;

        /* The root is still the user's: what we put back is what stands now. */
        if (!tree_stands && (fresh || plan->outgoing.present)) {
                const bool same =
                        l->has_record && qdisc_restore_same(&l->record, &s->qdiscs, l->ifindex);

                r = qdisc_restore_observe(l->nl, &s->link, &s->qdiscs, &now, reason);
                if (r < 0)
                        return r;
                if (!same) {
                        r = qdisc_restore_verify(l->nl, &now, &s->link, reason);
                        if (r < 0)
                                return r;
                }
                if (!fresh) {
                        now.clsact_ours = l->record.clsact_ours;
                        now.ingress_instead = l->record.ingress_instead;
                        now.txqlen = l->record.txqlen;
                        now.gso_max_segs = l->record.gso_max_segs;
                        now.gro_max_size = l->record.gro_max_size;
                        now.gro_ipv4_max_size = l->record.gro_ipv4_max_size;
                }
                write |= !same;
                qdisc_record_done(&l->record);
                l->record = now;
                now = (struct qdisc_record){};
                l->has_record = true;
        }
        if (!l->capped && (plan->gso_max_segs > 0 || plan->gro_max_size > 0)) {
                write |= l->record.gso_max_segs != s->link.gso_max_segs ||
                         l->record.gro_max_size != s->link.gro_max_size ||
                         l->record.gro_ipv4_max_size != s->link.gro_ipv4_max_size;
                l->record.gso_max_segs = s->link.gso_max_segs;
                l->record.gro_max_size = s->link.gro_max_size;
                l->record.gro_ipv4_max_size = s->link.gro_ipv4_max_size;
        }
        /* Somebody took their clsact away: the next one is ours. */
        if (!s->clsact && !l->record.clsact_ours)
                l->record.clsact_ours = write = true;
        if (!write)
                return 0;
        r = qdisc_record_save(l->record_dir, &l->record);
        if (r < 0) {
                (void)text_set(reason, "cannot keep the record of %s in %s: %s", l->name,
                               l->record_dir, strerror(-r));
                return r;
        }
        l->recorded = true;
        return 0;
}

/* Takes away what the plan does not have: first what sends packets somewhere,
 * then the places they were sent to. */
static int take_away(struct link_apply *l, const struct link_plan *plan, struct scene *s,
                     const char **step)
{
        struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        int r;

        *step = "remove filters from";
        if (!plan->incoming.present || in->redirect_to != l->ifb) {
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
        if (!plan->classify && !plan->incoming.present && s->clsact && l->record.clsact_ours &&
            in->foreign == 0 && out->foreign == 0) {
                *step = "remove clsact from";
                r = tc_clsact_remove(l->nl, l->ifindex);
                if (r < 0)
                        return r;
                s->clsact = false;
                if (l->record.ingress_instead) {
                        r = tc_ingress_add(l->nl, l->ifindex);
                        if (r < 0)
                                return r;
                }
        }
        if (!plan->outgoing.present && shaper_stands(&s->qdiscs, l->ifindex)) {
                *step = "put the root qdisc back on";
                r = qdisc_restore(l->nl, &l->record, l->ifindex);
                if (r < 0)
                        return r;
        }
        if (!plan->incoming.present && l->ifb != 0) {
                *step = "remove the IFB of";
                r = ifb_remove(l->nl, l->ifb);
                if (r < 0)
                        return r;
                l->ifb = 0;
        }
        return 0;
}

/* Caps, or the recorded values again.  Never above what stood before. */
static int set_sizes(struct link_apply *l, const struct link_plan *plan, const struct scene *s)
{
        /* What the kernel makes of 0 when a qdisc is added (sch_api.c). */
        const uint32_t txqlen_default = 1000;
        const struct qdisc_record *was = &l->record;
        struct link_change c = {};
        int r;

        if (plan->gso_max_segs > 0 || l->capped) {
                c.gso_max_segs = plan->gso_max_segs > 0 ? MIN(plan->gso_max_segs, was->gso_max_segs)
                                                        : was->gso_max_segs;
                if (c.gso_max_segs != s->link.gso_max_segs)
                        c.set |= LINK_CHANGE_GSO_MAX_SEGS;
        }
        if (was->gro_max_size > 0 && (plan->gro_max_size > 0 || l->capped)) {
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
        if (is_zero(plan) && l->recorded && was->txqlen == 0 && s->link.txqlen == txqlen_default)
                c.set |= LINK_CHANGE_TXQLEN;
        r = link_state_set(l->nl, l->ifindex, &c);
        if (r < 0)
                return r;
        l->capped = plan->gso_max_segs > 0 || plan->gro_max_size > 0;
        return 0;
}

/* The IFB's tree is built while it is down, and packets come last. */
static int put_ifb(struct link_apply *l, const struct link_plan *plan, const struct scene *s)
{
        const bool new = l->ifb == 0;
        struct link_state ifb;
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

        r = link_state_get(l->nl, l->ifb, NULL, &ifb);
        if (r < 0)
                return r;
        return link_state_set(l->nl, l->ifb,
                              &(struct link_change){
                                      .set = (ifb.up ? 0 : LINK_CHANGE_UP) |
                                             (ifb.mtu == s->link.mtu ? 0 : LINK_CHANGE_MTU),
                                      .mtu = s->link.mtu,
                              });
}

static int put_filters(struct link_apply *l, const struct link_plan *plan, struct scene *s)
{
        struct tc_hook *in = &s->hook[P2S_INCOMING], *out = &s->hook[P2S_OUTGOING];
        int r;

        if (!s->clsact) {
                if (l->record.ingress_instead) {
                        r = tc_clsact_remove(l->nl, l->ifindex);
                        if (r < 0 && r != -ENOENT && r != -EINVAL)
                                return r;
                }
                r = tc_clsact_add(l->nl, l->ifindex);
                if (r < 0)
                        return r;
                tc_hook_init(in);
                tc_hook_init(out);
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
static int put_up(struct link_apply *l, const struct link_plan *plan, struct scene *s,
                  const char **step)
{
        int r;

        if (plan->outgoing.present) {
                *step = "set up HTB on";
                if (!shaper_stands(&s->qdiscs, l->ifindex) &&
                    l->record.items[0].handle == SHAPER_HANDLE) {
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

static int forget_record(struct link_apply *l)
{
        int r;

        if (!l->recorded)
                return 0;
        r = qdisc_record_remove(l->record_dir, l->ifindex);
        if (r < 0 && r != -ENOENT)
                return r;
        l->recorded = false;
        return 0;
}

/* The kernel took everything with the link but the IFB. */
static int bury(struct link_apply *l)
{
        int r;

        if (l->ifb != 0) {
                r = ifb_remove(l->nl, l->ifb);
                if (r < 0)
                        return r;
                l->ifb = 0;
        }
        return forget_record(l);
}

static int make_equal(struct link_apply *l, const struct link_plan *plan, const char **step,
                      char **reason)
{
        _cleanup_(scene_done) struct scene s = {};
        const bool zero = is_zero(plan);
        int r;

        *step = "look at";
        r = observe(l, &s);
        if (r < 0)
                return r;
        if (!s.present)
                return zero ? bury(l) : -ENODEV;

        if (!zero) {
                r = keep_record(l, plan, &s, reason);
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
        r = put_up(l, plan, &s, step);
        if (r < 0)
                return r;
        if (zero) {
                *step = "remove the record of";
                return forget_record(l);
        }
        return 0;
}

int link_apply_plan(struct link_apply *l, const struct link_plan *plan, char **reason)
{
        _cleanup_free_ char *why = NULL;
        _cleanup_free_ char *ignored = NULL;
        const char *step, *undo;
        int r;

        r = make_equal(l, plan, &step, &why);
        if (r == -ENODEV && is_zero(plan)) /* it vanished meanwhile */
                r = make_equal(l, plan, &step, &why);
        if (r < 0) {
                const char *explain = netlink_explain(l->nl);

                if (!why)
                        (void)text_set(&why, "cannot %s %s: %s%s%s", step, l->name, strerror(-r),
                                       explain[0] ? ": " : "", explain);
                (void)make_equal(l, &l->plan, &undo, &ignored);
                *reason = TAKE_PTR(why);
                return r;
        }
        l->plan = *plan;
        return 0;
}
