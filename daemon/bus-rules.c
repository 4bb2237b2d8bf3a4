/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports, Dscps and what changes them. */
#include "bus.h"

static int refuse_ports(sd_bus_error *error, int r, const char *why)
{
        if (r == -ENOMEM)
                return r;
        return sd_bus_error_setf(error, P2S_ERROR_INVALID_PORTS, "%s",
                                 why
                                         ?: r == -E2BIG ? "too many ranges"
                                                        : strerror(-r));
}

/* Authorises and puts the new set in force, if it is one; *set is left for the
 * caller to free. */
static int change_ports(Manager *m, sd_bus_message *msg, PortSet *set, bool changed,
                        sd_bus_message_handler_t handler, sd_bus_error *error)
{
        int r;

        if (!changed)
                return sd_bus_reply_method_return(msg, NULL);
        r = authority_check(m->authority, msg, handler, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_set_ports(m, set);
        if (r < 0)
                return bus_error_of(error, r, NULL);
        return sd_bus_reply_method_return(msg, NULL);
}

int bus_method_add_ports(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(port_set_donep) PortSet set = {0};
        const char *class, *label, *why = NULL;
        Manager *m = userdata;
        uint16_t first, last;
        int r;

        r = sd_bus_message_read(msg, "qqss", &first, &last, &class, &label);
        if (r < 0)
                return r;
        r = port_set_validate(first, last, p2s_class_from_string(class), label, &why);
        if (r < 0)
                return refuse_ports(error, r, why);
        r = port_set_copy(&m->ports, &set);
        if (r < 0)
                return r;
        r = port_set_add(&set, first, last, (enum p2s_class)p2s_class_from_string(class), label,
                         &why);
        if (r < 0)
                return refuse_ports(error, r, why);
        return change_ports(m, msg, &set, r > 0, bus_method_add_ports, error);
}

int bus_method_remove_ports(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(port_set_donep) PortSet set = {0};
        Manager *m = userdata;
        const char *why = NULL;
        uint16_t first, last;
        int r;

        r = sd_bus_message_read(msg, "qq", &first, &last);
        if (r < 0)
                return r;
        r = port_set_copy(&m->ports, &set);
        if (r < 0)
                return r;
        r = port_set_remove(&set, first, last, &why);
        if (r < 0)
                return refuse_ports(error, r, why);
        return change_ports(m, msg, &set, r > 0, bus_method_remove_ports, error);
}

/* Reads a(qqss) into ranges; *ret_n of them. */
static int read_ranges(sd_bus_message *msg, struct port_range **ret, size_t *ret_n,
                       const char **why)
{
        _cleanup_free_ struct port_range *ranges = NULL;
        const char *class, *label;
        uint16_t first, last;
        size_t n = 0;
        int r;

        ranges = calloc(PORT_SET_MAX, sizeof *ranges);
        if (!ranges)
                return -ENOMEM;
        r = sd_bus_message_enter_container(msg, 'a', "(qqss)");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(msg, "(qqss)", &first, &last, &class, &label)) > 0) {
                int c = p2s_class_from_string(class);

                r = port_set_validate(first, last, c, label, why);
                if (r < 0)
                        return r;
                if (n >= PORT_SET_MAX)
                        return -E2BIG;
                ranges[n] = (struct port_range){
                        .first = first, .last = last, .class = (enum p2s_class)c};
                (void)stpcpy(ranges[n++].label, label);
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(ranges);
        *ret_n = n;
        return sd_bus_message_exit_container(msg);
}

int bus_method_set_ports(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(port_set_donep) PortSet set = {0};
        _cleanup_free_ struct port_range *ranges = NULL;
        Manager *m = userdata;
        const char *why = NULL;
        size_t n;
        int r;

        r = read_ranges(msg, &ranges, &n, &why);
        if (r >= 0)
                r = port_set_replace(&set, ranges, n, &why);
        if (r < 0)
                return refuse_ports(error, r, why);
        return change_ports(m, msg, &set, !port_set_equal(&set, &m->ports), bus_method_set_ports,
                            error);
}

static int read_dscps(sd_bus_message *msg, DscpMap *ret, sd_bus_error *error)
{
        const char *class;
        uint8_t value;
        int r;

        r = sd_bus_message_enter_container(msg, 'a', "(ys)");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(msg, "(ys)", &value, &class)) > 0) {
                int c = p2s_class_from_string(class);

                if (value >= DSCP_MAX)
                        return sd_bus_error_setf(error, P2S_ERROR_INVALID_DSCPS,
                                                 "DSCP %u: it is one of 0 … 63", value);
                if (c < 0)
                        return sd_bus_error_setf(
                                error, P2S_ERROR_INVALID_DSCPS,
                                "DSCP %u: its class is one of voice, video, general", value);
                if (ret->class[value] != P2S_CLASS_NONE)
                        return sd_bus_error_setf(error, P2S_ERROR_INVALID_DSCPS,
                                                 "DSCP %u is named twice", value);
                ret->class[value] = (uint8_t)c;
        }
        return r < 0 ? r : sd_bus_message_exit_container(msg);
}

int bus_method_set_dscps(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        DscpMap dscps = {0};
        int r;

        r = read_dscps(msg, &dscps, error);
        if (r < 0)
                return r;
        if (dscp_map_equal(&dscps, &m->dscps))
                return sd_bus_reply_method_return(msg, NULL);
        r = authority_check(m->authority, msg, bus_method_set_dscps, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_set_dscps(m, &dscps);
        if (r < 0)
                return bus_error_of(error, r, NULL);
        return sd_bus_reply_method_return(msg, NULL);
}

int bus_property_ports(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(qqss)");
        if (r < 0)
                return r;
        PORT_SET_FOREACH (p, &m->ports) {
                r = sd_bus_message_append(reply, "(qqss)", p->first, p->last,
                                          p2s_class_to_string(p->class), p->label);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(reply);
}

int bus_property_dscps(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(ys)");
        for (unsigned v = 0; v < DSCP_MAX && r >= 0; v++)
                if (m->dscps.class[v] != P2S_CLASS_NONE)
                        r = sd_bus_message_append(reply, "(ys)", (uint8_t)v,
                                                  p2s_class_to_string(m->dscps.class[v]));
        return r < 0 ? r : sd_bus_message_close_container(reply);
}
