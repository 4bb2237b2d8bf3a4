/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reload, Version, Capabilities: the service itself. */
#include "bus.h"

int bus_method_reload(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        char *reason = NULL;
        int r;

        r = authority_check(m->authority, msg, bus_method_reload, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_reload(m, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        return sd_bus_reply_method_return(msg, NULL);
}

int bus_property_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                         sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", P2S_VERSION);
}

int bus_property_capabilities(sd_bus *bus, const char *path, const char *interface,
                              const char *property, sd_bus_message *reply, void *userdata,
                              sd_bus_error *error)
{
        const Manager *m = userdata;
        const struct kernel_capabilities *c = &m->capabilities;
        const struct {
                bool have;
                const char *name;
        } all[] = {{c->bpf, "bpf"},
                   {c->clsact, "clsact"},
                   {c->ifb, "ifb"},
                   {c->htb, "htb"},
                   {c->fq_codel, "fq_codel"}};
        const char *names[ELEMENTSOF(all) + 1];
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                if (all[i].have)
                        names[n++] = all[i].name;
        names[n] = NULL;
        return sd_bus_message_append_strv(reply, (char **)names);
}
