/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a link is taken although another program arranges its traffic: shown where
 * that is so, and asks before it does harm.  Signal "chosen" (gboolean): the user wants
 * it, or no longer. */
#pragma once

#include <adwaita.h>

#include "link.h"

#define P2S_TYPE_FORCE_ROW (p2s_force_row_get_type())
G_DECLARE_FINAL_TYPE(P2sForceRow, p2s_force_row, P2S, FORCE_ROW, AdwActionRow)

/* Asks whether a link is to be taken for which p2sd gave this reason not to; signal
 * "chosen" tells the answer where it is yes. */
void p2s_force_row_ask(P2sForceRow *self, const char *reason);

/* Shows how it is. */
void p2s_force_row_update(P2sForceRow *self, const P2sLink *link);
