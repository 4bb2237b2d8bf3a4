/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A widget as a picture, for the clipboard. */
#pragma once

#include <gtk/gtk.h>

/* The widget as it looks now, twice as large as on the screen, on the background of
 * its window.  NULL: it is not on the screen. */
GdkTexture *p2s_picture_of(GtkWidget *widget);
