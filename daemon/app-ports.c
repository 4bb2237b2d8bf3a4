/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>

#include "app-list.h"
#include "app-ports.h"
#include "local-addresses.h"
#include "log.h"
#include "manager.h"
#include "socket-owner.h"
#include "socket-watch.h"

/* A socket can go from one process to another, and nothing tells. */
#define DISOWN_USEC (30 * USEC_PER_SEC)

struct AppPorts {
        struct Manager *manager;
        AppList list;
        bool running;

        SocketScan *scan;
        SocketOwners *owners;
        SocketWatch *watch; /* while it rests */
        SocketTable sockets;
        uint64_t disown_at_usec;
        bool media[65536]; /* by local port, host byte order: as pushed */
        CallOwners calls;
        LocalAddresses addresses;
        int error; /* of the last look, so that one is logged once */
};

static void log_ini(const char *file, unsigned line, const char *message, void *userdata)
{
        if (line > 0)
                log_warning("%s:%u: %s, ignoring", file, line, message);
        else
                log_warning("%s: %s, ignoring", file, message);
}

static void on_fresh(struct known_socket *s, void *userdata)
{
        const AppPorts *a = userdata;

        s->wanted = s->wanted || app_list_can_carry_media(&a->list, NULL, &s->at);
}

static int on_socket(const struct udp_socket *s, void *userdata)
{
        AppPorts *a = userdata;

        return socket_table_take(&a->sockets, s, on_fresh, a);
}

static int look_at_sockets(AppPorts *a, bool *ret_changed)
{
        int r = 0;

        if (!a->scan)
                r = socket_scan_new(&a->scan);
        if (r < 0)
                return r;
        socket_table_begin(&a->sockets);
        r = socket_scan_run(a->scan, on_socket, a);
        if (r < 0) {
                socket_scan_free(TAKE_PTR(a->scan));
                return r;
        }
        *ret_changed = socket_table_end(&a->sockets);
        return 0;
}

/* A socket that outlives its process is somebody else's. */
static void disown(AppPorts *a)
{
        uint64_t now = now_usec();
        pid_t alive = 0;

        if (now >= a->disown_at_usec) {
                a->disown_at_usec = now + DISOWN_USEC;
                socket_table_disown(&a->sockets, 0);
                return;
        }
        for (const struct known_socket *s = NULL; (s = socket_table_next(&a->sockets, s));) {
                if (s->pid == 0 || s->pid == alive)
                        continue;
                if (kill(s->pid, 0) < 0 && errno == ESRCH)
                        socket_table_disown(&a->sockets, s->pid);
                else
                        alive = s->pid;
        }
}

/* A process may call itself anything; the bus takes UTF-8 alone. */
static void set_name(struct known_socket *s, const char *name)
{
        (void)snprintf(s->name, sizeof s->name, "%s", name);
        if (text_is_valid(s->name, PROCESS_NAME_MAX))
                return;
        for (char *p = s->name; *p; p++)
                if (*p < ' ' || *p > '~')
                        *p = '?';
}

/* Of several processes that have it open a program of the list is the one. */
static void on_owner(const struct socket_wanted *wanted, const struct socket_owner *owner,
                     void *userdata)
{
        const AppPorts *a = userdata;
        const struct app *app = app_list_find(&a->list, owner->exe, owner->comm);
        struct known_socket *s = wanted->of;

        if (s->pid != 0 && (s->app || !app))
                return;
        s->pid = (pid_t)owner->pid;
        s->app = app;
        set_name(s, app ? app->name : owner->comm);
}

/* Finds the owners of the sockets that are wanted.  1: some were looked for. */
static int look_at_owners(AppPorts *a)
{
        _cleanup_free_ struct socket_wanted *wanted = NULL;
        size_t n = 0;
        int r;

        for (struct known_socket *s = NULL; (s = socket_table_next(&a->sockets, s));)
                n += socket_is_sought(s);
        if (n == 0)
                return 0;
        if (!a->owners) {
                r = socket_owners_new(&a->owners);
                if (r < 0)
                        return r;
                if (!socket_owners_have_iterator(a->owners))
                        log_info("sockets: this kernel does not list open files to BPF (5.8, with "
                                 "BTF): whose they are is known as far as /proc shows it");
        }
        wanted = calloc(n, sizeof *wanted);
        if (!wanted)
                return -ENOMEM;
        n = 0;
        for (struct known_socket *s = NULL; (s = socket_table_next(&a->sockets, s));)
                if (socket_is_sought(s)) {
                        wanted[n++] = (struct socket_wanted){s->at.inode, s->at.uid, s};
                        s->looks++;
                }
        r = socket_owners_find(a->owners, wanted, n, on_owner, a);
        return r < 0 ? r : 1;
}

