/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports and rules: which packets belong to calls, where they do not show it by
 * themselves. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_RULES_PAGE (p2s_rules_page_get_type())
G_DECLARE_FINAL_TYPE(P2sRulesPage, p2s_rules_page, P2S, RULES_PAGE, AdwBin)

/* Once only. */
void p2s_rules_page_set_service(P2sRulesPage *self, P2sService *service);
