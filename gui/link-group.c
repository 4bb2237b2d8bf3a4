/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "link-group.h"
#include "rate.h"
#include "toast.h"

struct _P2sLinkGroup {
        AdwPreferencesGroup parent_instance;
        AdwActionRow *state, *problem;
        GtkMenuButton *presets;
        AdwEntryRow *uplink, *downlink;
        AdwComboRow *layer, *when;
        GtkSwitch *trust;
        P2sService *service;
        P2sLink *link;
        gboolean filling;
        gboolean typed;     /* the rates are being changed */
        GtkWidget *focused; /* had the focus when it stopped reacting; weak */
};

G_DEFINE_FINAL_TYPE(P2sLinkGroup, p2s_link_group, ADW_TYPE_PREFERENCES_GROUP)

typedef struct Choice {
        const char *word, *title;
} Choice;

/* SetLink's option "linklayer". */
static const Choice layers[] = {
        {"none", N_("Not Known")},
        {"ethernet", N_("Fibre or Ethernet")},
        {"docsis", N_("Cable")},
        {"vdsl", N_("VDSL")},
        /* Translators: VDSL where one logs in by PPPoE */
        {"pppoe-vdsl", N_("VDSL with PPPoE")},
        {"atm", N_("ADSL")},
};

/* SetLink's option "when". */
static const Choice whens[] = {
        {"call", N_("While a Call Runs")},
        {"always", N_("Always")},
};

/* Rates that are sold in many places, Mbit/s. */
static const struct {
        const char *title;
        guint downlink, uplink;
} speeds[] = {
        /* Translators: a kind of connection; download and upload follow in Mbit/s */
        {N_("ADSL"), 16, 1},      {N_("VDSL"), 50, 10},    {N_("VDSL"), 100, 40},
        {N_("Cable"), 250, 25},   {N_("Cable"), 1000, 50}, {N_("Fibre"), 300, 150},
        {N_("Fibre"), 1000, 500},
};

static guint find(const Choice *choices, guint n, const char *word)
{
        for (guint i = 0; i < n; i++)
                if (g_strcmp0(choices[i].word, word) == 0)
                        return i;
        return GTK_INVALID_LIST_POSITION;
}

static void fill_choices(AdwComboRow *row, const Choice *choices, guint n)
{
        g_autoptr(GtkStringList) titles = gtk_string_list_new(NULL);

        for (guint i = 0; i < n; i++)
                gtk_string_list_append(titles, _(choices[i].title));
        adw_combo_row_set_model(row, G_LIST_MODEL(titles));
}

/* How it is, in words. */
static char *state_words(const P2sLink *link)
{
        const char *reason = link->reason ? link->reason : "";
        gboolean out = g_strcmp0(link->outgoing, "shaped") == 0;
        gboolean in = g_strcmp0(link->incoming, "shaped") == 0;

        if (g_strcmp0(link->state, "absent") == 0)
                return g_strdup(_("Not there now"));
        if (g_strcmp0(link->state, "down") == 0)
                return g_strdup(_("Not connected now"));
        if (g_strcmp0(link->state, "busy") == 0)
                return g_strdup_printf(_("Another program arranges its traffic (%s)"), reason);
        if (g_strcmp0(link->state, "failed") == 0)
                return g_strdup_printf(_("Cannot be looked after (%s)"), reason);
        if (!p2s_link_is_active(link))
                return g_strdup(link->state ? link->state : "");
        if (out && in)
                return g_strdup(_("Calls go first in both directions"));
        if (out)
                return g_strdup(_("Outgoing calls go first; incoming ones are marked, as the "
                                  "download rate is not known"));
        if (in)
                return g_strdup(_("Incoming calls go first; outgoing ones are marked, as the "
                                  "upload rate is not known"));
        if (g_strcmp0(link->outgoing, "marked") == 0)
                return g_strdup(_("Calls are marked"));
        if (g_strcmp0(link->outgoing, "measured") == 0)
                return g_strdup(_("Calls are measured"));
        return g_strdup(_("Ready"));
}

static void say_problem(P2sLinkGroup *self, const char *problem)
{
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(self->problem), problem ? problem : "");
        gtk_widget_set_visible(GTK_WIDGET(self->problem), problem != NULL);
}

