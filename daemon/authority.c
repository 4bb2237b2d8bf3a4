/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "authority.h"
#include "log.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* A person may have to type a password: polkit's own agents give up earlier. */
#define QUERY_TIMEOUT_USEC (5 * 60 * USEC_PER_SEC)
/* Beyond this many at once callers are told to come back. */
#define QUERIES_MAX 256u

static const struct {
        const char *member;
        const char *action; /* NULL: anyone may */
} members[] = {
        {"SetMode", "org.p2s.set-mode"},
        {"HoldMode", "org.p2s.set-mode"},
        {"ReleaseHold", NULL}, /* only the holder's own */
        {"AddPorts", "org.p2s.configure"},
        {"RemovePorts", "org.p2s.configure"},
        {"SetPorts", "org.p2s.configure"},
        {"SetDscps", "org.p2s.configure"},
        {"SetLink", "org.p2s.configure"},
        {"UnsetLink", "org.p2s.configure"},
        {"ForgetNetwork", "org.p2s.configure"},
        {"ResetStats", "org.p2s.configure"},
        {"Reload", "org.p2s.configure"},
        {"GetCalls", "org.p2s.read-calls"},
        {"GetStats", NULL},
        {"GetHistory", NULL},
        {"Diagnose", NULL},
        {"Subscribe", NULL},
        {"Unsubscribe", NULL},
};

/* One question to polkit on behalf of one method call. */
struct query {
        Authority *authority;
        struct query *next;
        sd_bus_message *message; /* the caller's */
        sd_bus_message_handler_t handler;
        void *userdata;
        sd_bus_slot *slot;   /* of the call to polkit; NULL once answered */
        sd_bus_track *track; /* the caller */
        uint64_t id;
        int verdict; /* 1 yes, negative errno no; valid once answered */
};

struct Authority {
        sd_bus *bus;
        struct query *queries;
        unsigned n_queries;
        uint64_t last_id;
        bool unreachable; /* polkit gave no answer the last time: said once */
};

const char *authority_action(const char *member, bool *ret_free)
{
        *ret_free = false;
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (streq(members[i].member, member)) {
                        *ret_free = !members[i].action;
                        return members[i].action;
                }
        return NULL;
}

int authority_new(sd_bus *bus, Authority **ret)
{
        Authority *a = calloc(1, sizeof *a);

        if (!a)
                return -ENOMEM;
        a->bus = sd_bus_ref(bus);
        *ret = a;
        return 0;
}

/* Unlinks and frees; the call to polkit, if still under way, is dropped. */
static void query_free(struct query *q)
{
        if (!q)
                return;
        if (q->authority)
                for (struct query **p = &q->authority->queries; *p; p = &(*p)->next)
                        if (*p == q) {
                                *p = q->next;
                                q->authority->n_queries--;
                                break;
                        }
        sd_bus_slot_unref(q->slot);
        sd_bus_track_unref(q->track);
        sd_bus_message_unref(q->message);
        free(q);
}
DEFINE_CLEANUP(struct query *, query_free)

Authority *authority_free(Authority *a)
{
        if (!a)
                return NULL;
        while (a->queries)
                query_free(a->queries);
        sd_bus_unref(a->bus);
        free(a);
        return NULL;
}

unsigned authority_pending(const Authority *a)
{
        return a->n_queries;
}

/* "p2sd.7": names a query so that it can be cancelled. */
static void query_cancellation_id(const struct query *q, char ret[static 32])
{
        (void)snprintf(ret, 32, "p2sd.%" PRIu64, q->id);
}

/* Says what polkit's answer means in errno: 1, -EACCES, or -EINPROGRESS where it
 * would have to ask a person and was not allowed to. */
static int parse_answer(sd_bus_message *reply)
{
        int authorized, challenge, r;

        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
        if (r < 0)
                return r;
        return authorized ? 1 : challenge ? -EINPROGRESS : -EACCES;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        _cleanup_(query_freep) struct query *q = userdata;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        q->slot = sd_bus_slot_unref(q->slot);
        q->track = sd_bus_track_unref(q->track);

        if (sd_bus_message_is_method_error(reply, NULL)) {
                const sd_bus_error *e = sd_bus_message_get_error(reply);

                log_full(q->authority->unreachable ? LOG_DEBUG : LOG_WARNING,
                         "polkit: no answer: %s: %s; only root may change anything", e->name,
                         e->message);
                q->authority->unreachable = true;
                q->verdict = -EIO;
        } else {
                q->authority->unreachable = false;
                q->verdict = parse_answer(reply);
        }

        /* The handler runs again from the top: what it validated may have
         * changed while a person typed a password. */
        r = sd_bus_message_rewind(q->message, true);
        if (r >= 0)
                r = q->handler(q->message, q->userdata, &error);
        if (r < 0) {
                if (sd_bus_error_is_set(&error))
                        (void)sd_bus_reply_method_error(q->message, &error);
                else
                        (void)sd_bus_reply_method_errno(q->message, r, NULL);
        }
        return 0;
}

