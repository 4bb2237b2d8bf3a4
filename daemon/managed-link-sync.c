/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the kernel's side of one link what is wanted: take, apply, mend, let go. */
#include "call-events.h"
#include "log.h"
#include "managed-link-private.h"
#include "manager.h"
#include "text.h"

void managed_link_bank_drops(struct managed_link *l)
{
        struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        Manager *m = l->manager;

        if (m->ops->link_queues(l->kernel, queues) < 0)
                return;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        m->stats.drops[d][q] += queues[d][q].drops;
}

/* What the link's figures were is kept in the totals of all. */
static void bank_totals(struct managed_link *l)
{
        Manager *m = l->manager;
        struct p2s_totals totals;

        if (m->ops->link_totals(l->kernel, &totals) >= 0)
                stats_add_totals(&m->stats.totals, &totals);
}

/* Owns what.  A link taken by force: this is what the user is told once. */
static void note_displaced(struct managed_link *l, char *what)
{
        free(l->displaced);
        l->displaced = what;
        if (what)
                log_warning("%s: taken by force; the kernel's default will be put back for it: %s",
                            l->facts.name, what);
}

int managed_link_let_go(struct managed_link *l, char **reason)
{
        static const struct link_plan nothing;
        Manager *m = l->manager;
        int r;

        if (!l->kernel)
                return 0;
        managed_link_bank_drops(l);
        r = m->ops->link_apply(l->kernel, &nothing, reason);
        if (r < 0 && r != -ENODEV)
                return r;
        bank_totals(l);
        m->ops->link_free(TAKE_PTR(l->kernel));
        note_displaced(l, NULL);
        l->plan = nothing;
        memset(&l->counters, 0, sizeof l->counters);
        memset(&l->shaping, 0, sizeof l->shaping);
        l->shaping_source = sd_event_source_disable_unref(l->shaping_source);
        call_events_drop_link(m, l->facts.ifindex);
        return 0;
}

/* Which interface the name stands for now.  "auto" leaves alone what a setting
 * of its own names. */
static int find_interface(const struct managed_link *l, struct link_facts *ret)
{
        const Manager *m = l->manager;
        struct default_link route;
        int r;

        if (!streq(l->setting.name, "auto"))
                return m->ops->link_facts(m->kernel, l->setting.name, ret);
        r = m->ops->default_link(m->kernel, &route);
        if (r < 0)
                return r;
        if (manager_find_link(m, route.name))
                return -ENODEV;
        return m->ops->link_facts(m->kernel, route.name, ret);
}

/* In a mode that does not shape what goes out the root qdisc is not touched. */
static enum kernel_take take_for(const struct managed_link *l, enum mode mode)
{
        if (mode < MODE_SHAPE || l->setting.uplink_bps == 0)
                return KERNEL_TAKE_BUT_ROOT;
        return l->setting.options.of[LINK_FORCE] ? KERNEL_TAKE_BY_FORCE : KERNEL_TAKE_ALL;
}

int managed_link_sync(struct managed_link *l, enum mode mode, char **reason)
{
        _cleanup_free_ char *why = NULL;
        Manager *m = l->manager;
        struct link_facts facts;
        bool taken = false;
        int r;

        r = find_interface(l, &facts);
        if (r < 0 || facts.ifindex != l->facts.ifindex || mode == MODE_OFF) {
                int s = managed_link_let_go(l, reason);

                if (s < 0)
                        return s;
        }
        if (r < 0)
                memset(&l->facts, 0, sizeof l->facts);
        if (r == -ENODEV) {
                managed_link_meet_network(l);
                managed_link_set_state(l, LINK_ABSENT, NULL);
                return 0;
        }
        if (r < 0) {
                if (reason)
                        (void)text_set(reason, "cannot look at %s: %s", l->setting.name,
                                       r == -EILSEQ ? "the default route's link has a name that is "
                                                      "not text; \"ip link set\" renames it"
                                                    : strerror(-r));
                return r;
        }
        l->facts = facts;
        managed_link_meet_network(l);
        l->gave_up = false;
        if (mode == MODE_OFF) {
                managed_link_set_state(l, facts.up ? LINK_ACTIVE : LINK_DOWN, NULL);
                return 0;
        }

        if (!l->kernel) {
                r = m->ops->link_take(m->kernel, &facts, take_for(l, mode), &l->kernel, &why);
                if (r >= 0)
                        note_displaced(l, TAKE_PTR(why));
                if (r == -EBUSY) {
                        managed_link_set_state(l, LINK_BUSY, why);
                        return 0;
                }
                taken = r >= 0;
                l->takes += taken;
        }
        if (l->kernel)
                r = managed_link_apply(l, mode, &why);
        if (r == -EBUSY && l->kernel) { /* its root was to stay, and now is not */
                r = managed_link_let_go(l, reason);
                if (r < 0)
                        return r;
                if (l->setting.options.of[LINK_FORCE] && !taken)
                        return managed_link_sync(l, mode, reason);
                managed_link_set_state(l, LINK_BUSY, why);
                return 0;
        }
        if (r == -ENODEV) { /* it has vanished meanwhile */
                (void)managed_link_let_go(l, NULL);
                managed_link_set_state(l, LINK_ABSENT, NULL);
                return 0;
        }
        if (r < 0) {
                if (taken)
                        m->ops->link_free(TAKE_PTR(l->kernel));
                if (reason)
                        *reason = TAKE_PTR(why);
                return r;
        }
        managed_link_set_state(l, facts.up ? LINK_ACTIVE : LINK_DOWN, NULL);
        return 0;
}

