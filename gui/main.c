/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "application.h"

int main(int argc, char *argv[])
{
        g_autoptr(P2sApplication) application = NULL;
        /* For translators, who try out what is not installed. */
        const char *locales = g_getenv("P2S_LOCALEDIR");

        setlocale(LC_ALL, "");
        bindtextdomain(GETTEXT_PACKAGE, locales ? locales : P2S_LOCALEDIR);
        bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
        textdomain(GETTEXT_PACKAGE);

        g_set_application_name("P2S");
        application = p2s_application_new();
        return g_application_run(G_APPLICATION(application), argc, argv);
}
