/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-changes.h"
#include "bus.h"
#include "log.h"

static const struct {
        const char *name;
        sd_bus_property_get_t get;
} properties[] = {
        {"Mode", bus_property_mode},         {"EffectiveMode", bus_property_effective_mode},
        {"Holds", bus_property_holds},       {"Ports", bus_property_ports},
        {"Dscps", bus_property_dscps},       {"Links", bus_property_links},
        {"Networks", bus_property_networks},
};

struct Changes {
        Manager *manager;
        /* each holds one property's value and is never sent */
        sd_bus_message *announced[ELEMENTSOF(properties)];
};

static int read_property(Manager *m, size_t i, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *value = NULL;
        int r;

        r = sd_bus_message_new_signal(m->bus, &value, P2S_PATH, P2S_INTERFACE, "Value");
        if (r >= 0)
                r = properties[i].get(m->bus, P2S_PATH, P2S_INTERFACE, properties[i].name, value, m,
                                      NULL);
        /* any cookie will do: only what is sealed can be read */
        if (r >= 0)
                r = sd_bus_message_seal(value, 1, 0);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(value);
        return 0;
}

/* 1: both go on alike from where they stand to the end of what holds them. */
static int equal(sd_bus_message *a, sd_bus_message *b)
{
        for (;;) {
                const char *in_a, *in_b;
                char type_a, type_b;
                int r, s;

                r = sd_bus_message_peek_type(a, &type_a, &in_a);
                s = sd_bus_message_peek_type(b, &type_b, &in_b);
                if (r < 0 || s < 0)
                        return r < 0 ? r : s;
                if (r != s || (r > 0 && (type_a != type_b || !streq_ptr(in_a, in_b))))
                        return 0;
                if (r == 0)
                        return 1;

                if (in_a) {
                        r = sd_bus_message_enter_container(a, type_a, in_a);
                        s = sd_bus_message_enter_container(b, type_b, in_b);
                        if (r < 0 || s < 0)
                                return r < 0 ? r : s;
                        r = equal(a, b);
                        if (r <= 0)
                                return r;
                        r = sd_bus_message_exit_container(a);
                        s = sd_bus_message_exit_container(b);
                } else {
                        union {
                                const char *string;
                                uint64_t bits;
                        } x = {.bits = 0}, y = {.bits = 0};

                        r = sd_bus_message_read_basic(a, type_a, &x);
                        s = sd_bus_message_read_basic(b, type_b, &y);
                        if (r >= 0 && s >= 0 &&
                            !(strchr("sog", type_a) ? streq(x.string, y.string) : x.bits == y.bits))
                                return 0;
                }
                if (r < 0 || s < 0)
                        return r < 0 ? r : s;
        }
}

static int same(sd_bus_message *a, sd_bus_message *b)
{
        int r;

        r = sd_bus_message_rewind(a, true);
        if (r >= 0)
                r = sd_bus_message_rewind(b, true);
        return r < 0 ? r : equal(a, b);
}

/* 1: it has changed, and counts as announced now. */
static int take_change(Changes *c, size_t i)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *now = NULL;
        int r;

        r = read_property(c->manager, i, &now);
        if (r < 0)
                return r;
        r = same(c->announced[i], now);
        if (r != 0)
                return r < 0 ? r : 0;
        sd_bus_message_unref(c->announced[i]);
        c->announced[i] = TAKE_PTR(now);
        return 1;
}

int changes_new(Manager *m, Changes **ret)
{
        _cleanup_(changes_freep) Changes *c = calloc(1, sizeof *c);

        if (!c)
                return -ENOMEM;
        c->manager = m;
        for (size_t i = 0; i < ELEMENTSOF(properties); i++) {
                int r = read_property(m, i, &c->announced[i]);

                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(c);
        return 0;
}

Changes *changes_free(Changes *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(c->announced); i++)
                sd_bus_message_unref(c->announced[i]);
        free(c);
        return NULL;
}

void changes_announce(Changes *c)
{
        const char *names[ELEMENTSOF(properties) + 1];
        size_t n = 0;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(properties); i++) {
                r = take_change(c, i);
                /* better once too often than a client that knows wrong */
                if (r != 0)
                        names[n++] = properties[i].name;
        }
        names[n] = NULL;
        if (n == 0)
                return;
        r = sd_bus_emit_properties_changed_strv(c->manager->bus, P2S_PATH, P2S_INTERFACE,
                                                (char **)names);
        if (r < 0)
                log_warning("bus: cannot announce a change: %s", strerror(-r));
}
