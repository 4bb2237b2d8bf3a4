/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "p2sctl-text.h"
#include "p2sctl.h"

/* A person may need this long to find and type a password, µs. */
#define ASK_TIMEOUT_USEC (5 * 60 * USEC_PER_SEC)

#define BUS_ERROR "org.freedesktop.DBus.Error."
#define P2S_ERROR "org.p2s.Error."

#define OTHER_VERSION                                                                              \
        "p2sd is of another version: 'systemctl restart p2sd' starts the installed one"

/* Errors by name or, where it ends with '.', by prefix; the first that fits.
 * reason NULL: the error's own message, which for most of org.p2s.Error says what
 * to do as well. */
static const struct known_error {
        const char *name;
        enum ctl_status status;
        const char *reason;
        const char *hint;
} known_errors[] = {
        {BUS_ERROR "ServiceUnknown", CTL_UNAVAILABLE, "p2sd is not running",
         "start it with 'systemctl start p2sd'"},
        {BUS_ERROR "NameHasNoOwner", CTL_UNAVAILABLE, "p2sd is not running",
         "start it with 'systemctl start p2sd'"},
        {BUS_ERROR "Spawn.", CTL_UNAVAILABLE, "p2sd could not be started",
         "'systemctl status p2sd' says why"},
        {BUS_ERROR "NoReply", CTL_UNAVAILABLE, "p2sd gave no answer",
         "'systemctl status p2sd' shows how it is"},
        {BUS_ERROR "Timeout", CTL_UNAVAILABLE, "p2sd gave no answer in time",
         "'systemctl status p2sd' shows how it is"},
        {BUS_ERROR "TimedOut", CTL_UNAVAILABLE, "p2sd could not be started in time",
         "'systemctl status p2sd' says why"},
        {BUS_ERROR "Disconnected", CTL_UNAVAILABLE, "the system bus went away",
         "try again when it is back"},
        {BUS_ERROR "InteractiveAuthorizationRequired", CTL_UNAUTHORISED, "a password is needed",
         "leave out --no-ask-password, or run it with sudo"},
        {BUS_ERROR "AccessDenied", CTL_UNAUTHORISED, "not authorised",
         "run it with sudo, or see polkit(8)"},
        {BUS_ERROR "AuthFailed", CTL_UNAUTHORISED, "not authorised",
         "run it with sudo, or see polkit(8)"},
        {BUS_ERROR "UnknownMethod", CTL_FAILED, NULL, OTHER_VERSION},
        {BUS_ERROR "UnknownInterface", CTL_FAILED, NULL, OTHER_VERSION},
        {BUS_ERROR "UnknownObject", CTL_FAILED, NULL, OTHER_VERSION},
        {BUS_ERROR "InvalidArgs", CTL_FAILED, NULL, OTHER_VERSION},
        {P2S_ERROR "InvalidPorts", CTL_FAILED, NULL,
         "say ports from 1 to 65535 and voice, video or general"},
        {P2S_ERROR "LinkBusy", CTL_FAILED, NULL,
         "take away that qdisc ('tc qdisc show') and try again"},
        {P2S_ERROR "Failed", CTL_FAILED, NULL, "'journalctl -u p2sd' has more"},
};

int ctl_subject(Ctl *c, const char *format, ...)
{
        char *subject;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&subject, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;
        free(c->subject);
        c->subject = subject;
        return 0;
}

int ctl_refuse(Ctl *c, enum ctl_status status, const char *format, ...)
{
        char *refusal;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&refusal, format, ap);
        va_end(ap);
        if (r < 0)
                return -ENOMEM;
        free(c->refusal);
        c->refusal = refusal;
        c->status = status;
        return -ECANCELED;
}

int ctl_connect(Ctl *c)
{
        int r;

        if (c->bus)
                return 0;
        r = sd_bus_open_system_with_description(&c->bus, "p2sctl");
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return ctl_refuse(c, CTL_UNAVAILABLE,
                                  "the system bus cannot be reached: %s; "
                                  "'systemctl status dbus' shows how it is",
                                  strerror(-r));
        return 0;
}

int ctl_new_call(Ctl *c, const char *member, sd_bus_message **ret)
{
        int r = ctl_connect(c);

        if (r < 0)
                return r;
        return sd_bus_message_new_method_call(c->bus, ret, P2S_NAME, P2S_PATH, P2S_INTERFACE,
                                              member);
}

