/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call in the list: with whom, how, and how good it is; opens to its flows, why it
 * was recognised, and its own graphs. */
#pragma once

#include <adwaita.h>

#include "call.h"

#define P2S_TYPE_CALL_ROW (p2s_call_row_get_type())
G_DECLARE_FINAL_TYPE(P2sCallRow, p2s_call_row, P2S, CALL_ROW, AdwExpanderRow)

GtkWidget *p2s_call_row_new(P2sCall *call);
