/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>

#include "config-dirs.h"
#include "read-file.h"

void config_files_done(ConfigFiles *files)
{
        for (size_t i = 0; i < files->n; i++)
                free(files->paths[i]);
        free(files->paths);
        *files = (ConfigFiles){0};
}

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int compare_by_name(const void *a, const void *b)
{
        return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

/* Takes the path over, also on failure. */
static int take(ConfigFiles *files, char *path)
{
        char **paths;

        if (!path)
                return -ENOMEM;
        paths = reallocarray(files->paths, files->n + 1, sizeof(*paths));
        if (!paths) {
                free(path);
                return -ENOMEM;
        }
        files->paths = paths;
        files->paths[files->n++] = path;
        return 0;
}

static char *join(const char *dir, const char *name, const char *suffix)
{
        char *path;

        return asprintf(&path, "%s/%s%s", dir, name, suffix) < 0 ? NULL : path;
}

static bool has_name(const ConfigFiles *files, const char *name)
{
        for (size_t i = 0; i < files->n; i++)
                if (streq(base_name(files->paths[i]), name))
                        return true;
        return false;
}

static bool is_dropin(const char *name)
{
        size_t n = strlen(name);

        return name[0] != '.' && n > 5 && streq(name + n - 5, ".conf");
}

static void closedirp(DIR **dir)
{
        if (*dir)
                (void)closedir(*dir);
}

static int find_dropins(ConfigFiles *files, const char *path)
{
        _cleanup_(closedirp) DIR *dir = opendir(path);
        const struct dirent *entry;
        int r;

        if (!dir)
                return errno == ENOMEM ? -ENOMEM : 0;

        while ((entry = readdir(dir))) {
                if (!is_dropin(entry->d_name) || has_name(files, entry->d_name))
                        continue;
                r = take(files, join(path, entry->d_name, ""));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int find_main(ConfigFiles *files, const char *const *dirs, const char *name)
{
        for (; *dirs; dirs++) {
                _cleanup_free_ char *path = join(*dirs, name, "");

                if (!path)
                        return -ENOMEM;
                /* also one that cannot be read: whoever reads it says so */
                if (access(path, F_OK) >= 0)
                        return take(files, TAKE_PTR(path));
        }
        return 0;
}

int config_files_find(const char *const *dirs, const char *name, const char *main_file,
                      ConfigFiles *ret)
{
        _cleanup_(config_files_donep) ConfigFiles dropins = {0};
        _cleanup_(config_files_donep) ConfigFiles files = {0};
        int r;

        r = main_file ? take(&files, strdup(main_file)) : find_main(&files, dirs, name);
        if (r < 0)
                return r;

        for (const char *const *dir = dirs; *dir; dir++) {
                _cleanup_free_ char *path = join(*dir, name, ".d");

                r = path ? find_dropins(&dropins, path) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        if (dropins.n > 0)
                qsort(dropins.paths, dropins.n, sizeof(*dropins.paths), compare_by_name);

        for (size_t i = 0; i < dropins.n; i++) {
                r = take(&files, TAKE_PTR(dropins.paths[i]));
                if (r < 0)
                        return r;
        }

        *ret = files;
        files = (ConfigFiles){0};
        return 0;
}

int config_file_parse(const char *path, ini_entry_t entry, ini_error_t log, void *log_userdata,
                      void *entry_userdata)
{
        _cleanup_free_ char *data = NULL;
        char message[128];
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, path, CONFIG_FILE_MAX, &data, &size);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                if (log) {
                        (void)snprintf(message, sizeof(message), "cannot be read: %s",
                                       strerrordesc_np(-r));
                        log(path, 0, message, log_userdata);
                }
                return r;
        }

        r = ini_parse(path, data, size, entry, log, log_userdata, entry_userdata);
        return r < 0 ? r : 0;
}
