/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mode in plain language; opens to the choice among all. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_MODE_ROW (p2s_mode_row_get_type())
G_DECLARE_FINAL_TYPE(P2sModeRow, p2s_mode_row, P2S, MODE_ROW, AdwExpanderRow)

/* Signal: failed(GError of P2S_ERROR) when a wish was not granted.  Once only. */
void p2s_mode_row_set_service(P2sModeRow *self, P2sService *service);
