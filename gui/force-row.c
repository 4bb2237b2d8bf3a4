/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "force-row.h"
#include "question.h"

struct _P2sForceRow {
        AdwActionRow parent_instance;
        GtkSwitch *toggle;
        char *title;  /* of the link */
        char *reason; /* whose it is, as p2sd says; NULL: nobody's */
        gboolean on;  /* as p2sd has it */
        gboolean filling;
};

G_DEFINE_FINAL_TYPE(P2sForceRow, p2s_force_row, ADW_TYPE_ACTION_ROW)

static guint chosen_signal;

static void show_truth(P2sForceRow *self)
{
        self->filling = TRUE;
        gtk_switch_set_active(self->toggle, self->on);
        self->filling = FALSE;
}

static void on_response(P2sForceRow *self, const char *response)
{
        if (g_str_equal(response, "yes"))
                g_signal_emit(self, chosen_signal, 0, TRUE);
        else
                show_truth(self);
}

/* What is lost cannot be brought back by P2S: nobody loses it by one click. */
void p2s_force_row_ask(P2sForceRow *self, const char *reason)
{
        g_autofree char *body = g_strdup_printf(
                /* Translators: the first %s is a network, the second what another program set
                 * up there, in its own words */
                _("Another program arranges the traffic of %s: %s. What it set up is replaced, "
                  "and P2S cannot put it back: start that program anew if you want it again. "
                  "Two programs that both insist will disturb each other."),
                self->title, reason ? reason : "");
        /* Translators: button: replaces what another program has set up */
        const char *verb = _("Take Over");
        GtkWindow *dialog =
                p2s_question_new(GTK_WIDGET(self), _("Take the Network Over?"), body, verb);

        g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self,
                                G_CONNECT_SWAPPED);
        gtk_window_present(dialog);
}

static gboolean on_state_set(P2sForceRow *self, gboolean state)
{
        if (self->filling || state == self->on)
                return FALSE;
        if (state)
                p2s_force_row_ask(self, self->reason);
        else
                g_signal_emit(self, chosen_signal, 0, FALSE);
        return FALSE;
}

void p2s_force_row_update(P2sForceRow *self, const P2sLink *link)
{
        gboolean busy = g_strcmp0(link->state, "busy") == 0;
        g_autofree char *lost = NULL;

        self->on = FALSE;
        if (link->options)
                g_variant_lookup(link->options, "force", "b", &self->on);
        g_free(self->title);
        self->title = p2s_link_get_title(link);
        g_free(self->reason);
        self->reason = g_strdup(busy ? link->reason : link->displaced);
        if (link->displaced)
                /* Translators: %s is what another program had set up, in its own words */
                lost = g_strdup_printf(_("Replaced, and not put back: %s"), link->displaced);
        adw_action_row_set_subtitle(
                ADW_ACTION_ROW(self),
                lost ? lost : _("Replaces what they set up, which P2S cannot put back"));
        show_truth(self);
        gtk_widget_set_visible(GTK_WIDGET(self), busy || self->on || link->displaced);
}

static void p2s_force_row_finalize(GObject *object)
{
        g_free(P2S_FORCE_ROW(object)->title);
        g_free(P2S_FORCE_ROW(object)->reason);
        G_OBJECT_CLASS(p2s_force_row_parent_class)->finalize(object);
}

static void p2s_force_row_class_init(P2sForceRowClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->finalize = p2s_force_row_finalize;
        chosen_signal = g_signal_new("chosen", P2S_TYPE_FORCE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/force-row.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sForceRow, toggle);
        gtk_widget_class_bind_template_callback(widget_class, on_state_set);
}

static void p2s_force_row_init(P2sForceRow *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}
