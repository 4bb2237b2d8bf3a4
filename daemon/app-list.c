/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app-list.h"
#include "config.h"

#define APP_LIST_NAME "apps.conf"
#define COMM_MAX      15 /* bytes of a process's name that the kernel keeps */

static void app_free(struct app *app)
{
        for (size_t i = 0; i < app->n_exes; i++)
                free(app->exes[i]);
        free(app->exes);
        port_set_done(&app->exclude);
        free(app);
}

void app_list_done(AppList *list)
{
        for (size_t i = 0; i < list->n; i++)
                app_free(list->apps[i]);
        free(list->apps);
        port_set_done(&list->exclude);
        *list = (AppList){0};
}

static int refuse(const char *why, const char **reason)
{
        *reason = why;
        return -EINVAL;
}

static int get_app(AppList *list, const char *name, struct app **ret, const char **reason)
{
        struct app **apps, *app;

        if (*name == '\0' || !text_is_valid(name, APP_NAME_MAX))
                return refuse("not a name of 1 to 63 bytes", reason);
        for (size_t i = 0; i < list->n; i++)
                if (streq(list->apps[i]->name, name)) {
                        *ret = list->apps[i];
                        return 0;
                }
        if (list->n >= APP_LIST_MAX)
                return refuse("more than 256 programs", reason);
        apps = reallocarray(list->apps, list->n + 1, sizeof *apps);
        if (!apps)
                return -ENOMEM;
        list->apps = apps;
        app = calloc(1, sizeof *app);
        if (!app)
                return -ENOMEM;
        memcpy(app->name, name, strlen(name) + 1);
        app->media = APP_MEDIA_ANY;
        list->apps[list->n++] = app;
        *ret = app;
        return 0;
}

static void clear_exes(struct app *app)
{
        while (app->n_exes > 0)
                free(app->exes[--app->n_exes]);
}

static int add_exe(struct app *app, const char *exe)
{
        char **exes;

        for (size_t i = 0; i < app->n_exes; i++)
                if (streq(app->exes[i], exe))
                        return 0;
        exes = reallocarray(app->exes, app->n_exes + 1, sizeof *exes);
        if (!exes)
                return -ENOMEM;
        app->exes = exes;
        exes[app->n_exes] = strdup(exe);
        if (!exes[app->n_exes])
                return -ENOMEM;
        app->n_exes++;
        return 0;
}

static int set_exes(struct app *app, char *value, const char **reason)
{
        _cleanup_free_ char *copy = strdup(value);
        char *word, *rest = copy;
        size_t n = app->n_exes;
        int r;

        if (!copy)
                return -ENOMEM;
        if (*value == '\0')
                clear_exes(app);
        /* all are looked at before one is taken: a bad line is ignored whole */
        while ((word = strsep(&rest, " "))) {
                if (strlen(word) > APP_EXE_NAME_MAX || strchr(word, '/'))
                        return refuse("not the last part of a program's path", reason);
                n += *word != '\0';
        }
        if (n > APP_EXES_MAX)
                return refuse("more than 64 names of one program", reason);
        while ((word = strsep(&value, " "))) {
                r = *word != '\0' ? add_exe(app, word) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int set_media(struct app *app, const char *value, const char **reason)
{
        static const struct {
                const char *word;
                unsigned media;
        } words[] = {{"any", APP_MEDIA_ANY},
                     {"connected", APP_MEDIA_CONNECTED},
                     {"unconnected", APP_MEDIA_UNCONNECTED},
                     {"none", 0}};

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (streq(value, words[i].word)) {
                        app->media = words[i].media;
                        return 0;
                }
        return refuse("neither any, connected, unconnected nor none", reason);
}

static int set_exclude(PortSet *exclude, char *value, const char **reason)
{
        _cleanup_(port_set_donep) PortSet ports = {0};
        char *word;
        int r;

        if (*value != '\0') {
                r = port_set_copy(exclude, &ports);
                if (r < 0)
                        return r;
        }
        while ((word = strsep(&value, " "))) {
                uint16_t first, last;

                if (*word == '\0')
                        continue;
                if (port_range_parse(word, &first, &last) < 0)
                        return refuse("neither a port nor a range of ports", reason);
                r = port_set_add(&ports, first, last, P2S_CLASS_GENERAL, "", reason);
                if (r < 0)
                        return r;
        }
        port_set_done(exclude);
        *exclude = ports;
        ports = (PortSet){0};
        return 0;
}

static int on_entry(const char *section, const char *key, const char *value, const char **reason,
                    void *userdata)
{
        AppList *list = userdata;
        _cleanup_free_ char *copy = NULL;
        struct app *app = NULL;
        int r;

        if (strncmp(section, "App ", 4) == 0) {
                section += 4;
                r = get_app(list, section + strspn(section, " "), &app, reason);
                if (r < 0)
                        return r;
        } else if (!streq(section, "All"))
                return refuse("unknown section", reason);
        if (!key)
                return 0;

        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        if (streq(key, "Exclude"))
                return set_exclude(app ? &app->exclude : &list->exclude, copy, reason);
        if (app && streq(key, "Exe"))
                return set_exes(app, copy, reason);
        if (app && streq(key, "Media"))
                return set_media(app, copy, reason);
        return refuse("unknown key", reason);
}

int app_list_parse(AppList *list, const char *file, const char *data, size_t size, ini_error_t log,
                   void *userdata)
{
        return ini_parse(file, data, size, on_entry, log, userdata, list);
}

int app_list_load(const char *const *dirs, ini_error_t log, void *userdata, AppList *ret)
{
        _cleanup_(config_files_donep) ConfigFiles files = {0};
        _cleanup_(app_list_donep) AppList list = {0};
        int r;

        r = config_files_find(dirs ?: config_default_dirs, APP_LIST_NAME, NULL, &files);
        if (r < 0)
                return r;
        for (size_t i = 0; i < files.n; i++) {
                r = config_file_parse(files.paths[i], on_entry, log, userdata, &list);
                if (r == -ENOMEM)
                        return r;
        }
        *ret = list;
        list = (AppList){0};
        return 0;
}

const struct app *app_list_find(const AppList *list, const char *exe, const char *comm)
{
        const struct app *by_comm = NULL;

        for (size_t i = 0; i < list->n; i++)
                for (size_t j = 0; j < list->apps[i]->n_exes; j++) {
                        const char *name = list->apps[i]->exes[j];

                        if (streq(name, exe))
                                return list->apps[i];
                        if (!by_comm && strncmp(name, comm, COMM_MAX) == 0)
                                by_comm = list->apps[i];
                }
        return by_comm;
}

static bool has_port(const PortSet *set, uint16_t port)
{
        PORT_SET_FOREACH (r, set)
                if (port >= r->first && port <= r->last)
                        return true;
        return false;
}

static bool app_can_carry_media(const struct app *app, const struct udp_socket *s)
{
        unsigned needed = s->remote_port != 0 ? APP_MEDIA_CONNECTED : APP_MEDIA_UNCONNECTED;

        return (app->media & needed) != 0 && !has_port(&app->exclude, s->local_port) &&
               !has_port(&app->exclude, s->remote_port);
}

bool app_list_can_carry_media(const AppList *list, const struct app *app,
                              const struct udp_socket *s)
{
        if (s->local_port < APP_PORT_MIN || has_port(&list->exclude, s->local_port) ||
            has_port(&list->exclude, s->remote_port))
                return false;
        if (app)
                return app_can_carry_media(app, s);
        for (size_t i = 0; i < list->n; i++)
                if (app_can_carry_media(list->apps[i], s))
                        return true;
        return false;
}
