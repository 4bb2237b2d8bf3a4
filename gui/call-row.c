/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "call-row.h"
#include "graph-card.h"
#include "words.h"

#include "../daemon/mos-bands.h"

struct _P2sCallRow {
        AdwExpanderRow parent_instance;
        GtkLabel *quality;
        GPtrArray *flow_rows; /* AdwActionRow, one a flow */
        GtkWidget *graphs;    /* made when the row is opened first */
        P2sCall *call;
};

G_DEFINE_FINAL_TYPE(P2sCallRow, p2s_call_row, ADW_TYPE_EXPANDER_ROW)

static const char *const badge_classes[] = {"success", "warning", "error", "dim-label"};

/* Facts are words of any script beside figures: where one reads from right to left, the line
 * does (U+200F), whatever it begins with, and each fact goes its own way (U+2068 … U+2069). */
static void append_fact(GString *facts, const char *fact)
{
        gboolean rtl = gtk_widget_get_default_direction() == GTK_TEXT_DIR_RTL;

        if (facts->len > 0)
                g_string_append(facts, " · ");
        else if (rtl)
                g_string_append(facts, "\u200f");
        g_string_append_printf(facts, rtl ? "\u2068%s\u2069" : "%s", fact);
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

/* Why a flow was taken for a call's, in words. */
static const char *rule_words(const char *rule)
{
        if (g_strcmp0(rule, "port") == 0)
                return _("recognised by a rule about its port");
        if (g_strcmp0(rule, "dscp") == 0)
                return _("recognised by its mark");
        if (g_strcmp0(rule, "rtp") == 0)
                return _("recognised as a stream of speech or pictures (RTP)");
        if (g_strcmp0(rule, "stun+rtp") == 0)
                return _("recognised by how it was set up (STUN)");
        return rule ? rule : "";
}

static char *flow_title(const P2sFlow *flow)
{
        gboolean video = flow->class == P2S_VIDEO;

        if (flow->direction == P2S_OUTGOING)
                return g_strdup(video ? _("Outgoing Video") : _("Outgoing Voice"));
        return g_strdup(video ? _("Incoming Video") : _("Incoming Voice"));
}

static char *flow_facts(const P2sFlow *flow)
{
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *jitter = p2s_words_jitter((double)flow->jitter_usec / 1000);
        g_autofree char *jitter_words = g_strdup_printf(_("%s jitter"), jitter);
        g_autofree char *bitrate = p2s_words_bitrate((double)flow->bitrate_bps);

        if (flow->codec)
                append_fact(out, flow->codec);
        append_fact(out, bitrate);
        append_fact(out, jitter_words);
        if (!isnan(flow->loss)) {
                g_autofree char *figure = p2s_words_share(flow->loss);
                g_autofree char *words = g_strdup_printf(_("%s lost"), figure);

                append_fact(out, words);
        }
        append_fact(out, rule_words(flow->rule));
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static void update_flows(P2sCallRow *self)
{
        GPtrArray *flows = self->call->flows;

        while (self->flow_rows->len > flows->len) {
                guint last = self->flow_rows->len - 1;

                adw_expander_row_remove(ADW_EXPANDER_ROW(self),
                                        g_ptr_array_index(self->flow_rows, last));
                g_ptr_array_remove_index(self->flow_rows, last);
        }
        for (guint i = 0; i < flows->len; i++) {
                const P2sFlow *flow = g_ptr_array_index(flows, i);
                g_autofree char *title = flow_title(flow), *subtitle = flow_facts(flow);

                if (i == self->flow_rows->len) {
                        GtkWidget *row = adw_action_row_new();

                        adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
                        adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
                        adw_expander_row_add_row(ADW_EXPANDER_ROW(self), row);
                        g_ptr_array_add(self->flow_rows, row);
                }
                adw_preferences_row_set_title(g_ptr_array_index(self->flow_rows, i), title);
                adw_action_row_set_subtitle(g_ptr_array_index(self->flow_rows, i), subtitle);
        }
}

static GtkWidget *graph_card(P2sCallRow *self, const char *metric)
{
        GtkWidget *card = g_object_new(P2S_TYPE_GRAPH_CARD, "metric", metric, "subtitle",
                                       _("Since this window was opened"), NULL);

        gtk_widget_remove_css_class(card, "card");
        p2s_graph_card_set_series(P2S_GRAPH_CARD(card), self->call->series);
        p2s_graph_card_set_span(P2S_GRAPH_CARD(card), 300 * (guint64)G_USEC_PER_SEC);
        return card;
}

/* Most rows are never opened: graphs that nobody sees cost nothing. */
static void on_expanded(P2sCallRow *self)
{
        GtkWidget *row;

        if (self->graphs || !adw_expander_row_get_expanded(ADW_EXPANDER_ROW(self)))
                return;
        self->graphs = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
        gtk_box_append(GTK_BOX(self->graphs), graph_card(self, "jitter"));
        gtk_box_append(GTK_BOX(self->graphs), graph_card(self, "call-bitrate"));
        row = adw_preferences_row_new();
        gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
        gtk_widget_set_focusable(row, FALSE);
        gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), self->graphs);
        adw_expander_row_add_row(ADW_EXPANDER_ROW(self), row);
}

