/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells of a poor call that prioritising could help, with a button that turns it on; takes
 * that back when it is on or the call has ended. */
#pragma once

#include "preferences.h"
#include "service.h"

#define P2S_TYPE_NOTIFIER (p2s_notifier_get_type())
G_DECLARE_FINAL_TYPE(P2sNotifier, p2s_notifier, P2S, NOTIFIER, GObject)

/* application: sends the notifications, and has the action "prioritise" (b).  Both live
 * longer than the notifier. */
P2sNotifier *p2s_notifier_new(GApplication *application, P2sService *service,
                              P2sPreferences *preferences);

/* Whether it has to know how good calls are at present. */
gboolean p2s_notifier_listens(P2sNotifier *self);