/* Lets go of a link that somebody else will not leave alone. */
static void give_up(struct managed_link *l)
{
        _cleanup_free_ char *reason = NULL;
        int r = managed_link_let_go(l, &reason);

        if (r < 0) {
                managed_link_fail(l, r, reason);
                return;
        }
        memset(&l->mending, 0, sizeof l->mending);
        managed_link_fail(l, -EBUSY,
                          "another program keeps taking away or changing what p2sd sets up there "
                          "(6 times in a minute); stop it, then set the link again");
        l->gave_up = true;
}

/* Whether the link that was given up is still there, and the same. */
static bool is_given_up(const struct managed_link *l)
{
        struct link_facts facts;

        return l->gave_up && manager_effective_mode(l->manager) != MODE_OFF &&
               find_interface(l, &facts) >= 0 && facts.ifindex == l->facts.ifindex;
}

void managed_link_resync(struct managed_link *l)
{
        _cleanup_free_ char *reason = NULL;
        const struct link_plan before = l->plan;
        const unsigned takes = l->takes;
        Manager *m = l->manager;
        uint64_t changes;
        int r;

        if (is_given_up(l))
                return;
        changes = m->ops->changes(m->kernel);
        r = managed_link_sync(l, manager_effective_mode(m), &reason);
        if (r < 0) {
                managed_link_fail(l, r, reason);
                return;
        }
        if (!l->kernel || l->takes != takes)
                return;
        /* where the plan stayed, every change mends; else what was gone tells */
        if (link_plan_equal(&before, &l->plan) ? m->ops->changes(m->kernel) == changes
                                               : !m->ops->link_mended(l->kernel))
                return;
        log_notice("%s: mended: another program had taken away or changed something of p2sd's",
                   l->facts.name);
        if (!mending_note(&l->mending, now_usec()))
                give_up(l);
}

int managed_link_probe(struct Manager *m, const struct link_setting *wanted, char **reason)
{
        const struct managed_link l = {.manager = m, .setting = *wanted},
                                  *now = manager_find_link(m, wanted->name);
        _cleanup_free_ char *why = NULL;
        struct link_facts facts;
        KernelLink *kernel;
        int r;

        if ((now && now->kernel) || find_interface(&l, &facts) < 0)
                return 0;
        r = m->ops->link_take(m->kernel, &facts, take_for(&l, MODE_SHAPE), &kernel, &why);
        if (r >= 0)
                m->ops->link_free(kernel);
        else
                *reason = TAKE_PTR(why);
        return r;
}

void managed_link_whereabouts(struct Manager *m, const struct link_setting *wanted,
                              char ret_interface[static 16], struct network_name *ret)
{
        const struct managed_link *now = manager_find_link(m, wanted->name);
        struct managed_link l = {.manager = m, .setting = *wanted};

        if (now)
                l = *now;
        else if (find_interface(&l, &l.facts) >= 0)
                managed_link_find_network(&l);
        memcpy(ret_interface, l.facts.name, sizeof l.facts.name);
        *ret = l.network;
}
