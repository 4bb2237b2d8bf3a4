/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of the kernel for one link, and when that changes by itself. */
#include "log.h"
#include "managed-link-private.h"
#include "manager.h"

/* RFC 8837: what each class is written as on the wire; 64 = left alone. */
static void fill_dscp_write(struct p2s_settings *s, bool mark)
{
        memset(s->dscp_write, DSCP_MAX, sizeof s->dscp_write);
        if (!mark)
                return;
        s->dscp_write[P2S_CLASS_VOICE] = 46; /* EF */
        s->dscp_write[P2S_CLASS_VIDEO] = 34; /* AF41 */
}

/* With a tree the priority is the class's handle; without one the link's own
 * qdisc sees a call as interactive. */
static void fill_priorities(uint32_t priority[static _P2S_QUEUE_MAX], const struct shaper_tree *t,
                            bool mark)
{
        if (t->present)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        priority[q] = SHAPER_HANDLE | t->class[q].minor;
        else if (mark) {
                priority[P2S_QUEUE_VOICE] = SHAPER_PRIORITY_MARKED;
                priority[P2S_QUEUE_VIDEO] = SHAPER_PRIORITY_MARKED;
        }
}

static bool is_loose(const struct managed_link *l)
{
        return managed_link_is_shaped(l) && l->shaping.state == SHAPING_LOOSE;
}

int managed_link_push_settings(struct managed_link *l, enum mode mode)
{
        const struct managed_link *carrier;
        const Manager *m = l->manager;
        struct p2s_settings s = {
                .dscp_trust = {[P2S_OUTGOING] = 1,
                               [P2S_INCOMING] =
                                       l->setting.options.of[LINK_TRUST_INCOMING_DSCP] != 0},
                .detect = 1,
        };

        if (!l->kernel)
                return 0;
        fill_dscp_write(&s, mode >= MODE_MARK);
        fill_priorities(s.priority[P2S_OUTGOING], &l->plan.outgoing, mode >= MODE_MARK);
        fill_priorities(s.priority[P2S_INCOMING], &l->plan.incoming, mode >= MODE_MARK);
        carrier = manager_carrier_of(m, l);
        s.announce =
                history_is_resting(m->history) || is_loose(l) || (carrier && is_loose(carrier));
        s.tag_write = carrier != NULL;
        s.tag_read = manager_tunnel_on(m, l) != NULL;
        memcpy(s.tag, m->tags, sizeof s.tag);
        memcpy(s.dscp_class, m->dscps.class, sizeof s.dscp_class);
        return m->ops->link_settings(l->kernel, &s);
}

static bool any_tree(const struct link_plan *plan)
{
        return plan->outgoing.present || plan->incoming.present;
}

static enum link_when when(const struct managed_link *l)
{
        return (enum link_when)l->setting.options.of[LINK_WHEN];
}

static void make_plan(const struct managed_link *l, enum mode mode, enum shaping shaping,
                      uint64_t now, struct link_plan *ret)
{
        const struct kernel_capabilities *c = &l->manager->capabilities;
        unsigned share = now < l->shaping.drain_until_usec ? 2 : 1;
        const struct shaper_wish wish = {
                .classify = mode >= MODE_MONITOR,
                .xdp = mode >= MODE_MARK ? (enum link_xdp)l->setting.options.of[LINK_XDP]
                                         : LINK_XDP_OFF,
                .shape = mode == MODE_SHAPE && c->htb,
                .have_fq_codel = c->fq_codel,
                .loose = shaping == SHAPING_LOOSE,
                .layer = line_layer_of(&l->setting.options, l->facts.ethernet),
                .rate_bps = {[P2S_OUTGOING] = l->setting.uplink_bps / share,
                             [P2S_INCOMING] = c->ifb ? l->setting.downlink_bps / share : 0},
        };

        shaper_plan(&l->facts, &wish, ret);
}

/* An IFB stands already where a restart takes over from a crash. */
static bool is_tight(const struct managed_link *l)
{
        return any_tree(&l->plan) ? l->shaping.state == SHAPING_TIGHT
                                  : l->manager->ops->link_ifb(l->kernel) != NULL;
}

