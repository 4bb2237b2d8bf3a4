/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in place of the main page while there is no service: why, and what
 * can be done. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_ABSENCE_PAGE (p2s_absence_page_get_type())
G_DECLARE_FINAL_TYPE(P2sAbsencePage, p2s_absence_page, P2S, ABSENCE_PAGE, AdwBin)

void p2s_absence_page_set_service(P2sAbsencePage *self, P2sService *service);