/* The caller has left: nobody waits for the answer any more, and a password
 * prompt for it should go away. */
static int on_caller_gone(sd_bus_track *track, void *userdata)
{
        struct query *q = userdata;
        char id[32];

        query_cancellation_id(q, id);
        (void)sd_bus_call_method_async(q->authority->bus, NULL, POLKIT_NAME, POLKIT_PATH,
                                       POLKIT_INTERFACE, "CancelCheckAuthorization", NULL, NULL,
                                       "s", id);
        query_free(q);
        return 0;
}

static int ask_polkit(struct query *q, const char *action)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        uint32_t flags = sd_bus_message_get_allow_interactive_authorization(q->message) > 0 ? 1 : 0;
        char id[32];
        int r;

        r = sd_bus_message_new_method_call(q->authority->bus, &call, POLKIT_NAME, POLKIT_PATH,
                                           POLKIT_INTERFACE, "CheckAuthorization");
        if (r < 0)
                return r;
        query_cancellation_id(q, id);
        r = sd_bus_message_append(call, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
                                  sd_bus_message_get_sender(q->message), action, 0, flags, id);
        if (r < 0)
                return r;
        return sd_bus_call_async(q->authority->bus, &q->slot, call, on_answer, q,
                                 QUERY_TIMEOUT_USEC);
}

static int caller_is_root(sd_bus_message *m)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        uid_t uid;
        int r;

        r = sd_bus_query_sender_creds(m, SD_BUS_CREDS_EUID, &creds);
        if (r < 0)
                return r;
        r = sd_bus_creds_get_euid(creds, &uid);
        if (r < 0)
                return r;
        return uid == 0;
}

/* The verdict of the query that this very message is about, if there is one. */
static int known_verdict(Authority *a, sd_bus_message *m, const char *action, sd_bus_error *error)
{
        for (struct query *q = a->queries; q; q = q->next) {
                if (q->message != m)
                        continue;
                if (q->verdict > 0)
                        return 1;
                if (q->verdict == -EINPROGRESS)
                        return sd_bus_error_setf(
                                error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                                "%s needs a password: allow interactive authorization", action);
                if (q->verdict == -EACCES)
                        return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED,
                                                 "%s was refused by polkit", action);
                return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED,
                                         "polkit gave no answer about %s: only root may now",
                                         action);
        }
        return 0;
}

int authority_check(Authority *a, sd_bus_message *m, sd_bus_message_handler_t handler,
                    void *userdata, sd_bus_error *error)
{
        _cleanup_(query_freep) struct query *q = NULL;
        const char *member = sd_bus_message_get_member(m), *action;
        bool anyone;
        int r;

        action = authority_action(member, &anyone);
        if (anyone)
                return 1;
        if (!action)
                return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED,
                                         "%s is in no authorisation table", member);

        r = known_verdict(a, m, action, error);
        if (r != 0)
                return r;
        r = caller_is_root(m);
        if (r != 0)
                return r;
        if (a->n_queries >= QUERIES_MAX)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                         "%u authorisations are under way: try again later",
                                         a->n_queries);

        q = calloc(1, sizeof *q);
        if (!q)
                return -ENOMEM;
        *q = (struct query){
                .authority = a,
                .next = a->queries,
                .message = sd_bus_message_ref(m),
                .handler = handler,
                .userdata = userdata,
                .id = ++a->last_id,
        };
        a->queries = q;
        a->n_queries++;

        r = sd_bus_track_new(a->bus, &q->track, on_caller_gone, q);
        if (r < 0)
                return r;
        r = sd_bus_track_add_sender(q->track, m);
        if (r < 0)
                return r;
        r = ask_polkit(q, action);
        if (r < 0)
                return r;
        TAKE_PTR(q);
        return 0;
}
