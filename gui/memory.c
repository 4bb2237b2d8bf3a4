/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#define GROUP "Panel"

static char *path(void)
{
        return g_build_filename(g_get_user_config_dir(), "p2s", "panel.ini", NULL);
}

static GKeyFile *load(void)
{
        g_autofree char *file = path();
        GKeyFile *keys = g_key_file_new();

        (void)g_key_file_load_from_file(keys, file, G_KEY_FILE_KEEP_COMMENTS, NULL);
        return keys;
}

gboolean p2s_memory_get(const char *key, gboolean fallback)
{
        g_autoptr(GKeyFile) keys = load();
        g_autoptr(GError) error = NULL;
        gboolean value = g_key_file_get_boolean(keys, GROUP, key, &error);

        return error ? fallback : value;
}

void p2s_memory_set(const char *key, gboolean value)
{
        g_autoptr(GKeyFile) keys = load();
        g_autofree char *file = path(), *directory = g_path_get_dirname(file);

        g_key_file_set_boolean(keys, GROUP, key, value);
        (void)g_mkdir_with_parents(directory, 0700);
        (void)g_key_file_save_to_file(keys, file, NULL);
}
