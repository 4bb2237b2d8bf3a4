/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program-pool.h"

struct ProgramPool {
        ClassifierShared *shared;    /* NULL until programs are loaded */
        struct kernel_ports *wanted; /* NULL: no rules */
        Classifier *spare[2];        /* by whether frames begin with an Ethernet header */
};

int program_pool_new(ProgramPool **ret)
{
        ProgramPool *p;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        *ret = p;
        return 0;
}

void program_pool_free(ProgramPool *p)
{
        if (!p)
                return;
        classifier_free(p->spare[false]);
        classifier_free(p->spare[true]);
        classifier_shared_free(p->shared);
        free(p->wanted);
        free(p);
}

static int load(ProgramPool *p, bool ethernet, Classifier **ret, char **log)
{
        int r;

        if (!p->shared) {
                r = classifier_shared_new(&p->shared);
                if (r < 0)
                        return r;
                if (p->wanted)
                        classifier_shared_set_ports(p->shared, p->wanted);
        }
        return classifier_new(p->shared, ethernet, ret, log);
}

int program_pool_prepare(ProgramPool *p, bool ethernet)
{
        return p->spare[ethernet] ? 0 : load(p, ethernet, &p->spare[ethernet], NULL);
}

static int reset(Classifier *c, struct p2s_totals *ret_base)
{
        struct p2s_settings neutral = {};

        memset(neutral.dscp_write, 64, sizeof(neutral.dscp_write));
        classifier_settings(c, &neutral);
        classifier_forget_all(c);
        return classifier_totals(c, ret_base);
}

int program_pool_take(ProgramPool *p, bool ethernet, Classifier **ret, struct p2s_totals *ret_base,
                      char **log)
{
        _cleanup_(classifier_freep) Classifier *c = NULL;
        struct p2s_totals base = {};
        int r;

        if (p->spare[ethernet] && reset(p->spare[ethernet], &base) >= 0)
                c = TAKE_PTR(p->spare[ethernet]);
        else {
                base = (struct p2s_totals){};
                r = load(p, ethernet, &c, log);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(c);
        *ret_base = base;
        return 0;
}

void program_pool_give_back(ProgramPool *p, bool ethernet, Classifier *c)
{
        if (!p->spare[ethernet])
                p->spare[ethernet] = c;
        else
                classifier_free(c);
}

int program_pool_event_fd(const ProgramPool *p)
{
        return p->shared ? classifier_shared_event_fd(p->shared) : -ENOENT;
}

int program_pool_dispatch(ProgramPool *p, void (*callback)(unsigned ifindex, void *userdata),
                          void *userdata)
{
        return p->shared ? classifier_shared_dispatch(p->shared, callback, userdata) : 0;
}

int program_pool_set_ports(ProgramPool *p, const struct kernel_ports *ports)
{
        if (!p->wanted) {
                p->wanted = malloc(sizeof(*p->wanted));
                if (!p->wanted)
                        return -ENOMEM;
        }
        *p->wanted = *ports;
        if (p->shared)
                classifier_shared_set_ports(p->shared, ports);
        return 0;
}
