/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How calls fare, in one line, for where there is no room for a window.
 *
 * Properties, read-only, notified:
 *   line   translated: what happens now, and how good the worst call is
 *   poor   a call is poor, and prioritising could help it */
#pragma once

#include "service.h"

#define P2S_TYPE_STATUS (p2s_status_get_type())
G_DECLARE_FINAL_TYPE(P2sStatus, p2s_status, P2S, STATUS, GObject)

P2sStatus *p2s_status_new(P2sService *service);

/* Borrowed. */
P2sService *p2s_status_get_service(P2sStatus *self);
const char *p2s_status_get_line(P2sStatus *self);
gboolean p2s_status_get_poor(P2sStatus *self);
