/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls everything that p2sd has on the bus, with everything that a body can hold.
 *
 *   fuzz-bus CALLS SECONDS SEED [UID]      until either is used up; a line of JSON
 *
 * Half of the bodies have the right types and odd values, half any types at all; now and
 * then the connection is dropped with its calls under way.  Status 1: p2sd went away. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "util.h"

#define NAME       "org.p2s.Manager"
#define PATH       "/org/p2s/Manager"
#define PROPERTIES "org.freedesktop.DBus.Properties"

#define PENDING_MAX   48   /* calls under way at once: polkit's queries among them */
#define RECONNECT     1500 /* calls of one connection, on average */
#define DEPTH_MAX     4
#define SIGNATURE_MAX 64
#define LONG_STRING   20000
#define MANY_ELEMENTS 3000

static const struct {
        const char *interface, *member, *signature;
} targets[] = {
        {NAME, "SetMode", "s"},
        {NAME, "HoldMode", "sss"},
        {NAME, "ReleaseHold", "u"},
        {NAME, "AddPorts", "qqss"},
        {NAME, "RemovePorts", "qq"},
        {NAME, "SetPorts", "a(qqss)"},
        {NAME, "SetDscps", "a(ys)"},
        {NAME, "SetLink", "stta{sv}"},
        {NAME, "UnsetLink", "s"},
        {NAME, "ForgetNetwork", "ss"},
        {NAME, "GetStats", ""},
        {NAME, "GetCalls", ""},
        {NAME, "GetHistory", "st"},
        {NAME, "Subscribe", "t"},
        {NAME, "Unsubscribe", ""},
        {NAME, "ResetStats", ""},
        {NAME, "Reload", ""},
        {NAME, "Diagnose", ""},
        {NAME, "NoSuchMember", "s"},
        {PROPERTIES, "Get", "ss"},
        {PROPERTIES, "Set", "ssv"},
        {PROPERTIES, "GetAll", "s"},
        {"org.freedesktop.DBus.Introspectable", "Introspect", ""},
        {"org.freedesktop.DBus.Peer", "Ping", ""},
};

/* Beside that of the manager. */
static const char *const paths[] = {"/org/freedesktop/LogControl1", "/org/p2s", "/"};

/* What would be right here or there. */
static const char *const words[] = {
        "off",      "monitor",   "mark",       "shape",
        "voice",    "video",     "general",    "auto",
        "p2sA",     "p2sB",      "lo",         "trust-incoming-dscp",
        "Mode",     "Ports",     "Links",      "EffectiveMode",
        "Dscps",    "Holds",     "Version",    NAME,
        "outgoing", "",          "\n[Link x]", "a/b",
        "..",       "%s%n%x",    "\"'\\",      "\x01\x7f",
        "日本語",   "when",      "overhead",   "linklayer",
        "LogLevel", "LogTarget", "debug",      "org.freedesktop.LogControl1",
};

static uint64_t seed;
static unsigned pending;
static uint64_t n_answers, n_errors;
static bool gone;

static uint64_t any(void)
{
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(unsigned n)
{
        return (unsigned)(any() >> 33) % n;
}

/* The end of the one complete type that begins there. */
static const char *type_end(const char *s)
{
        unsigned depth = 0;

        while (*s == 'a')
                s++;
        do {
                if (*s == '(' || *s == '{')
                        depth++;
                if (*s == ')' || *s == '}')
                        depth--;
                s++;
        } while (depth > 0);
        return s;
}

/* Appends one complete type, of any kind, to the string. */
static void make_type(char **p, const char *end, unsigned depth)
{
        static const char basic[] = "ybnqiuxtdsog";
        unsigned kind = depth >= DEPTH_MAX || end - *p < 12 ? 4 : below(8);

        switch (kind) {
        case 0:
                *(*p)++ = 'a';
                make_type(p, end, depth + 1);
                return;
        case 1:
                *(*p)++ = '(';
                for (unsigned n = 1 + below(3); n > 0; n--)
                        make_type(p, end - 1, depth + 1);
                *(*p)++ = ')';
                return;
        case 2:
                *(*p)++ = 'a';
                *(*p)++ = '{';
                *(*p)++ = basic[below(sizeof basic - 1)];
                make_type(p, end - 1, depth + 1);
                *(*p)++ = '}';
                return;
        case 3:
                *(*p)++ = 'v';
                return;
        default:
                *(*p)++ = basic[below(sizeof basic - 1)];
        }
}

static uint64_t odd_number(void)
{
        static const uint64_t odd[] = {
                0,         1,         2,        63,       64,         65535,        65536,
                64000,     100000,    10000000, 50000000, 1000000000, 100000000000, UINT32_MAX,
                INT64_MAX, UINT64_MAX};

        return below(3) == 0 ? any() : odd[below(ELEMENTSOF(odd))];
}

static int append_string(sd_bus_message *m)
{
        static char text[LONG_STRING + 1];
        unsigned n;

        if (below(4) > 0)
                return sd_bus_message_append_basic(m, 's', words[below(ELEMENTSOF(words))]);
        n = below(8) == 0 ? LONG_STRING : below(300);
        for (unsigned i = 0; i < n; i++)
                text[i] = (char)(1 + below(127));
        text[n] = '\0';
        return sd_bus_message_append_basic(m, 's', text);
}

static int append_double(sd_bus_message *m)
{
        const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 1e308, 5e-324, 1};
        double d = odd[below(ELEMENTSOF(odd))];

        return sd_bus_message_append_basic(m, 'd', &d);
}

