/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "call-row.h"
#include "words.h"

struct _P2sCallRow {
        AdwActionRow parent_instance;
        GtkLabel *quality;
        P2sCall *call;
};

G_DEFINE_FINAL_TYPE(P2sCallRow, p2s_call_row, ADW_TYPE_ACTION_ROW)

static void append_fact(GString *facts, const char *fact)
{
        if (facts->len > 0)
                g_string_append(facts, " · ");
        g_string_append(facts, fact);
}

static char *facts(P2sCall *call)
{
        g_autoptr(GString) facts = g_string_new(NULL);
        g_autofree char *duration = p2s_words_duration(call->duration_usec);

        if (call->process)
                append_fact(facts, call->peer);
        if (call->codec)
                append_fact(facts, call->codec);
        append_fact(facts, duration);
        if (!isnan(call->jitter_ms)) {
                g_autofree char *figure = p2s_words_jitter(call->jitter_ms);
                /* Translators: of a call, as in "9.5 ms jitter" */
                g_autofree char *words = g_strdup_printf(_("%s jitter"), figure);

                append_fact(facts, words);
        }
        if (!isnan(call->loss)) {
                g_autofree char *figure = p2s_words_share(call->loss);
                /* Translators: of a call, as in "0.4 % lost" */
                g_autofree char *words = g_strdup_printf(_("%s lost"), figure);

                append_fact(facts, words);
        }
        return g_string_free(g_steal_pointer(&facts), FALSE);
}

static void update(P2sCallRow *self)
{
        P2sCall *call = self->call;
        const char *quality = p2s_words_mos(call->mos);
        g_autofree char *subtitle = facts(call);

        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self),
                                      call->process ? call->process : call->peer);
        adw_action_row_set_subtitle(ADW_ACTION_ROW(self), subtitle);

        gtk_widget_set_visible(GTK_WIDGET(self->quality), quality != NULL);
        gtk_label_set_label(self->quality, quality ? quality : "");
        gtk_widget_remove_css_class(GTK_WIDGET(self->quality), "success");
        gtk_widget_remove_css_class(GTK_WIDGET(self->quality), "warning");
        gtk_widget_add_css_class(GTK_WIDGET(self->quality),
                                 call->mos >= 3.6 ? "success" : "warning");
}

static void p2s_call_row_dispose(GObject *object)
{
        g_clear_object(&P2S_CALL_ROW(object)->call);
        G_OBJECT_CLASS(p2s_call_row_parent_class)->dispose(object);
}

static void p2s_call_row_class_init(P2sCallRowClass *klass)
{
        G_OBJECT_CLASS(klass)->dispose = p2s_call_row_dispose;
}

static void p2s_call_row_init(P2sCallRow *self)
{
        /* What peers and programs are called is nobody's markup. */
        adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(self), FALSE);
        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(self), 0);
        self->quality = GTK_LABEL(gtk_label_new(NULL));
        gtk_widget_set_valign(GTK_WIDGET(self->quality), GTK_ALIGN_CENTER);
        gtk_widget_add_css_class(GTK_WIDGET(self->quality), "heading");
        adw_action_row_add_suffix(ADW_ACTION_ROW(self), GTK_WIDGET(self->quality));
}

GtkWidget *p2s_call_row_new(P2sCall *call)
{
        P2sCallRow *self = g_object_new(P2S_TYPE_CALL_ROW, NULL);

        self->call = g_object_ref(call);
        g_signal_connect_object(call, "updated", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
        update(self);
        return GTK_WIDGET(self);
}
