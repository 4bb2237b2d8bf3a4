/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <glib/gstdio.h>

#include "autostart.h"

#define GROUP G_KEY_FILE_DESKTOP_GROUP
/* What GNOME's own tools set instead of Hidden. */
#define ENABLED "X-GNOME-Autostart-enabled"

static char *path(void)
{
        return g_build_filename(g_get_user_config_dir(), "autostart", "org.p2s.Panel.desktop",
                                NULL);
}

gboolean p2s_autostart_get(void)
{
        g_autoptr(GKeyFile) keys = g_key_file_new();
        g_autofree char *file = path();

        if (!g_key_file_load_from_file(keys, file, G_KEY_FILE_NONE, NULL))
                return FALSE;
        if (g_key_file_has_key(keys, GROUP, ENABLED, NULL) &&
            !g_key_file_get_boolean(keys, GROUP, ENABLED, NULL))
                return FALSE;
        return !g_key_file_get_boolean(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL);
}

static gboolean fail(const char *file, GError **error)
{
        int code = errno;

        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s", file,
                    g_strerror(code));
        return FALSE;
}

gboolean p2s_autostart_set(gboolean on, GError **error)
{
        g_autoptr(GKeyFile) keys = g_key_file_new();
        g_autofree char *file = path(), *directory = g_path_get_dirname(file);

        if (!on)
                return g_unlink(file) == 0 || errno == ENOENT || fail(file, error);

        (void)g_key_file_load_from_file(
                keys, file, G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, NULL);
        g_key_file_set_string(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_TYPE, "Application");
        g_key_file_set_string(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_NAME, "P2S");
        g_key_file_set_string(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_ICON, "org.p2s.Panel");
        g_key_file_set_string(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_EXEC, "p2s-panel --background");
        g_key_file_set_boolean(keys, GROUP, ENABLED, TRUE);
        (void)g_key_file_remove_key(keys, GROUP, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL);
        if (g_mkdir_with_parents(directory, 0700) != 0)
                return fail(directory, error);
        return g_key_file_save_to_file(keys, file, error);
}