static int append_types(sd_bus_message *m, const char *s, const char *end, unsigned depth);

static int append_container(sd_bus_message *m, const char *s, const char *end, unsigned depth)
{
        char kind = *s == '(' ? 'r' : *s == '{' ? 'e' : *s, contents[SIGNATURE_MAX + 1];
        unsigned n = 1;
        int r;

        if (kind == 'v') {
                char *p = contents;

                make_type(&p, contents + SIGNATURE_MAX, depth + 1);
                *p = '\0';
        } else {
                size_t skip = kind == 'a' ? 0 : 1; /* the bracket at the end */

                (void)snprintf(contents, sizeof contents, "%.*s",
                               (int)((size_t)(end - s) - 1 - skip), s + 1);
        }
        if (kind == 'a')
                n = depth == 0 && below(50) == 0 ? MANY_ELEMENTS : below(4);
        r = sd_bus_message_open_container(m, kind, contents);
        for (; n > 0 && r >= 0; n--)
                r = append_types(m, contents, contents + strlen(contents), depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_types(sd_bus_message *m, const char *s, const char *end, unsigned depth)
{
        int r = 0;

        while (s < end && r >= 0) {
                const char *next = type_end(s);
                uint64_t number = odd_number();
                int boolean = (int)(number & 1);

                if (strchr("a({v", *s))
                        r = append_container(m, s, next, depth);
                else if (*s == 's')
                        r = append_string(m);
                else if (*s == 'o')
                        r = sd_bus_message_append_basic(m, 'o', below(2) ? "/" : PATH);
                else if (*s == 'g')
                        r = sd_bus_message_append_basic(m, 'g', below(2) ? "" : "a{sv}");
                else if (*s == 'd')
                        r = append_double(m);
                else if (*s == 'b')
                        r = sd_bus_message_append_basic(m, 'b', &boolean);
                else /* little endian or not: odd either way */
                        r = sd_bus_message_append_basic(m, *s, &number);
                s = next;
        }
        return r;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);

        pending--;
        n_answers++;
        if (!e)
                return 0;
        n_errors++;
        if (streq(e->name, SD_BUS_ERROR_NO_REPLY) || streq(e->name, SD_BUS_ERROR_SERVICE_UNKNOWN))
                gone = true;
        return 0;
}

static int call(sd_bus *bus)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        unsigned t = below(ELEMENTSOF(targets));
        char signature[3 * SIGNATURE_MAX + 1], *p = signature;
        int r;

        if (below(2) == 0)
                for (unsigned n = below(4); n > 0; n--)
                        make_type(&p, p + SIGNATURE_MAX, 0);
        else
                p = stpcpy(signature, targets[t].signature);
        *p = '\0';

        r = sd_bus_message_new_method_call(bus, &m, NAME,
                                           below(8) > 0 ? PATH : paths[below(ELEMENTSOF(paths))],
                                           targets[t].interface, targets[t].member);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, (int)below(2));
        if (r >= 0)
                r = append_types(m, signature, p, 0);
        if (r >= 0)
                r = sd_bus_call_async(bus, NULL, m, on_answer, NULL, UINT64_MAX);
        if (r >= 0)
                pending++;
        return r;
}

/* Until no more than `most` calls are under way. */
static int wait_for_answers(sd_bus *bus, unsigned most, uint64_t end_usec)
{
        while (pending > most && !gone) {
                int r = sd_bus_process(bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(bus, USEC_PER_SEC);
                if (r < 0)
                        return r;
                if (now_usec() > end_usec + 60 * USEC_PER_SEC)
                        return -ETIMEDOUT;
        }
        return 0;
}

int main(int argc, char *argv[])
{
        uint64_t n = 0, n_max, end_usec;
        sd_bus *bus = NULL;
        int r = 0;

        if (argc < 4) {
                (void)fputs("usage: fuzz-bus CALLS SECONDS SEED [UID]\n", stderr);
                return 2;
        }
        n_max = strtoull(argv[1], NULL, 10);
        end_usec = now_usec() + strtoull(argv[2], NULL, 10) * USEC_PER_SEC;
        seed = strtoull(argv[3], NULL, 10) | 1;
        if (argc > 4 &&
            setresuid((uid_t)atoi(argv[4]), (uid_t)atoi(argv[4]), (uid_t)atoi(argv[4])) < 0)
                return 2;

        while (r >= 0 && !gone && n < n_max && now_usec() < end_usec) {
                if (bus && below(RECONNECT) == 0) {
                        /* half of the times with calls under way */
                        if (below(2) == 0)
                                r = wait_for_answers(bus, 0, end_usec);
                        sd_bus_close_unref(bus);
                        bus = NULL;
                        pending = 0;
                }
                if (!bus)
                        r = sd_bus_open_system(&bus);
                if (r >= 0)
                        r = call(bus);
                if (r >= 0)
                        r = wait_for_answers(bus, PENDING_MAX, end_usec);
                n++;
        }
        if (r >= 0)
                r = wait_for_answers(bus, 0, end_usec);
        (void)printf("{\"calls\": %" PRIu64 ", \"answers\": %" PRIu64 ", \"errors\": %" PRIu64
                     ", \"seed\": %s}\n",
                     n, n_answers, n_errors, argv[3]);
        if (r < 0)
                (void)fprintf(stderr, "fuzz-bus: after %" PRIu64 " calls: %s\n", n, strerror(-r));
        if (gone)
                (void)fprintf(stderr, "fuzz-bus: p2sd went away after %" PRIu64 " calls\n", n);
        sd_bus_flush_close_unref(bus);
        return r < 0 || gone;
}