static void set_rate(AdwEntryRow *row, guint64 bps)
{
        g_autofree char *text = p2s_rate_text(bps);

        gtk_editable_set_text(GTK_EDITABLE(row), text);
        gtk_widget_remove_css_class(GTK_WIDGET(row), "error");
}

static void update(P2sLinkGroup *self)
{
        P2sLink *link = self->link;
        const char *layer = "none", *when = "call";
        g_autofree char *state = state_words(link), *title = p2s_link_get_title(link);
        g_autofree char *full = NULL;
        gboolean trust = FALSE;

        if (link->interface && g_strcmp0(link->interface, title) != 0)
                full = g_strdup_printf("%s (%s)", title, link->interface);
        adw_preferences_group_set_title(ADW_PREFERENCES_GROUP(self), full ? full : title);
        adw_preferences_group_set_description(
                ADW_PREFERENCES_GROUP(self),
                g_strcmp0(link->name, "auto") == 0 ? _("The connection in use now") : NULL);
        adw_action_row_set_subtitle(self->state, state);

        if (link->options) {
                g_variant_lookup(link->options, "linklayer", "&s", &layer);
                g_variant_lookup(link->options, "when", "&s", &when);
                g_variant_lookup(link->options, "trust-incoming-dscp", "b", &trust);
        }
        self->filling = TRUE;
        if (!self->typed) {
                set_rate(self->uplink, link->uplink_bps);
                set_rate(self->downlink, link->downlink_bps);
                say_problem(self, NULL);
        }
        adw_combo_row_set_selected(self->layer, find(layers, G_N_ELEMENTS(layers), layer));
        adw_combo_row_set_selected(self->when, find(whens, G_N_ELEMENTS(whens), when));
        gtk_switch_set_active(self->trust, trust);
        self->filling = FALSE;
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(P2sLinkGroup) self = P2S_LINK_GROUP(data);
        g_autoptr(GError) error = NULL;

        if (!p2s_service_request_finish(P2S_SERVICE(source), result, &error))
                p2s_toast_error(GTK_WIDGET(self), error);
        gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
        self->typed = FALSE;
        if (self->link)
                update(self);
        if (self->focused)
                gtk_widget_grab_focus(self->focused);
        g_clear_weak_pointer(&self->focused);
}

/* Keeps every option of a later release as it is. */
static GVariant *options(P2sLinkGroup *self)
{
        GVariantDict dict;
        guint layer = adw_combo_row_get_selected(self->layer);
        guint when = adw_combo_row_get_selected(self->when);

        g_variant_dict_init(&dict, self->link->options);
        if (layer < G_N_ELEMENTS(layers))
                g_variant_dict_insert(&dict, "linklayer", "s", layers[layer].word);
        if (when < G_N_ELEMENTS(whens))
                g_variant_dict_insert(&dict, "when", "s", whens[when].word);
        g_variant_dict_insert(&dict, "trust-incoming-dscp", "b",
                              gtk_switch_get_active(self->trust));
        return g_variant_dict_end(&dict);
}

static void request(P2sLinkGroup *self, guint64 uplink_bps, guint64 downlink_bps)
{
        GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
        GtkWidget *focused = root ? gtk_root_get_focus(root) : NULL;

        /* A field that stops reacting under the cursor upsets GTK 4.8: it leaves first,
         * and is come back to. */
        if (focused && gtk_widget_is_ancestor(focused, GTK_WIDGET(self))) {
                g_set_weak_pointer(&self->focused, focused);
                gtk_root_set_focus(root, NULL);
        }
        gtk_widget_set_sensitive(GTK_WIDGET(self), FALSE);
        p2s_service_set_link_async(self->service, self->link->name, uplink_bps, downlink_bps,
                                   options(self), on_set, g_object_ref(self));
}

/* The rate as it stands in the field.  What was not touched is not rounded. */
static gboolean read_rate(P2sLinkGroup *self, AdwEntryRow *row, guint64 known, guint64 *bps)
{
        const char *text = gtk_editable_get_text(GTK_EDITABLE(row));
        g_autofree char *same = p2s_rate_text(known), *problem = NULL;

        *bps = known;
        if (g_str_equal(text, same) || p2s_rate_parse(text, bps, &problem)) {
                gtk_widget_remove_css_class(GTK_WIDGET(row), "error");
                return TRUE;
        }
        gtk_widget_add_css_class(GTK_WIDGET(row), "error");
        say_problem(self, problem);
        return FALSE;
}

