/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "question.h"

GtkWindow *p2s_question_new(GtkWidget *from, const char *heading, const char *body,
                            const char *verb)
{
        GtkRoot *root = gtk_widget_get_root(from);
        AdwMessageDialog *dialog =
                ADW_MESSAGE_DIALOG(adw_message_dialog_new(GTK_WINDOW(root), heading, body));

        adw_message_dialog_add_responses(dialog, "cancel", _("Cancel"), "yes", verb, NULL);
        adw_message_dialog_set_response_appearance(dialog, "yes", ADW_RESPONSE_DESTRUCTIVE);
        adw_message_dialog_set_default_response(dialog, "cancel");
        adw_message_dialog_set_close_response(dialog, "cancel");
        return GTK_WINDOW(dialog);
}
