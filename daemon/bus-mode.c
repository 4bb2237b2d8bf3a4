/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode, EffectiveMode, Holds and what changes them. */
#include "bus.h"
#include "text.h"

static int parse_mode(Manager *m, const char *s, enum mode *ret, sd_bus_error *error)
{
        int mode = mode_from_string(s);

        if (mode < 0) {
                _cleanup_free_ char *quoted = text_quote(s);

                return sd_bus_error_setf(error, P2S_ERROR_INVALID_MODE,
                                         "%s is not a mode: it is one of off, monitor, mark, shape",
                                         quoted ?: "that");
        }
        if (mode >= MODE_MONITOR && !m->capabilities.bpf)
                return sd_bus_error_setf(error, P2S_ERROR_NOT_SUPPORTED,
                                         "this kernel refuses p2sd's BPF programs: it needs "
                                         "CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF, and p2sd "
                                         "needs CAP_BPF and CAP_NET_ADMIN");
        if (mode >= MODE_MONITOR && !m->capabilities.clsact)
                return sd_bus_error_setf(error, P2S_ERROR_NOT_SUPPORTED,
                                         "this kernel has no clsact: modprobe sch_ingress "
                                         "(CONFIG_NET_SCH_INGRESS)");
        if (mode == MODE_SHAPE && !m->capabilities.htb)
                return sd_bus_error_setf(error, P2S_ERROR_NOT_SUPPORTED,
                                         "this kernel has no HTB: modprobe sch_htb "
                                         "(CONFIG_NET_SCH_HTB); \"mark\" works without");
        *ret = (enum mode)mode;
        return 0;
}

int bus_method_set_mode(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        const char *s;
        char *reason = NULL;
        enum mode mode = MODE_OFF;
        int r;

        r = sd_bus_message_read(msg, "s", &s);
        if (r < 0)
                return r;
        r = parse_mode(m, s, &mode, error);
        if (r < 0)
                return r;
        if (mode == m->mode && m->holds.n == 0)
                return sd_bus_reply_method_return(msg, NULL);
        r = authority_check(m->authority, msg, bus_method_set_mode, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_set_mode(m, mode, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        return sd_bus_reply_method_return(msg, NULL);
}

static int on_holder_gone(sd_bus_track *track, void *userdata)
{
        Manager *m = userdata;

        /* One track a hold: the one that has run empty is this one. */
        for (struct hold *h = m->holds.first; h; h = h->next)
                if (h->track == track) {
                        (void)manager_release(m, h->cookie);
                        break;
                }
        return 0;
}

int bus_method_hold_mode(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        _cleanup_(hold_freep) struct hold *h = NULL;
        Manager *m = userdata;
        const char *s, *application, *why, *sender = sd_bus_message_get_sender(msg);
        char *reason = NULL;
        enum mode mode = MODE_OFF;
        uint32_t cookie;
        int r;

        r = sd_bus_message_read(msg, "sss", &s, &application, &why);
        if (r < 0)
                return r;
        r = parse_mode(m, s, &mode, error);
        if (r < 0)
                return r;
        if (!text_is_valid(application, HOLD_APPLICATION_MAX) ||
            !text_is_valid(why, HOLD_REASON_MAX))
                return sd_bus_error_setf(error, P2S_ERROR_INVALID_HOLD,
                                         "application has at most %u bytes and reason %u, "
                                         "without control characters",
                                         HOLD_APPLICATION_MAX, HOLD_REASON_MAX);
        if (holds_of(&m->holds, sender) >= HOLDS_PER_SENDER_MAX || m->holds.n >= HOLDS_MAX)
                return sd_bus_error_setf(error, P2S_ERROR_INVALID_HOLD,
                                         "a connection can have at most %u holds, and all together "
                                         "%u: release some",
                                         HOLDS_PER_SENDER_MAX, HOLDS_MAX);
        r = authority_check(m->authority, msg, bus_method_hold_mode, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;

        r = hold_new(mode, application, why, sender, &h);
        if (r < 0)
                return r;
        r = sd_bus_track_new(m->bus, &h->track, on_holder_gone, m);
        if (r < 0)
                return r;
        r = sd_bus_track_add_sender(h->track, msg);
        if (r < 0)
                return r;
        r = manager_hold(m, h, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        cookie = TAKE_PTR(h)->cookie;
        return sd_bus_reply_method_return(msg, "u", cookie);
}

int bus_method_release_hold(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        const struct hold *h;
        uint32_t cookie;
        int r;

        r = sd_bus_message_read(msg, "u", &cookie);
        if (r < 0)
                return r;
        h = holds_find(&m->holds, cookie);
        if (!h || !streq(h->sender, sd_bus_message_get_sender(msg)))
                return sd_bus_error_setf(error, P2S_ERROR_INVALID_HOLD,
                                         "this connection has no hold %u", cookie);
        r = manager_release(m, cookie);
        if (r < 0)
                return bus_error_of(error, r, NULL);
        return sd_bus_reply_method_return(msg, NULL);
}

int bus_property_mode(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Manager *m = userdata;

        return sd_bus_message_append(reply, "s", mode_to_string(m->mode));
}

int bus_property_effective_mode(sd_bus *bus, const char *path, const char *interface,
                                const char *property, sd_bus_message *reply, void *userdata,
                                sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", mode_to_string(manager_effective_mode(userdata)));
}

int bus_property_holds(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (const struct hold *h = m->holds.first; h && r >= 0; h = h->next)
                r = sd_bus_message_append(reply, "a{sv}", 5, "Cookie", "u", h->cookie, "Mode", "s",
                                          mode_to_string(h->mode), "Application", "s",
                                          h->application, "Reason", "s", h->reason, "Sender", "s",
                                          h->sender);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}
