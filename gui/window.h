/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one window: which page stands in it, toasts, and whether samples are wanted. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_WINDOW (p2s_window_get_type())
G_DECLARE_FINAL_TYPE(P2sWindow, p2s_window, P2S, WINDOW, AdwApplicationWindow)

GtkWidget *p2s_window_new(GtkApplication *application, P2sService *service);
