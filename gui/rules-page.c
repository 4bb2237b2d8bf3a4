/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "dscp-row.h"
#include "preset-row.h"
#include "rule-row.h"
#include "rules-page.h"
#include "toast.h"

struct _P2sRulesPage {
        AdwBin parent_instance;
        GtkListBox *list, *fresh, *dscps;
        GtkWidget *none, *add;
        AdwPreferencesGroup *presets;
        AdwEntryRow *new_dscp;
        GtkLabel *dscp_problem;
        P2sService *service;
        guint n_pending;
};

G_DEFINE_FINAL_TYPE(P2sRulesPage, p2s_rules_page, ADW_TYPE_BIN)

/* Which of the two lists a change is about. */
typedef void (*Setter)(P2sService *service, GPtrArray *rules, GAsyncReadyCallback callback,
                       gpointer data);

/* A change under way, and what it takes to undo it. */
typedef struct Change {
        P2sRulesPage *page;
        Setter set;
        GPtrArray *before, *after;
        char *title;    /* of the toast; NULL: none */
        GtkWidget *row; /* a new rule's; NULL: none */
} Change;

static void change_free(gpointer data)
{
        Change *change = data;

        g_object_unref(change->page);
        g_ptr_array_unref(change->before);
        g_ptr_array_unref(change->after);
        g_clear_object(&change->row);
        g_free(change->title);
        g_free(change);
}

static GListModel *model_of(P2sRulesPage *self, Setter set)
{
        return set == p2s_service_set_rules_async ? p2s_service_get_rules(self->service)
                                                  : p2s_service_get_dscps(self->service);
}

static GPtrArray *snapshot(GListModel *model)
{
        GPtrArray *rules = g_ptr_array_new_with_free_func(g_object_unref);

        for (guint i = 0; i < g_list_model_get_n_items(model); i++)
                g_ptr_array_add(rules, g_list_model_get_item(model, i));
        return rules;
}

static void update(P2sRulesPage *self)
{
        gboolean any = g_list_model_get_n_items(p2s_service_get_rules(self->service)) > 0;
        gboolean fresh = gtk_widget_get_first_child(GTK_WIDGET(self->fresh)) != NULL;
        GtkWidget *row;

        gtk_widget_set_visible(GTK_WIDGET(self->list), any);
        gtk_widget_set_visible(GTK_WIDGET(self->fresh), fresh);
        gtk_widget_set_visible(self->none, !any && !fresh);
        gtk_widget_set_sensitive(self->add, !fresh);
        gtk_widget_set_visible(GTK_WIDGET(self->dscps),
                               g_list_model_get_n_items(p2s_service_get_dscps(self->service)) > 0);
        for (row = gtk_widget_get_first_child(GTK_WIDGET(self->list)); row;
             row = gtk_widget_get_next_sibling(row))
                p2s_rule_row_set_pending(P2S_RULE_ROW(row), self->n_pending > 0);
        row = gtk_widget_get_first_child(GTK_WIDGET(self->fresh));
        if (row)
                p2s_rule_row_set_pending(P2S_RULE_ROW(row), self->n_pending > 0);
}

static void request(P2sRulesPage *self, Setter set, GPtrArray *after, const char *title,
                    GtkWidget *row);

/* Puts back what was before; somebody's change since then is not lost. */
static void undo(gpointer data)
{
        Change *change = data;
        g_autoptr(GPtrArray) now = snapshot(model_of(change->page, change->set));
        gboolean same = now->len == change->after->len;

        for (guint i = 0; same && i < now->len; i++)
                same = p2s_rule_equal(g_ptr_array_index(now, i),
                                      g_ptr_array_index(change->after, i));
        if (same)
                request(change->page, change->set, change->before, NULL, NULL);
        else
                p2s_toast_say(GTK_WIDGET(change->page),
                              _("The rules were changed since; nothing was undone"));
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
        Change *change = data;
        P2sRulesPage *self = change->page;
        g_autoptr(GError) error = NULL;

        self->n_pending--;
        if (!p2s_service_request_finish(P2S_SERVICE(source), result, &error)) {
                p2s_toast_error(GTK_WIDGET(self), error);
        } else if (change->row && gtk_widget_get_parent(change->row) == GTK_WIDGET(self->fresh)) {
                gtk_list_box_remove(self->fresh, change->row);
        }
        if (self->service)
                update(self);
        if (error || !change->title)
                change_free(change);
        else
                p2s_toast_undo(GTK_WIDGET(self), change->title, undo, change, change_free);
}