static int on_shaping_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct managed_link *l = userdata, *tunnel = manager_tunnel_on(l->manager, l);

        (void)managed_link_read(l);
        if (tunnel)
                (void)managed_link_read(tunnel);
        managed_link_resync(l);
        manager_announce(l->manager);
        return 0;
}

/* Wakes us when the shaping is to change by itself; no timer runs without need. */
static int arm_shaping(struct managed_link *l, uint64_t now)
{
        uint64_t due = managed_link_is_shaped(l) ? link_shaping_due(&l->shaping, when(l), now) : 0;

        l->shaping_source = sd_event_source_disable_unref(l->shaping_source);
        if (due == 0)
                return 0;
        return sd_event_add_time(l->manager->event, &l->shaping_source, CLOCK_MONOTONIC, due,
                                 USEC_PER_MSEC, on_shaping_due, l);
}

/* What became of it is no reason to fail, but to be told once. */
static void note_xdp(struct managed_link *l)
{
        static const char *const words[] = {
                [KERNEL_XDP_NONE] = "incoming packets are not marked",
                [KERNEL_XDP_NATIVE] = "incoming packets of calls are marked by XDP, natively",
                [KERNEL_XDP_GENERIC] = "incoming packets of calls are marked by generic XDP",
                [KERNEL_XDP_BUSY] = "incoming packets are not marked: another program has the "
                                    "XDP hook, and keeps it",
                [KERNEL_XDP_REFUSED] = "incoming packets are not marked: neither the driver nor "
                                       "the kernel takes an XDP program there",
        };
        enum kernel_xdp now = l->manager->ops->link_xdp(l->kernel);

        if (now == l->xdp)
                return;
        log_info("%s: %s", l->facts.name, words[now]);
        l->xdp = now;
}

int managed_link_apply(struct managed_link *l, enum mode mode, char **reason)
{
        const uint64_t now = now_usec();
        const enum shaping wanted = link_shaping_wanted(&l->shaping, when(l), now);
        const Manager *m = l->manager;
        struct managed_link *tunnel;
        struct link_plan plan;
        int r;

        make_plan(l, mode, wanted, now, &plan);
        if (any_tree(&plan) && wanted == SHAPING_TIGHT && !is_tight(l)) {
                l->shaping.drain_until_usec = now + LINK_DRAIN_USEC;
                make_plan(l, mode, wanted, now, &plan);
        }
        if ((l->plan.outgoing.present && !plan.outgoing.present) ||
            (l->plan.incoming.present && !plan.incoming.present))
                managed_link_bank_drops(l);
        r = m->ops->link_apply(l->kernel, &plan, reason);
        if (r < 0)
                return r;
        l->plan = plan;
        note_xdp(l);
        l->shaping.state = wanted;
        r = arm_shaping(l, now);
        if (r >= 0)
                r = managed_link_push_settings(l, mode);
        tunnel = manager_tunnel_on(m, l);
        return r < 0 || !tunnel ? r : managed_link_push_settings(tunnel, mode);
}

void managed_link_call_began(struct managed_link *l)
{
        struct managed_link *carrier = manager_carrier_of(l->manager, l);

        if (carrier)
                managed_link_call_began(carrier);
        if (!managed_link_is_shaped(l))
                return;
        l->shaping.call_usec = now_usec();
        managed_link_resync(l);
        manager_announce(l->manager);
}

bool managed_link_is_shaped(const struct managed_link *l)
{
        return l->kernel && any_tree(&l->plan);
}

void managed_link_hear(struct managed_link *l, const struct kernel_flow *flows, size_t n,
                       uint64_t now)
{
        struct managed_link *carrier = manager_carrier_of(l->manager, l);

        if (carrier)
                managed_link_hear(carrier, flows, n, now);
        link_shaping_hear(&l->shaping, flows, n);
        if (managed_link_is_shaped(l) && l->shaping.state == SHAPING_LOOSE &&
            link_shaping_wanted(&l->shaping, when(l), now) == SHAPING_TIGHT)
                (void)arm_shaping(l, now);
}
