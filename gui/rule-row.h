/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule about ports: what it says, and opened, the fields to change it.  What is
 * wrong stands under them while one types. */
#pragma once

#include <adwaita.h>

#include "rule.h"

#define P2S_TYPE_RULE_ROW (p2s_rule_row_get_type())
G_DECLARE_FINAL_TYPE(P2sRuleRow, p2s_rule_row, P2S, RULE_ROW, AdwExpanderRow)

/* rule: NULL for one that is yet to be made.
 * Signals: saved(P2sRule), removed: what the user wants of it. */
GtkWidget *p2s_rule_row_new(P2sRule *rule);

/* The rule it shows; NULL: a new one. */
P2sRule *p2s_rule_row_get_rule(P2sRuleRow *self);

/* Opens a new one for typing. */
void p2s_rule_row_begin(P2sRuleRow *self);

/* While the service is asked nothing can be changed. */
void p2s_rule_row_set_pending(P2sRuleRow *self, gboolean pending);
