/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The window in which the user says what the panel does by itself. */
#pragma once

#include <adwaita.h>

#include "background.h"
#include "preferences.h"

#define P2S_TYPE_PREFERENCES_WINDOW (p2s_preferences_window_get_type())
G_DECLARE_FINAL_TYPE(P2sPreferencesWindow, p2s_preferences_window, P2S, PREFERENCES_WINDOW,
                     AdwPreferencesWindow)

GtkWindow *p2s_preferences_window_new(P2sPreferences *preferences, P2sBackground *background);
