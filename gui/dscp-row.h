/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DSCP value that is trusted, and for which class. */
#pragma once

#include <adwaita.h>

#include "rule.h"

#define P2S_TYPE_DSCP_ROW (p2s_dscp_row_get_type())
G_DECLARE_FINAL_TYPE(P2sDscpRow, p2s_dscp_row, P2S, DSCP_ROW, AdwComboRow)

/* Signals: class(string), removed: what the user wants of it. */
GtkWidget *p2s_dscp_row_new(P2sRule *dscp);

P2sRule *p2s_dscp_row_get_dscp(P2sDscpRow *self);
