/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The menu of the icon in the tray, as com.canonical.dbusmenu: the switch, how calls fare,
 * open and quit.  Who shows it draws it. */
#pragma once

#include "status.h"

#define P2S_TYPE_TRAY_MENU (p2s_tray_menu_get_type())
G_DECLARE_FINAL_TYPE(P2sTrayMenu, p2s_tray_menu, P2S, TRAY_MENU, GObject)

/* On the bus at path as long as it lives.  application: has the actions "prioritise" (b)
 * and "quit"; lives longer. */
P2sTrayMenu *p2s_tray_menu_new(GApplication *application, P2sStatus *status, GDBusConnection *bus,
                               const char *path);
