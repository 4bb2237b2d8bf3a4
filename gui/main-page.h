/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page a person comes for: the switch, the graphs, the calls. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_MAIN_PAGE (p2s_main_page_get_type())
G_DECLARE_FINAL_TYPE(P2sMainPage, p2s_main_page, P2S, MAIN_PAGE, AdwBin)

void p2s_main_page_set_service(P2sMainPage *self, P2sService *service);

/* What can be done with the graphs, for the window to reach by "graphs.". */
GActionGroup *p2s_main_page_get_actions(P2sMainPage *self);
