/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A box above the page that says what is wrong and what to do; it stays until it
 * is closed or no longer so. */
#pragma once

#include <gtk/gtk.h>

#define P2S_TYPE_NOTICE (p2s_notice_get_type())
G_DECLARE_FINAL_TYPE(P2sNotice, p2s_notice, P2S, NOTICE, GtkWidget)

/* Translated text; closable: the user may put it away. */
void p2s_notice_show(P2sNotice *self, const char *title, const char *body, gboolean closable);
void p2s_notice_hide(P2sNotice *self);