static gboolean read_rates(P2sLinkGroup *self, guint64 *uplink_bps, guint64 *downlink_bps)
{
        gboolean up = read_rate(self, self->uplink, self->link->uplink_bps, uplink_bps);
        gboolean down = read_rate(self, self->downlink, self->link->downlink_bps, downlink_bps);

        if (up && down)
                say_problem(self, NULL);
        return up && down;
}

static void on_typed(P2sLinkGroup *self)
{
        guint64 uplink_bps, downlink_bps;

        if (self->filling)
                return;
        self->typed = TRUE;
        (void)read_rates(self, &uplink_bps, &downlink_bps);
}

static void on_rates(P2sLinkGroup *self)
{
        guint64 uplink_bps, downlink_bps;

        if (read_rates(self, &uplink_bps, &downlink_bps))
                request(self, uplink_bps, downlink_bps);
}

static void on_chosen(P2sLinkGroup *self)
{
        if (!self->filling)
                request(self, self->link->uplink_bps, self->link->downlink_bps);
}

static void on_speed(GtkWidget *widget, const char *action, GVariant *target)
{
        guint i = g_variant_get_uint32(target);

        if (i < G_N_ELEMENTS(speeds))
                request(P2S_LINK_GROUP(widget), speeds[i].uplink * G_GUINT64_CONSTANT(1000000),
                        speeds[i].downlink * G_GUINT64_CONSTANT(1000000));
}

static GMenuModel *speeds_menu(void)
{
        GMenu *menu = g_menu_new();

        for (guint i = 0; i < G_N_ELEMENTS(speeds); i++) {
                g_autofree char *label =
                        /* Translators: a kind of connection, download and upload rate */
                        g_strdup_printf(_("%s, %u/%u Mbit/s"), _(speeds[i].title),
                                        speeds[i].downlink, speeds[i].uplink);
                g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);

                g_menu_item_set_action_and_target(item, "link.speed", "u", i);
                g_menu_append_item(menu, item);
        }
        return G_MENU_MODEL(menu);
}

static void p2s_link_group_dispose(GObject *object)
{
        g_clear_object(&P2S_LINK_GROUP(object)->service);
        g_clear_object(&P2S_LINK_GROUP(object)->link);
        g_clear_weak_pointer(&P2S_LINK_GROUP(object)->focused);
        G_OBJECT_CLASS(p2s_link_group_parent_class)->dispose(object);
}

static void p2s_link_group_class_init(P2sLinkGroupClass *klass)
{
        GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

        G_OBJECT_CLASS(klass)->dispose = p2s_link_group_dispose;
        gtk_widget_class_install_action(widget_class, "link.speed", "u", on_speed);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/link-group.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, state);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, problem);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, presets);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, uplink);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, downlink);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, layer);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, when);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, trust);
        gtk_widget_class_bind_template_callback(widget_class, on_typed);
        gtk_widget_class_bind_template_callback(widget_class, on_rates);
        gtk_widget_class_bind_template_callback(widget_class, on_chosen);
}

static void p2s_link_group_init(P2sLinkGroup *self)
{
        g_autoptr(GMenuModel) menu = speeds_menu();

        self->filling = TRUE;
        gtk_widget_init_template(GTK_WIDGET(self));
        fill_choices(self->layer, layers, G_N_ELEMENTS(layers));
        fill_choices(self->when, whens, G_N_ELEMENTS(whens));
        gtk_menu_button_set_menu_model(self->presets, menu);
}

GtkWidget *p2s_link_group_new(P2sService *service, P2sLink *link)
{
        P2sLinkGroup *self = g_object_new(P2S_TYPE_LINK_GROUP, NULL);

        self->service = g_object_ref(service);
        self->link = g_object_ref(link);
        g_signal_connect_object(link, "updated", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
        update(self);
        return GTK_WIDGET(self);
}

P2sLink *p2s_link_group_get_link(P2sLinkGroup *self)
{
        return self->link;
}