static void request(P2sRulesPage *self, Setter set, GPtrArray *after, const char *title,
                    GtkWidget *row)
{
        Change *change = g_new0(Change, 1);

        change->page = g_object_ref(self);
        change->set = set;
        change->before = snapshot(model_of(self, set));
        change->after = g_ptr_array_ref(after);
        change->title = g_strdup(title);
        g_set_object(&change->row, row);
        self->n_pending++;
        update(self);
        set(self->service, after, on_set, change);
}

/* Asks for the rules with one taken out and others put in. */
static void change_rules(P2sRulesPage *self, P2sRule *without, GPtrArray *with, const char *title,
                         GtkWidget *row)
{
        g_autofree char *problem = NULL;
        g_autoptr(GPtrArray) after =
                p2s_rules_change(p2s_service_get_rules(self->service), without, with, &problem);

        if (after)
                request(self, p2s_service_set_rules_async, after, title, row);
        else
                p2s_toast_say(GTK_WIDGET(self), problem);
}

static void on_saved(P2sRulesPage *self, P2sRule *rule, P2sRuleRow *row)
{
        P2sRule *before = p2s_rule_row_get_rule(row);
        g_autoptr(GPtrArray) with = g_ptr_array_new();

        g_ptr_array_add(with, rule);
        change_rules(self, before, with, before ? _("Rule changed") : _("Rule added"),
                     before ? NULL : GTK_WIDGET(row));
}

static void on_removed(P2sRulesPage *self, P2sRuleRow *row)
{
        P2sRule *rule = p2s_rule_row_get_rule(row);

        if (rule) {
                change_rules(self, rule, NULL, _("Rule removed"), NULL);
                return;
        }
        gtk_list_box_remove(self->fresh, GTK_WIDGET(row));
        update(self);
        gtk_widget_grab_focus(self->add);
}

static GtkWidget *create_row(gpointer item, gpointer data)
{
        GtkWidget *row = p2s_rule_row_new(item);

        g_signal_connect_object(row, "saved", G_CALLBACK(on_saved), data, G_CONNECT_SWAPPED);
        g_signal_connect_object(row, "removed", G_CALLBACK(on_removed), data, G_CONNECT_SWAPPED);
        return row;
}

static void on_add(P2sRulesPage *self)
{
        GtkWidget *row = create_row(NULL, self);

        gtk_list_box_append(self->fresh, row);
        update(self);
        p2s_rule_row_begin(P2S_RULE_ROW(row));
}

static void on_preset(P2sRulesPage *self, P2sPreset *preset)
{
        change_rules(self, NULL, preset->rules, _("Rules added"), NULL);
}

/* The marks with one of them changed or added (class set), or taken out (NULL). */
static void change_dscp(P2sRulesPage *self, P2sRule *dscp, const char *class, const char *title)
{
        g_autoptr(GPtrArray) after = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GPtrArray) now = snapshot(p2s_service_get_dscps(self->service));
        guint at = 0;

        for (guint i = 0; i < now->len; i++) {
                P2sRule *rule = g_ptr_array_index(now, i);

                if (rule->first == dscp->first)
                        continue;
                g_ptr_array_add(after, g_object_ref(rule));
                at += rule->first < dscp->first;
        }
        if (class)
                g_ptr_array_insert(after, (int)at,
                                   p2s_rule_new(dscp->first, dscp->first, class, ""));
        request(self, p2s_service_set_dscps_async, after, title, NULL);
}

