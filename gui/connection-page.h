/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connection: which networks are looked after, how fast they are, what stands in the
 * way of clear calls. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_CONNECTION_PAGE (p2s_connection_page_get_type())
G_DECLARE_FINAL_TYPE(P2sConnectionPage, p2s_connection_page, P2S, CONNECTION_PAGE, AdwBin)

/* Once only. */
void p2s_connection_page_set_service(P2sConnectionPage *self, P2sService *service);
