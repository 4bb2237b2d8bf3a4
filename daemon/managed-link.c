/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call-events.h"
#include "log.h"
#include "manager.h"
#include "message-id.h"
#include "text.h"

/* Two clients that ask at the same moment get the same reading. */
#define READING_AGE_USEC (50 * USEC_PER_MSEC)

static const char *const states[] = {
        [LINK_ABSENT] = "absent", [LINK_DOWN] = "down",     [LINK_ACTIVE] = "active",
        [LINK_BUSY] = "busy",     [LINK_FAILED] = "failed",
};

const char *link_state_to_string(enum link_state state)
{
        return states[state];
}

int managed_link_new(struct Manager *m, const struct link_setting *setting,
                     struct managed_link **ret)
{
        _cleanup_(managed_link_freep) struct managed_link *l = calloc(1, sizeof *l);
        int r;

        if (!l)
                return -ENOMEM;
        l->manager = m;
        l->setting = *setting;
        r = sample_ring_new(&l->history);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(l);
        return 0;
}

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

int managed_link_push_settings(struct managed_link *l, enum mode mode)
{
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
        s.announce = managed_link_is_shaped(l) && l->shaping.state == SHAPING_LOOSE;
        memcpy(s.dscp_class, m->dscps.class, sizeof s.dscp_class);
        return m->ops->link_settings(l->kernel, &s);
}

/* What the link's figures were is kept in the totals of all. */
static void bank_totals(struct managed_link *l)
{
        Manager *m = l->manager;
        struct p2s_totals totals;

        if (m->ops->link_totals(l->kernel, &totals) >= 0)
                stats_add_totals(&m->stats.totals, &totals);
}

