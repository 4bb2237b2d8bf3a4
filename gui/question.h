/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question before something is lost. */
#pragma once

#include <adwaita.h>

/* Asked over the window of from, where "Cancel" is the answer by default; its "response" is
 * "yes" or "cancel".  heading, body, verb: translated; the last is the button that does it.
 * To be connected and presented. */
GtkWindow *p2s_question_new(GtkWidget *from, const char *heading, const char *body,
                            const char *verb);
