/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that run, one row each; or one quiet row that says why there is none. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_CALLS_GROUP (p2s_calls_group_get_type())
G_DECLARE_FINAL_TYPE(P2sCallsGroup, p2s_calls_group, P2S, CALLS_GROUP, AdwPreferencesGroup)

void p2s_calls_group_set_service(P2sCallsGroup *self, P2sService *service);
