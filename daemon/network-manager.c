/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-manager.h"

#include "log.h"
#include "text.h"

#define NM_NAME      "org.freedesktop.NetworkManager"
#define NM_PATH      "/org/freedesktop/NetworkManager"
#define NM_DEVICE    NM_NAME ".Device"
#define NM_ACTIVE    NM_NAME ".Connection.Active"
#define PROPERTIES   "org.freedesktop.DBus.Properties"
#define TIMEOUT_USEC (10 * USEC_PER_SEC)
/* NM_ACTIVATION_STATE_FLAG_EXTERNAL: made up by NetworkManager for what it found, under
 * another uuid at each start. */
#define FLAG_EXTERNAL 0x80u

#define DEVICES_MAX 64

struct device {
        char interface[16];
        char *active; /* object path */
};

struct active {
        char *path;
        struct nm_connection connection;
        uint32_t flags;
};

struct table {
        struct device devices[DEVICES_MAX];
        struct active actives[DEVICES_MAX];
        size_t n_devices, n_actives;
};

struct NetworkManager {
        sd_bus *bus;
        sd_bus_slot *owner, *watch, *device, *active, *query;
        bool again;          /* something changed while a query was under way */
        struct table *table; /* NULL: it does not run */
        void (*changed)(void *userdata);
        void *userdata;
};

static struct table *table_free(struct table *t)
{
        if (!t)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(t->devices); i++)
                free(t->devices[i].active);
        for (size_t i = 0; i < ELEMENTSOF(t->actives); i++)
                free(t->actives[i].path);
        free(t);
        return NULL;
}
DEFINE_CLEANUP(struct table *, table_free)

NetworkManager *network_manager_free(NetworkManager *nm)
{
        if (!nm)
                return NULL;
        sd_bus_slot_unref(nm->owner);
        sd_bus_slot_unref(nm->watch);
        sd_bus_slot_unref(nm->device);
        sd_bus_slot_unref(nm->active);
        sd_bus_slot_unref(nm->query);
        table_free(nm->table);
        free(nm);
        return NULL;
}

/* A variant that holds a string or an object path; 0: something else, skipped. */
static int read_text(sd_bus_message *m, const char **ret)
{
        const char *contents;
        int r = sd_bus_message_peek_type(m, NULL, &contents);

        if (r < 0)
                return r;
        if (!streq(contents, "s") && !streq(contents, "o"))
                return sd_bus_message_skip(m, "v");
        return sd_bus_message_read(m, "v", contents, ret);
}

static int read_device(sd_bus_message *m, const char *key, struct device *d)
{
        const char *text = NULL;
        char *copy;
        int r;

        /* IpInterface is another where one is made on top, as PPPoE does */
        if (!streq(key, "Interface") && !streq(key, "IpInterface") &&
            !streq(key, "ActiveConnection"))
                return sd_bus_message_skip(m, "v");
        r = read_text(m, &text);
        if (r < 0 || !text)
                return r;
        if (streq(key, "ActiveConnection")) {
                copy = strdup(text);
                if (!copy)
                        return -ENOMEM;
                free(d->active);
                d->active = copy;
        } else if (link_name_is_valid(text) && (streq(key, "IpInterface") || !d->interface[0]))
                (void)stpcpy(d->interface, text);
        return 0;
}

static int read_active(sd_bus_message *m, const char *key, struct active *a)
{
        static const char *const wired[] = {"802-3-ethernet", "bond", "bridge", "team", "vlan"};
        const char *text = NULL, *contents;
        int r;

        if (streq(key, "StateFlags")) {
                r = sd_bus_message_peek_type(m, NULL, &contents);
                if (r >= 0 && streq(contents, "u"))
                        return sd_bus_message_read(m, "v", "u", &a->flags);
                return r < 0 ? r : sd_bus_message_skip(m, "v");
        }
        if (!streq(key, "Uuid") && !streq(key, "Id") && !streq(key, "Type"))
                return sd_bus_message_skip(m, "v");
        r = read_text(m, &text);
        if (r < 0 || !text)
                return r;
        if (streq(key, "Uuid") && strlen(text) < sizeof a->connection.uuid)
                (void)stpcpy(a->connection.uuid, text);
        if (streq(key, "Id") && text_is_valid(text, sizeof a->connection.name - 1))
                (void)stpcpy(a->connection.name, text);
        for (size_t i = 0; streq(key, "Type") && i < ELEMENTSOF(wired); i++)
                a->connection.wired |= streq(text, wired[i]);
        return 0;
}

