/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "rule-row.h"

struct _P2sRuleRow {
        AdwExpanderRow parent_instance;
        AdwEntryRow *ports, *label;
        AdwComboRow *class;
        AdwActionRow *problem;
        GtkWidget *save, *remove;
        P2sRule *rule; /* NULL: yet to be made */
        gboolean touched;
        gboolean filling;
        gboolean pending;
};

G_DEFINE_FINAL_TYPE(P2sRuleRow, p2s_rule_row, ADW_TYPE_EXPANDER_ROW)

static const char *const classes[] = {"voice", "video", "general"};

enum {
        SAVED,
        REMOVED,
        N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* The rule as it stands in the fields; NULL: *problem says why not. */
static P2sRule *read_fields(P2sRuleRow *self, char **problem)
{
        guint i = adw_combo_row_get_selected(self->class);

        return p2s_rule_parse_ports(gtk_editable_get_text(GTK_EDITABLE(self->ports)),
                                    i < G_N_ELEMENTS(classes) ? classes[i] : "",
                                    gtk_editable_get_text(GTK_EDITABLE(self->label)), problem);
}

static void judge(P2sRuleRow *self)
{
        g_autofree char *problem = NULL;
        g_autoptr(P2sRule) rule = read_fields(self, &problem);
        gboolean empty = *gtk_editable_get_text(GTK_EDITABLE(self->ports)) == '\0';
        gboolean changed = rule && (!self->rule || !p2s_rule_equal(rule, self->rule));
        /* Who has not begun to type has done nothing wrong yet. */
        gboolean wrong = !rule && self->touched && !(empty && !self->rule);

        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self->problem), wrong ? problem : "");
        gtk_widget_set_visible(GTK_WIDGET(self->problem), wrong);
        if (wrong)
                gtk_widget_add_css_class(GTK_WIDGET(self->ports), "error");
        else
                gtk_widget_remove_css_class(GTK_WIDGET(self->ports), "error");
        gtk_accessible_update_state(
                GTK_ACCESSIBLE(self->ports), GTK_ACCESSIBLE_STATE_INVALID,
                wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
        gtk_widget_set_sensitive(self->save, changed && !self->pending);
        gtk_widget_set_sensitive(self->remove, !self->pending);
}

/* Shows the rule, or an empty form. */
static void fill(P2sRuleRow *self)
{
        P2sRule *rule = self->rule;
        g_autofree char *ports = rule ? p2s_rule_ports(rule) : g_strdup("");
        guint class = 0;

        self->filling = TRUE;
        self->touched = FALSE;
        for (guint i = 0; rule && i < G_N_ELEMENTS(classes); i++)
                if (g_str_equal(classes[i], rule->class))
                        class = i;
        gtk_editable_set_text(GTK_EDITABLE(self->ports), ports);
        gtk_editable_set_text(GTK_EDITABLE(self->label), rule ? rule->label : "");
        adw_combo_row_set_selected(self->class, class);
        gtk_widget_set_visible(self->remove, rule != NULL);
        self->filling = FALSE;

        if (rule) {
                gboolean named = *rule->label != '\0';
                g_autofree char *title = NULL, *subtitle = NULL, *remove = NULL;
                g_autofree char *words = p2s_rule_ports_words(rule);

                title = named                       ? g_strdup(rule->label)
                        : rule->first == rule->last ? g_strdup_printf(_("Port %s"), words)
                                                    : g_strdup_printf(_("Ports %s"), words);
                subtitle = named ? g_strdup_printf(C_("ports and class", "%s · %s"), words,
                                                   p2s_class_title(rule->class))
                                 : g_strdup(p2s_class_title(rule->class));
                /* Translators: %s is what the user calls a rule, or its ports */
                remove = g_strdup_printf(_("Remove %s"), title);
                gtk_widget_set_tooltip_text(self->remove, remove);
                gtk_accessible_update_property(GTK_ACCESSIBLE(self->remove),
                                               GTK_ACCESSIBLE_PROPERTY_LABEL, remove, -1);
                adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), title);
                adw_expander_row_set_subtitle(ADW_EXPANDER_ROW(self), subtitle);
        } else {
                adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self), _("New Rule"));
        }
        judge(self);
}

static void on_changed(P2sRuleRow *self)
{
        if (self->filling)
                return;
        self->touched = TRUE;
        judge(self);
}

static void on_save(P2sRuleRow *self)
{
        g_autofree char *problem = NULL;
        g_autoptr(P2sRule) rule = read_fields(self, &problem);

        self->touched = TRUE;
        judge(self);
        if (rule && gtk_widget_get_sensitive(self->save))
                g_signal_emit(self, signals[SAVED], 0, rule);
}

static void on_remove(P2sRuleRow *self)
{
        g_signal_emit(self, signals[REMOVED], 0);
}

static void on_cancel(P2sRuleRow *self)
{
        if (!self->rule) {
                g_signal_emit(self, signals[REMOVED], 0);
                return;
        }
        fill(self);
        adw_expander_row_set_expanded(ADW_EXPANDER_ROW(self), FALSE);
}

static void p2s_rule_row_dispose(GObject *object)
{
        g_clear_object(&P2S_RULE_ROW(object)->rule);
        G_OBJECT_CLASS(p2s_rule_row_parent_class)->dispose(object);
}

static void p2s_rule_row_class_init(P2sRuleRowClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_rule_row_dispose;
        signals[SAVED] = g_signal_new("saved", P2S_TYPE_RULE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 1, P2S_TYPE_RULE);
        signals[REMOVED] = g_signal_new("removed", P2S_TYPE_RULE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/rule-row.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, ports);
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, label);
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, class);
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, problem);
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, save);
        gtk_widget_class_bind_template_child(widget_class, P2sRuleRow, remove);
        gtk_widget_class_bind_template_callback(widget_class, on_changed);
        gtk_widget_class_bind_template_callback(widget_class, on_save);
        gtk_widget_class_bind_template_callback(widget_class, on_remove);
        gtk_widget_class_bind_template_callback(widget_class, on_cancel);
}

static void p2s_rule_row_init(P2sRuleRow *self)
{
        g_autoptr(GtkStringList) titles = gtk_string_list_new(NULL);

        self->filling = TRUE;
        gtk_widget_init_template(GTK_WIDGET(self));
        for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
                gtk_string_list_append(titles, p2s_class_title(classes[i]));
        adw_combo_row_set_model(self->class, G_LIST_MODEL(titles));
}

GtkWidget *p2s_rule_row_new(P2sRule *rule)
{
        P2sRuleRow *self = g_object_new(P2S_TYPE_RULE_ROW, NULL);

        g_set_object(&self->rule, rule);
        fill(self);
        return GTK_WIDGET(self);
}

P2sRule *p2s_rule_row_get_rule(P2sRuleRow *self)
{
        return self->rule;
}

void p2s_rule_row_begin(P2sRuleRow *self)
{
        adw_expander_row_set_expanded(ADW_EXPANDER_ROW(self), TRUE);
        gtk_widget_grab_focus(GTK_WIDGET(self->ports));
}

void p2s_rule_row_set_pending(P2sRuleRow *self, gboolean pending)
{
        self->pending = pending;
        judge(self);
}
