/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A libadwaita window with nothing in it: what the panel's cost is measured against. */
#include <adwaita.h>

static void on_activate(GtkApplication *application)
{
        GtkWidget *window = adw_application_window_new(application);

        gtk_window_set_title(GTK_WINDOW(window), "P2S empty");
        gtk_window_set_default_size(GTK_WINDOW(window), 720, 800);
        adw_application_window_set_content(ADW_APPLICATION_WINDOW(window), adw_header_bar_new());
        gtk_window_present(GTK_WINDOW(window));
}

int main(int argc, char *argv[])
{
        g_autoptr(AdwApplication) application = adw_application_new("org.p2s.Empty", 0);

        g_signal_connect(application, "activate", G_CALLBACK(on_activate), NULL);
        return g_application_run(G_APPLICATION(application), argc, argv);
}
