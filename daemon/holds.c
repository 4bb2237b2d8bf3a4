/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holds.h"

struct hold *hold_free(struct hold *h)
{
        if (!h)
                return NULL;
        sd_bus_track_unref(h->track);
        free(h->application);
        free(h->reason);
        free(h->sender);
        free(h);
        return NULL;
}

int hold_new(enum mode mode, const char *application, const char *reason, const char *sender,
             struct hold **ret)
{
        _cleanup_(hold_freep) struct hold *h = calloc(1, sizeof *h);

        if (!h)
                return -ENOMEM;
        h->mode = mode;
        h->application = strdup(application);
        h->reason = strdup(reason);
        h->sender = strdup(sender);
        if (!h->application || !h->reason || !h->sender)
                return -ENOMEM;
        *ret = TAKE_PTR(h);
        return 0;
}

struct hold *holds_find(const struct holds *hs, uint32_t cookie)
{
        for (struct hold *h = hs->first; h; h = h->next)
                if (h->cookie == cookie)
                        return h;
        return NULL;
}

void holds_add(struct holds *hs, struct hold *h)
{
        do
                h->cookie = ++hs->last_cookie;
        while (h->cookie == 0 || holds_find(hs, h->cookie));
        h->next = hs->first;
        hs->first = h;
        hs->n++;
}

struct hold *holds_take(struct holds *hs, uint32_t cookie)
{
        for (struct hold **p = &hs->first; *p; p = &(*p)->next) {
                struct hold *h = *p;

                if (h->cookie != cookie)
                        continue;
                *p = h->next;
                h->next = NULL;
                hs->n--;
                return h;
        }
        return NULL;
}

unsigned holds_of(const struct holds *hs, const char *sender)
{
        unsigned n = 0;

        for (const struct hold *h = hs->first; h; h = h->next)
                n += streq(h->sender, sender);
        return n;
}

enum mode holds_strongest(const struct holds *hs, enum mode otherwise)
{
        enum mode strongest = hs->first ? hs->first->mode : otherwise;

        for (const struct hold *h = hs->first; h; h = h->next)
                strongest = MAX(strongest, h->mode);
        return strongest;
}

void holds_clear(struct holds *hs)
{
        while (hs->first)
                hold_free(holds_take(hs, hs->first->cookie));
}