static int push_media(AppPorts *a)
{
        static bool media[ELEMENTSOF(a->media)]; /* not for the stack */

        memset(media, 0, sizeof media);
        for (const struct known_socket *s = NULL; (s = socket_table_next(&a->sockets, s));)
                if (s->app && app_list_can_carry_media(&a->list, s->app, &s->at))
                        media[s->at.local_port] = true;
        if (memcmp(media, a->media, sizeof media) == 0)
                return 0;
        memcpy(a->media, media, sizeof media);
        return manager_push_ports(a->manager);
}

static bool is_local(const uint8_t address[static 16], void *userdata)
{
        AppPorts *a = userdata;

        return local_addresses_have(&a->addresses, address);
}

static int look(AppPorts *a)
{
        bool changed;
        int r, found;

        r = look_at_sockets(a, &changed);
        if (r < 0)
                return r;
        disown(a);
        local_addresses_forget(&a->addresses);
        r = call_owners_update(&a->calls, a->manager->calls, &a->sockets, changed, is_local, a);
        if (r < 0)
                return r;
        found = look_at_owners(a);
        if (found > 0)
                r = call_owners_update(&a->calls, a->manager->calls, &a->sockets, true, is_local,
                                       a);
        if (r >= 0)
                r = push_media(a);
        return r < 0 ? r : MIN(found, 0);
}

void app_ports_look(AppPorts *a)
{
        int r;

        if (!a->running)
                return;
        r = look(a);
        if (r < 0 && r != a->error)
                log_warning("sockets: cannot see which are open: %s%s; calls have no names",
                            strerror(-r), r == -ENOENT ? " (modprobe udp_diag)" : "");
        a->error = MIN(r, 0);
}

static void on_opened(void *userdata)
{
        app_ports_look(userdata);
}

int app_ports_rest(AppPorts *a)
{
        if (!a->running)
                return -EOPNOTSUPP; /* made-up calls come unannounced */
        return socket_watch_new(a->manager->event, on_opened, a, &a->watch);
}

void app_ports_wake(AppPorts *a)
{
        a->watch = socket_watch_free(a->watch);
}

static int stop(AppPorts *a)
{
        a->running = false;
        app_ports_wake(a);
        socket_scan_free(TAKE_PTR(a->scan));
        socket_owners_free(TAKE_PTR(a->owners));
        socket_table_done(&a->sockets);
        call_owners_done(&a->calls);
        local_addresses_forget(&a->addresses);
        a->error = 0;
        return push_media(a);
}

int app_ports_set_running(AppPorts *a, bool running)
{
        if (running == a->running || a->manager->ops->made_up)
                return 0;
        if (!running)
                return stop(a);
        a->disown_at_usec = now_usec() + DISOWN_USEC;
        a->running = true;
        return 0;
}

int app_ports_reload(AppPorts *a)
{
        AppList fresh;
        int r;

        r = app_list_load(NULL, log_ini, NULL, &fresh);
        if (r < 0)
                return r;
        /* they point into the old one; without any the next look sets the hints */
        socket_table_done(&a->sockets);
        app_list_done(&a->list);
        a->list = fresh;
        return 0;
}

void app_ports_merge(const AppPorts *a, struct kernel_ports *ports)
{
        for (size_t i = 0; i < ELEMENTSOF(a->media); i++)
                if (a->media[i])
                        ports->class[i] |= P2S_PORT_MEDIA;
}

const struct call_owner *app_ports_call_owner(const AppPorts *a, uint32_t call_id)
{
        return call_owners_find(&a->calls, call_id);
}

int app_ports_new(struct Manager *m, AppPorts **ret)
{
        _cleanup_(app_ports_freep) AppPorts *a = calloc(1, sizeof *a);
        int r;

        if (!a)
                return -ENOMEM;
        a->manager = m;
        socket_table_init(&a->sockets);
        call_owners_init(&a->calls);
        r = app_ports_reload(a);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(a);
        return 0;
}

AppPorts *app_ports_free(AppPorts *a)
{
        if (!a)
                return NULL;
        app_ports_wake(a);
        socket_scan_free(a->scan);
        socket_owners_free(a->owners);
        socket_table_done(&a->sockets);
        call_owners_done(&a->calls);
        local_addresses_forget(&a->addresses);
        app_list_done(&a->list);
        free(a);
        return NULL;
}