static void update(P2sCallRow *self)
{
        P2sCall *call = self->call;
        const char *quality = p2s_words_mos(call->mos);
        g_autofree char *subtitle = facts(call), *badge = NULL;

        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self),
                                      call->process ? call->process : call->peer);
        adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(self), subtitle);

        if (quality)
                /* Translators: how good a call is, in words and as a mean opinion score, as
                 * in "Good 4.2" */
                badge = g_strdup_printf(_("%s %.1f"), quality, call->mos);
        gtk_widget_set_visible(GTK_WIDGET(self->quality), quality != NULL);
        gtk_label_set_label(self->quality, badge ? badge : "");
        for (guint i = 0; i < G_N_ELEMENTS(badge_classes); i++)
                gtk_widget_remove_css_class(GTK_WIDGET(self->quality), badge_classes[i]);
        gtk_widget_add_css_class(GTK_WIDGET(self->quality), call->ended             ? "dim-label"
                                                            : call->mos >= MOS_FAIR ? "success"
                                                            : call->mos >= MOS_POOR ? "warning"
                                                                                    : "error");
        update_flows(self);
}

static void p2s_call_row_dispose(GObject *object)
{
        g_clear_object(&P2S_CALL_ROW(object)->call);
        g_clear_pointer(&P2S_CALL_ROW(object)->flow_rows, g_ptr_array_unref);
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
        self->flow_rows = g_ptr_array_new();
        g_signal_connect(self, "notify::expanded", G_CALLBACK(on_expanded), NULL);
        self->quality = GTK_LABEL(gtk_label_new(NULL));
        /* The figure stands below a long word: what the call is called needs the room. */
        gtk_label_set_wrap(self->quality, TRUE);
        gtk_label_set_max_width_chars(self->quality, 8);
        gtk_label_set_justify(self->quality, GTK_JUSTIFY_RIGHT);
        gtk_label_set_xalign(self->quality, 1);
        gtk_widget_set_valign(GTK_WIDGET(self->quality), GTK_ALIGN_CENTER);
        gtk_widget_add_css_class(GTK_WIDGET(self->quality), "heading");
        adw_expander_row_add_action(ADW_EXPANDER_ROW(self), GTK_WIDGET(self->quality));
}

GtkWidget *p2s_call_row_new(P2sCall *call)
{
        P2sCallRow *self = g_object_new(P2S_TYPE_CALL_ROW, NULL);

        self->call = g_object_ref(call);
        g_signal_connect_object(call, "updated", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
        update(self);
        return GTK_WIDGET(self);
}
