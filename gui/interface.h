/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of D-Bus interfaces, as compiled in. */
#pragma once

#include <gio/gio.h>

/* The interface of this name, from NAME.xml among the resources.  It stays. */
GDBusInterfaceInfo *p2s_interface_get(const char *name);