/* One interface of one object: sa{sv}. */
static int read_interface(sd_bus_message *m, const char *path, struct table *t)
{
        struct device *d = &t->devices[t->n_devices];
        struct active *a = &t->actives[t->n_actives];
        const char *interface, *key;
        bool device, active;
        int r;

        r = sd_bus_message_read(m, "s", &interface);
        if (r < 0)
                return r;
        device = streq(interface, NM_DEVICE) && t->n_devices < DEVICES_MAX - 1;
        active = streq(interface, NM_ACTIVE) && t->n_actives < DEVICES_MAX - 1;
        if (!device && !active)
                return sd_bus_message_skip(m, "a{sv}");

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = device ? read_device(m, key, d) : read_active(m, key, a);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        if (active) {
                a->path = strdup(path);
                if (!a->path)
                        return -ENOMEM;
        }
        t->n_devices += device;
        t->n_actives += active;
        return sd_bus_message_exit_container(m);
}

/* a{oa{sa{sv}}} */
static int read_objects(sd_bus_message *m, struct table *t)
{
        const char *path;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r >= 0)
                        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
                if (r < 0)
                        return r;
                while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                        r = read_interface(m, path, t);
                        if (r >= 0)
                                r = sd_bus_message_exit_container(m);
                        if (r < 0)
                                return r;
                }
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static void query(NetworkManager *nm);

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(table_freep) struct table *t = NULL;
        NetworkManager *nm = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);
        int r;

        nm->query = sd_bus_slot_unref(nm->query);
        if (nm->again) {
                query(nm);
                return 0;
        }
        if (!e) {
                t = calloc(1, sizeof *t);
                r = t ? read_objects(m, t) : -ENOMEM;
                if (r < 0) {
                        log_warning("NetworkManager: cannot read what it says: %s, ignoring",
                                    strerror(-r));
                        return 0;
                }
        } else if (!sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) &&
                   !sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                log_warning("NetworkManager: %s; networks are known by their gateways", e->message);
        table_free(nm->table);
        nm->table = TAKE_PTR(t);
        nm->changed(nm->userdata);
        return 0;
}

static void query(NetworkManager *nm)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        nm->again = nm->query != NULL;
        if (nm->query)
                return;
        r = sd_bus_message_new_method_call(nm->bus, &m, NM_NAME, "/org/freedesktop",
                                           "org.freedesktop.DBus.ObjectManager",
                                           "GetManagedObjects");
        if (r >= 0) /* p2sd does not start it */
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_call_async(nm->bus, &nm->query, m, on_objects, nm, TIMEOUT_USEC);
        if (r < 0)
                log_warning("NetworkManager: cannot ask it: %s, ignoring", strerror(-r));
}

static int on_change(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        query(userdata);
        return 0;
}

/* Properties of its own, of devices and of active connections; not of access points,
 * whose strength never rests. */
static int watch(NetworkManager *nm, sd_bus_slot **slot, const char *interface)
{
        char rule[512];

        (void)snprintf(rule, sizeof rule,
                       "type='signal',sender='" NM_NAME "',path_namespace='" NM_PATH
                       "',interface='" PROPERTIES "',member='PropertiesChanged',arg0='%s'",
                       interface);
        return sd_bus_add_match_async(nm->bus, slot, rule, on_change, NULL, nm);
}

int network_manager_new(sd_bus *bus, void (*changed)(void *userdata), void *userdata,
                        NetworkManager **ret)
{
        _cleanup_(network_manager_freep) NetworkManager *nm = calloc(1, sizeof *nm);
        int r;

        if (!nm)
                return -ENOMEM;
        nm->bus = bus;
        nm->changed = changed;
        nm->userdata = userdata;
        r = sd_bus_add_match_async(bus, &nm->owner,
                                   "type='signal',sender='org.freedesktop.DBus',"
                                   "path='/org/freedesktop/DBus',"
                                   "interface='org.freedesktop.DBus',"
                                   "member='NameOwnerChanged',arg0='" NM_NAME "'",
                                   on_change, NULL, nm);
        if (r >= 0)
                r = watch(nm, &nm->watch, NM_NAME);
        if (r >= 0)
                r = watch(nm, &nm->device, NM_DEVICE);
        if (r >= 0)
                r = watch(nm, &nm->active, NM_ACTIVE);
        if (r < 0)
                return r;
        query(nm);
        *ret = TAKE_PTR(nm);
        return 0;
}

void network_manager_find(const NetworkManager *nm, const char *interface,
                          struct nm_connection *ret)
{
        const struct table *t = nm ? nm->table : NULL;
        const struct device *d = NULL;

        *ret = (struct nm_connection){};
        for (size_t i = 0; t && i < t->n_devices; i++)
                if (streq(t->devices[i].interface, interface))
                        d = &t->devices[i];
        for (size_t i = 0; d && d->active && i < t->n_actives; i++)
                if (streq(t->actives[i].path, d->active) && !(t->actives[i].flags & FLAG_EXTERNAL))
                        *ret = t->actives[i].connection;
}