int ctl_send(Ctl *c, sd_bus_message *m, bool ask, Value **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t timeout = 0; /* sd-bus's own */
        int r;

        if (ask && c->ask) {
                r = sd_bus_message_set_allow_interactive_authorization(m, true);
                if (r < 0)
                        return r;
                agent_open(&c->agent);
                timeout = ASK_TIMEOUT_USEC;
        }
        sd_bus_error_free(&c->error);
        r = sd_bus_call(c->bus, m, timeout, &c->error, &reply);
        if (r < 0)
                return r;
        return ret ? value_read(reply, ret) : 0;
}

int ctl_call(Ctl *c, bool ask, const char *member, Value **ret, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = ctl_new_call(c, member, &m);
        if (r < 0)
                return r;
        if (types) {
                va_list ap;

                va_start(ap, types);
                r = sd_bus_message_appendv(m, types, ap);
                va_end(ap);
                if (r < 0)
                        return r;
        }
        return ctl_send(c, m, ask, ret);
}

int ctl_properties(Ctl *c, Value **ret)
{
        static const char *const port_fields[] = {"First", "Last", "Class", "Label", NULL};
        static const char *const dscp_fields[] = {"Value", "Class", NULL};
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(value_freep) Value *reply = NULL, *properties = NULL;
        int r;

        r = ctl_connect(c);
        if (r < 0)
                return r;
        r = sd_bus_message_new_method_call(c->bus, &m, P2S_NAME, P2S_PATH,
                                           "org.freedesktop.DBus.Properties", "GetAll");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", P2S_INTERFACE);
        if (r < 0)
                return r;
        r = ctl_send(c, m, false, &reply);
        if (r < 0)
                return r;
        if (value_count(reply) != 1)
                return -EBADMSG;

        properties = TAKE_PTR(reply->items[0]);
        for (size_t i = 0; i < value_count(properties); i++) {
                if (properties->type != VALUE_DICT)
                        return -EBADMSG;
                r = 0;
                if (streq(properties->keys[i], "Ports"))
                        r = value_name(properties->items[i], port_fields);
                else if (streq(properties->keys[i], "Dscps"))
                        r = value_name(properties->items[i], dscp_fields);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(properties);
        return 0;
}

/* The entry for this error, or NULL. */
static const struct known_error *find_known(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(known_errors); i++) {
                const char *n = known_errors[i].name;
                size_t length = strlen(n);

                if (n[length - 1] == '.' ? strncmp(name, n, length) == 0 : streq(name, n))
                        return &known_errors[i];
        }
        return NULL;
}

/* Where sd-bus itself failed it made a D-Bus name out of the errno, or none. */
static const struct known_error *find_errno(int r)
{
        if (r == -ETIMEDOUT)
                return find_known(BUS_ERROR "NoReply");
        if (r == -ECONNRESET || r == -ENOTCONN || r == -ECONNREFUSED || r == -EPIPE)
                return find_known(BUS_ERROR "Disconnected");
        return NULL;
}

/* What to do about it: the verb knows best, then the table. */
static const char *find_hint(const Ctl *c, const struct known_error *known)
{
        if (!known)
                return c->hint;
        /* The password could have been asked for, but nobody was there to do it. */
        if (c->ask &&
            sd_bus_error_has_name(&c->error, BUS_ERROR "InteractiveAuthorizationRequired"))
                return "run it on a terminal, or with sudo";
        return known->status == CTL_FAILED && c->hint ? c->hint : known->hint;
}

enum ctl_status ctl_explain(Ctl *c, int r)
{
        const struct known_error *known = NULL;
        _cleanup_free_ char *safe = NULL, *subject = NULL;
        const char *reason, *hint;

        if (c->refusal) {
                if (text_safe(c->refusal, c->utf8, &safe) < 0)
                        return c->status;
                (void)fprintf(stderr, "p2sctl: %s\n", safe);
                return c->status;
        }

        if (sd_bus_error_is_set(&c->error)) {
                known = find_known(c->error.name);
                if (!known)
                        known = find_errno(r);
                reason = c->error.message && *c->error.message ? c->error.message : c->error.name;
        } else {
                known = find_errno(r);
                reason = r == -EBADMSG ? "p2sd's answer makes no sense" : strerror(-r);
        }
        if (known && known->reason)
                reason = known->reason;
        hint = find_hint(c, known);
        if (text_safe(reason, c->utf8, &safe) < 0 ||
            text_safe(c->subject ? c->subject : "", c->utf8, &subject) < 0)
                return CTL_FAILED;

        (void)fprintf(stderr, "p2sctl: %s%s%s%s%s\n", subject, *subject ? ": " : "", safe,
                      hint ? "; " : "", hint ? hint : "");
        return known ? known->status : CTL_FAILED;
}