static void on_dscp_class(P2sRulesPage *self, const char *class, P2sDscpRow *row)
{
        change_dscp(self, p2s_dscp_row_get_dscp(row), class, NULL);
}

static void on_dscp_removed(P2sRulesPage *self, P2sDscpRow *row)
{
        change_dscp(self, p2s_dscp_row_get_dscp(row), NULL, _("Mark removed"));
}

static GtkWidget *create_dscp_row(gpointer item, gpointer data)
{
        GtkWidget *row = p2s_dscp_row_new(item);

        g_signal_connect_object(row, "class", G_CALLBACK(on_dscp_class), data, G_CONNECT_SWAPPED);
        g_signal_connect_object(row, "removed", G_CALLBACK(on_dscp_removed), data,
                                G_CONNECT_SWAPPED);
        return row;
}

/* What is typed as a mark; NULL, and the problem is shown. */
static P2sRule *read_dscp(P2sRulesPage *self)
{
        const char *text = gtk_editable_get_text(GTK_EDITABLE(self->new_dscp));
        g_autofree char *problem = NULL;
        P2sRule *dscp = p2s_rule_parse_dscp(text, "voice", &problem);
        gboolean wrong = !dscp && *text != '\0';

        gtk_label_set_label(self->dscp_problem, wrong ? problem : "");
        gtk_widget_set_visible(GTK_WIDGET(self->dscp_problem), wrong);
        if (wrong)
                gtk_widget_add_css_class(GTK_WIDGET(self->new_dscp), "error");
        else
                gtk_widget_remove_css_class(GTK_WIDGET(self->new_dscp), "error");
        return dscp;
}

static void on_dscp_changed(P2sRulesPage *self)
{
        g_autoptr(P2sRule) dscp = read_dscp(self);
}

static void on_dscp_apply(P2sRulesPage *self)
{
        g_autoptr(P2sRule) dscp = read_dscp(self);

        if (!dscp)
                return;
        gtk_editable_set_text(GTK_EDITABLE(self->new_dscp), "");
        change_dscp(self, dscp, "voice", _("Mark added"));
}

static void p2s_rules_page_dispose(GObject *object)
{
        g_clear_object(&P2S_RULES_PAGE(object)->service);
        G_OBJECT_CLASS(p2s_rules_page_parent_class)->dispose(object);
}

static void p2s_rules_page_class_init(P2sRulesPageClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_rules_page_dispose;
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/rules-page.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, list);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, fresh);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, none);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, add);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, presets);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, dscps);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, new_dscp);
        gtk_widget_class_bind_template_child(widget_class, P2sRulesPage, dscp_problem);
        gtk_widget_class_bind_template_callback(widget_class, on_add);
        gtk_widget_class_bind_template_callback(widget_class, on_dscp_changed);
        gtk_widget_class_bind_template_callback(widget_class, on_dscp_apply);
}

static void p2s_rules_page_init(P2sRulesPage *self)
{
        gtk_widget_init_template(GTK_WIDGET(self));
}

void p2s_rules_page_set_service(P2sRulesPage *self, P2sService *service)
{
        g_autoptr(GPtrArray) presets = p2s_presets_load();
        GListModel *rules = p2s_service_get_rules(service), *dscps = p2s_service_get_dscps(service);

        g_return_if_fail(!self->service);
        self->service = g_object_ref(service);
        for (guint i = 0; i < presets->len; i++) {
                GtkWidget *row = p2s_preset_row_new(g_ptr_array_index(presets, i), rules);

                g_signal_connect_object(row, "add", G_CALLBACK(on_preset), self, G_CONNECT_SWAPPED);
                adw_preferences_group_add(self->presets, row);
        }
        gtk_list_box_bind_model(self->list, rules, create_row, self, NULL);
        gtk_list_box_bind_model(self->dscps, dscps, create_dscp_row, self, NULL);
        g_signal_connect_object(rules, "items-changed", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        g_signal_connect_object(dscps, "items-changed", G_CALLBACK(update), self,
                                G_CONNECT_SWAPPED);
        update(self);
}
