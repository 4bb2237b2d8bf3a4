/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The switch "Prioritise Calls".  Its position shows what the user wants, its
 * state what the service says is so; while the two are being settled it does not
 * react. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_SWITCH_ROW (p2s_switch_row_get_type())
G_DECLARE_FINAL_TYPE(P2sSwitchRow, p2s_switch_row, P2S, SWITCH_ROW, AdwActionRow)

/* Signal: failed(GError of P2S_ERROR) when a wish was not granted.  Once only. */
void p2s_switch_row_set_service(P2sSwitchRow *self, P2sService *service);
