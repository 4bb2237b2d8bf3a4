/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A well-known program's ports, to be added with one button. */
#pragma once

#include <adwaita.h>

#include "preset.h"

#define P2S_TYPE_PRESET_ROW (p2s_preset_row_get_type())
G_DECLARE_FINAL_TYPE(P2sPresetRow, p2s_preset_row, P2S, PRESET_ROW, AdwActionRow)

/* rules: those in force; what they cover need not be added.
 * Signal: add(P2sPreset). */
GtkWidget *p2s_preset_row_new(P2sPreset *preset, GListModel *rules);
