/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "calls-group.h"
#include "csv.h"
#include "degraded.h"
#include "error.h"
#include "graph-card.h"
#include "main-page.h"
#include "mode-row.h"
#include "mode.h"
#include "notice.h"
#include "picture.h"
#include "switch-row.h"
#include "toast.h"

struct _P2sMainPage {
        AdwBin parent_instance;
        P2sNotice *notice;
        P2sSwitchRow *switch_row;
        P2sModeRow *mode_row;
        AdwComboRow *link_row;
        P2sGraphCard *jitter, *bitrate;
        P2sCallsGroup *calls;

        P2sService *service;
        GSimpleActionGroup *actions;
        gboolean refused;  /* the notice tells of a refusal */
        gboolean choosing; /* the choice of links is being filled */
};

G_DEFINE_FINAL_TYPE(P2sMainPage, p2s_main_page, ADW_TYPE_BIN)

static void on_failed(P2sMainPage *self, const GError *error)
{
        if (!g_error_matches(error, P2S_ERROR, P2S_ERROR_REFUSED)) {
                p2s_toast_error(GTK_WIDGET(self), error);
                return;
        }
        self->refused = TRUE;
        p2s_notice_show(self->notice, _("You May Not Change This"),
                        _("An administrator, or somebody who sits at this computer, can."), TRUE);
}

/* What keeps the link from being protected, in words. */
static void on_link(P2sMainPage *self)
{
        P2sLink *link = p2s_service_get_link(self->service);
        g_autofree char *title = link ? p2s_link_get_title(link) : NULL, *body = NULL;
        const char *consequence, *remedy;

        if (self->refused)
                return;
        if (!link) {
                if (p2s_service_get_state(self->service) == P2S_SERVICE_RUNNING)
                        p2s_notice_show(self->notice, _("No Network Is Chosen"),
                                        _("P2S has not been told which network to look after. "
                                          "Choose one under Connection."),
                                        FALSE);
                else
                        p2s_notice_hide(self->notice);
        } else if (g_strcmp0(link->state, "busy") == 0) {
                body = g_strdup_printf(_("Another program already arranges the traffic of %s (%s). "
                                         "P2S leaves it as it is. Stop that program, or take the "
                                         "network over under Connection."),
                                       title, link->reason ? link->reason : link->state);
                p2s_notice_show(self->notice, _("The Network Is Taken"), body, FALSE);
        } else if (g_strcmp0(link->state, "failed") == 0) {
                body = g_strdup_printf(_("%s cannot be looked after (%s)."), title,
                                       link->reason ? link->reason : link->state);
                p2s_notice_show(self->notice, _("Something Went Wrong"), body, FALSE);
        } else if (g_strcmp0(link->state, "absent") == 0 || g_strcmp0(link->state, "down") == 0) {
                p2s_notice_show(self->notice, _("The Network Is Not Connected"),
                                _("P2S takes care of calls again as soon as it is."), FALSE);
        } else if (link->degraded && link->degraded[0] &&
                   p2s_mode_prioritises(p2s_service_get_effective_mode(self->service))) {
                (void)p2s_degraded_words(link->degraded[0], &consequence, &remedy);
                p2s_notice_show(self->notice, consequence, remedy, FALSE);
        } else {
                p2s_notice_hide(self->notice);
        }
}

/* The choice of the link that is shown: only where there is one. */
static void on_links(P2sMainPage *self)
{
        GListModel *links = p2s_service_get_links(self->service);
        g_autoptr(GtkStringList) titles = gtk_string_list_new(NULL);
        P2sLink *shown = p2s_service_get_link(self->service);
        guint selected = GTK_INVALID_LIST_POSITION;

        for (guint i = 0; i < g_list_model_get_n_items(links); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(links, i);
                g_autofree char *title = p2s_link_get_title(link);
                g_autofree char *full = NULL;

                if (link == shown)
                        selected = i;
                if (link->interface && g_strcmp0(title, link->interface) != 0)
                        full = g_strdup_printf("%s (%s)", title, link->interface);
                gtk_string_list_append(titles, full ? full : title);
        }
        self->choosing = TRUE;
        adw_combo_row_set_model(self->link_row, G_LIST_MODEL(titles));
        adw_combo_row_set_selected(self->link_row, selected);
        self->choosing = FALSE;
        gtk_widget_set_visible(GTK_WIDGET(self->link_row), g_list_model_get_n_items(links) > 1);
}

static void on_link_chosen(P2sMainPage *self)
{
        GListModel *links = p2s_service_get_links(self->service);
        g_autoptr(P2sLink) link =
                g_list_model_get_item(links, adw_combo_row_get_selected(self->link_row));

        if (!self->choosing && link)
                p2s_service_choose_link(self->service, link->name);
}

/* Why the graphs stand still, if they do. */
static const char *note(P2sService *service)
{
        const char *mode = p2s_service_get_effective_mode(service);

        if (p2s_service_get_state(service) != P2S_SERVICE_RUNNING)
                return _("Waiting for the P2S service");
        return p2s_mode_measures(mode) ? NULL : _("Nothing is measured while P2S is off");
}

static void update_note(P2sMainPage *self)
{
        p2s_graph_card_set_note(self->jitter, note(self->service));
        p2s_graph_card_set_note(self->bitrate, note(self->service));
}

