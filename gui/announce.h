/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notifications, where somebody shows them: GLib warns where nobody does. */
#pragma once

#include <gio/gio.h>

/* As g_application_send_notification(), a moment later; starts who shows it if need be.
 * cancellable: NULL, or takes it back as long as it was not sent. */
void p2s_announce(GApplication *application, const char *id, GNotification *notification,
                  GCancellable *cancellable);