static void bank_drops(struct managed_link *l)
{
        struct kernel_queue_stats queues[_P2S_DIRECTION_MAX][_P2S_QUEUE_MAX];
        Manager *m = l->manager;

        if (m->ops->link_queues(l->kernel, queues) < 0)
                return;
        for (unsigned d = 0; d < _P2S_DIRECTION_MAX; d++)
                for (unsigned q = 0; q < _P2S_QUEUE_MAX; q++)
                        m->stats.drops[d][q] += queues[d][q].drops;
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

/* Puts back what was there and lets go of it. */
static int let_go(struct managed_link *l, char **reason)
{
        static const struct link_plan nothing;
        Manager *m = l->manager;
        int r;

        if (!l->kernel)
                return 0;
        bank_drops(l);
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

static void log_state(const char *name, enum link_state state, enum link_state before,
                      const char *reason)
{
        bool trouble = state >= LINK_BUSY;
        struct log_entry e;

        log_entry_begin(&e, trouble ? LOG_WARNING : LOG_INFO,
                        trouble ? MESSAGE_LINK_TROUBLE : MESSAGE_LINK_STATE);
        log_entry_add(&e, "P2S_LINK", "%s", name);
        log_entry_add(&e, "P2S_STATE", "%s", states[state]);
        log_entry_add(&e, "P2S_STATE_BEFORE", "%s", states[before]);
        if (reason)
                log_entry_add(&e, "P2S_REASON", "%s", reason);
        log_entry_send(&e, "%s: %s%s%s", name, states[state], reason ? ": " : "", reason ?: "");
}

static void set_state(struct managed_link *l, enum link_state state, const char *reason)
{
        const char *name = l->facts.name[0] ? l->facts.name : l->setting.name;

        if (l->state == state && streq_ptr(l->reason, reason))
                return;
        log_state(name, state, l->state, reason);
        l->state = state;
        free(l->reason);
        l->reason = reason ? strdup(reason) : NULL;
}

void managed_link_fail(struct managed_link *l, int error, const char *reason)
{
        set_state(l, LINK_FAILED, reason ?: strerror(-error));
}

/* Which interface the name stands for now.  "auto" leaves alone what a setting
 * of its own names. */
static int find_interface(const struct managed_link *l, struct link_facts *ret)
{
        const Manager *m = l->manager;
        char name[sizeof l->setting.name];
        int r;

        if (!streq(l->setting.name, "auto"))
                return m->ops->link_facts(m->kernel, l->setting.name, ret);
        r = m->ops->default_link(m->kernel, name);
        if (r < 0)
                return r;
        if (manager_find_link(m, name))
                return -ENODEV;
        return m->ops->link_facts(m->kernel, name, ret);
}

/* In a mode that does not shape what goes out the root qdisc is not touched. */
static enum kernel_take take_for(const struct managed_link *l, enum mode mode)
{
        if (mode < MODE_SHAPE || l->setting.uplink_bps == 0)
                return KERNEL_TAKE_BUT_ROOT;
        return l->setting.options.of[LINK_FORCE] ? KERNEL_TAKE_BY_FORCE : KERNEL_TAKE_ALL;
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
        struct managed_link *l = userdata;

        (void)managed_link_read(l);
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

static int apply_plan(struct managed_link *l, enum mode mode, char **reason)
{
        const uint64_t now = now_usec();
        const enum shaping wanted = link_shaping_wanted(&l->shaping, when(l), now);
        const Manager *m = l->manager;
        struct link_plan plan;
        int r;

        make_plan(l, mode, wanted, now, &plan);
        if (any_tree(&plan) && wanted == SHAPING_TIGHT && !is_tight(l)) {
                l->shaping.drain_until_usec = now + LINK_DRAIN_USEC;
                make_plan(l, mode, wanted, now, &plan);
        }
        if ((l->plan.outgoing.present && !plan.outgoing.present) ||
            (l->plan.incoming.present && !plan.incoming.present))
                bank_drops(l);
        r = m->ops->link_apply(l->kernel, &plan, reason);
        if (r < 0)
                return r;
        l->plan = plan;
        l->shaping.state = wanted;
        r = arm_shaping(l, now);
        return r < 0 ? r : managed_link_push_settings(l, mode);
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
                int s = let_go(l, reason);

                if (s < 0)
                        return s;
        }
        if (r == -ENODEV) {
                memset(&l->facts, 0, sizeof l->facts);
                set_state(l, LINK_ABSENT, NULL);
                return 0;
        }
        if (r < 0)
                return r;
        l->facts = facts;
        l->gave_up = false;
        if (mode == MODE_OFF) {
                set_state(l, facts.up ? LINK_ACTIVE : LINK_DOWN, NULL);
                return 0;
        }

        if (!l->kernel) {
                r = m->ops->link_take(m->kernel, &facts, take_for(l, mode), &l->kernel, &why);
                if (r >= 0)
                        note_displaced(l, TAKE_PTR(why));
                if (r == -EBUSY) {
                        set_state(l, LINK_BUSY, why);
                        return 0;
                }
                taken = r >= 0;
                l->takes += taken;
        }
        if (l->kernel)
                r = apply_plan(l, mode, &why);
        if (r == -EBUSY && l->kernel) { /* its root was to stay, and now is not */
                r = let_go(l, reason);
                if (r < 0)
                        return r;
                if (l->setting.options.of[LINK_FORCE] && !taken)
                        return managed_link_sync(l, mode, reason);
                set_state(l, LINK_BUSY, why);
                return 0;
        }
        if (r == -ENODEV) { /* it has vanished meanwhile */
                (void)let_go(l, NULL);
                set_state(l, LINK_ABSENT, NULL);
                return 0;
        }
        if (r < 0) {
                if (taken)
                        m->ops->link_free(TAKE_PTR(l->kernel));
                if (reason)
                        *reason = TAKE_PTR(why);
                return r;
        }
        set_state(l, facts.up ? LINK_ACTIVE : LINK_DOWN, NULL);
        return 0;
}

/* Lets go of a link that somebody else will not leave alone. */
static void give_up(struct managed_link *l)
{
        _cleanup_free_ char *reason = NULL;
        int r = let_go(l, &reason);

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
        if (!l->kernel || l->takes != takes || memcmp(&before, &l->plan, sizeof before) != 0 ||
            m->ops->changes(m->kernel) == changes)
                return;
        log_notice("%s: mended: another program had taken away or changed something of p2sd's",
                   l->facts.name);
        if (!mending_note(&l->mending, now_usec()))
                give_up(l);
}

void managed_link_call_began(struct managed_link *l)
{
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

struct managed_link *managed_link_free(struct managed_link *l)
{
        _cleanup_free_ char *reason = NULL;
        int r;

        if (!l)
                return NULL;
        r = let_go(l, &reason);
        if (r < 0) {
                log_error("%s: cannot put back what was there: %s; \"p2sd --revert\" tries again",
                          l->facts.name, reason ?: strerror(-r));
                l->manager->ops->link_free(l->kernel);
        }
        sd_event_source_disable_unref(l->shaping_source);
        sample_ring_free(l->history);
        free(l->reason);
        free(l->displaced);
        free(l);
        return NULL;
}

int managed_link_read(struct managed_link *l)
{
        _cleanup_free_ struct kernel_flow *flows = NULL;
        Manager *m = l->manager;
        struct sample_counters c = {.time_usec = now_usec()};
        size_t n;
        int r;

        if (!l->kernel)
                return -ENODEV;
        if (l->counters.time_usec && c.time_usec - l->counters.time_usec < READING_AGE_USEC)
                return 0;
        r = m->ops->link_totals(l->kernel, &c.totals);
        if (r < 0)
                return r;
        r = m->ops->link_queues(l->kernel, c.queues);
        if (r < 0)
                return r;
        r = m->ops->link_flows(l->kernel, &flows, &n);
        if (r < 0)
                return r;
        r = call_events_take(m, l->facts.ifindex, flows, n);
        if (r < 0)
                return r;
        /* where the programs could not tell of it */
        link_shaping_hear(&l->shaping, flows, n);
        if (managed_link_is_shaped(l) && l->shaping.state == SHAPING_LOOSE &&
            link_shaping_wanted(&l->shaping, when(l), c.time_usec) == SHAPING_TIGHT)
                (void)arm_shaping(l, c.time_usec);
        call_table_figures(m->calls, l->facts.ifindex, &c.calls);
        l->counters = c;
        return 0;
}

const char *managed_link_treatment(const struct managed_link *l, enum p2s_direction direction)
{
        const struct shaper_tree *t =
                direction == P2S_OUTGOING ? &l->plan.outgoing : &l->plan.incoming;

        if (!l->kernel || !l->plan.classify)
                return "none";
        if (t->present)
                return "shaped";
        return manager_effective_mode(l->manager) >= MODE_MARK ? "marked" : "measured";
}
