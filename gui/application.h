/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process, one service, one window. */
#pragma once

#include <adwaita.h>

#define P2S_TYPE_APPLICATION (p2s_application_get_type())
G_DECLARE_FINAL_TYPE(P2sApplication, p2s_application, P2S, APPLICATION, AdwApplication)

P2sApplication *p2s_application_new(void);