static void on_state(P2sMainPage *self)
{
        on_link(self);
        on_links(self);
        update_note(self);
}

static void on_mode(P2sMainPage *self)
{
        update_note(self);
        /* Somebody could: a refusal is no longer the last word. */
        self->refused = FALSE;
        on_state(self);
}

static void on_span(GSimpleAction *action, GVariant *target, gpointer data)
{
        P2sMainPage *self = data;
        guint64 span_usec = (guint64)g_variant_get_uint32(target) * G_USEC_PER_SEC;

        g_simple_action_set_state(action, target);
        p2s_graph_card_set_span(self->jitter, span_usec);
        p2s_graph_card_set_span(self->bitrate, span_usec);
}

static void on_bitrate_of(GSimpleAction *action, GVariant *target, gpointer data)
{
        P2sMainPage *self = data;

        g_simple_action_set_state(action, target);
        p2s_graph_card_set_metric(self->bitrate, g_variant_get_string(target, NULL));
}

/* Both graphs at once: they are compared. */
static void on_paused(GSimpleAction *action, GVariant *state, gpointer data)
{
        P2sMainPage *self = data;
        guint64 since_usec, until_usec = 0;

        g_simple_action_set_state(action, state);
        if (g_variant_get_boolean(state))
                p2s_graph_card_get_window(self->jitter, &since_usec, &until_usec);
        p2s_graph_card_set_until(self->jitter, until_usec);
        p2s_graph_card_set_until(self->bitrate, until_usec);
}

static void on_copy_picture(GSimpleAction *action, GVariant *target, gpointer data)
{
        P2sMainPage *self = data;
        gboolean jitter = g_str_equal(g_variant_get_string(target, NULL), "jitter");
        g_autoptr(GdkTexture) texture =
                p2s_picture_of(GTK_WIDGET(jitter ? self->jitter : self->bitrate));

        if (!texture)
                return;
        gdk_clipboard_set_texture(gtk_widget_get_clipboard(GTK_WIDGET(self)), texture);
        p2s_toast_say(GTK_WIDGET(self), _("Picture copied"));
}

static void on_copy_figures(GSimpleAction *action, GVariant *target, gpointer data)
{
        P2sMainPage *self = data;
        guint64 since_usec, until_usec;
        g_autofree char *csv = NULL;

        p2s_graph_card_get_window(self->jitter, &since_usec, &until_usec);
        csv = p2s_csv_from_series(p2s_service_get_series(self->service), since_usec, until_usec);
        gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)), csv);
        p2s_toast_say(GTK_WIDGET(self), _("Figures copied"));
}

static const GActionEntry entries[] = {
        {"paused", NULL, NULL, "false", on_paused},
        {"copy-picture", on_copy_picture, "s"},
        {"copy-figures", on_copy_figures},
        {"span-seconds", NULL, "u", "uint32 60", on_span},
        {"bitrate-of", NULL, "s", "'call-bitrate'", on_bitrate_of},
};

static void p2s_main_page_dispose(GObject *object)
{
        P2sMainPage *self = P2S_MAIN_PAGE(object);

        g_clear_object(&self->service);
        g_clear_object(&self->actions);
        G_OBJECT_CLASS(p2s_main_page_parent_class)->dispose(object);
}

static void p2s_main_page_class_init(P2sMainPageClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_main_page_dispose;
        g_type_ensure(P2S_TYPE_CALLS_GROUP);
        g_type_ensure(P2S_TYPE_GRAPH_CARD);
        g_type_ensure(P2S_TYPE_MODE_ROW);
        g_type_ensure(P2S_TYPE_NOTICE);
        g_type_ensure(P2S_TYPE_SWITCH_ROW);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/main-page.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, notice);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, switch_row);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, mode_row);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, link_row);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, jitter);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, bitrate);
        gtk_widget_class_bind_template_child(widget_class, P2sMainPage, calls);
        gtk_widget_class_bind_template_callback(widget_class, on_failed);
        gtk_widget_class_bind_template_callback(widget_class, on_link_chosen);
}

static void p2s_main_page_init(P2sMainPage *self)
{
        self->actions = g_simple_action_group_new();
        g_action_map_add_action_entries(G_ACTION_MAP(self->actions), entries, G_N_ELEMENTS(entries),
                                        self);
        gtk_widget_insert_action_group(GTK_WIDGET(self), "graphs", G_ACTION_GROUP(self->actions));
        gtk_widget_init_template(GTK_WIDGET(self));
}

GActionGroup *p2s_main_page_get_actions(P2sMainPage *self)
{
        return G_ACTION_GROUP(self->actions);
}

void p2s_main_page_set_service(P2sMainPage *self, P2sService *service)
{
        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        p2s_switch_row_set_service(self->switch_row, service);
        p2s_mode_row_set_service(self->mode_row, service);
        p2s_graph_card_set_series(self->jitter, p2s_service_get_series(service));
        p2s_graph_card_set_series(self->bitrate, p2s_service_get_series(service));
        p2s_calls_group_set_service(self->calls, service);
        g_signal_connect_object(service, "notify::link", G_CALLBACK(on_state), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::state", G_CALLBACK(on_state), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(service, "notify::effective-mode", G_CALLBACK(on_mode), self,
                                G_CONNECT_SWAPPED);
        on_state(self);
}
