/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates of connections that are sold in many places, for who does not know theirs. */
#pragma once

#include <gio/gio.h>

/* A menu of them; each sets off action with its number (u) as the target. */
GMenuModel *p2s_speeds_menu(const char *action);

/* The rates of that number, bit/s; FALSE where there is none. */
gboolean p2s_speeds_get(guint i, guint64 *uplink_bps, guint64 *downlink_bps);
