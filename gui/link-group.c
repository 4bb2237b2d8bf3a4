/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "error.h"
#include "force-row.h"
#include "link-group.h"
#include "overhead.h"
#include "rate.h"
#include "speeds.h"
#include "toast.h"

/* What SetLink is asked for, beside what the lists and the switch show. */
typedef struct Wish {
        guint64 uplink_bps, downlink_bps;
        gboolean overhead_given, force;
        gint32 overhead; /* bytes */
} Wish;

struct _P2sLinkGroup {
        AdwPreferencesGroup parent_instance;
        AdwActionRow *state, *problem, *overhead_problem;
        GtkMenuButton *presets;
        AdwEntryRow *uplink, *downlink, *overhead;
        AdwComboRow *layer, *when;
        GtkSwitch *trust;
        P2sForceRow *force;
        P2sService *service;
        P2sLink *link;
        Wish asked;       /* the last request */
        gboolean refused; /* the link was taken by another program */
        gboolean filling;
        gboolean typed;     /* rates or overhead are being changed */
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

static void say_problem(AdwActionRow *row, const char *problem)
{
        adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), problem ? problem : "");
        gtk_widget_set_visible(GTK_WIDGET(row), problem != NULL);
}

/* As it is now. */
static Wish wish_of(const P2sLink *link)
{
        Wish wish = {.uplink_bps = link->uplink_bps, .downlink_bps = link->downlink_bps};

        if (link->options) {
                wish.overhead_given =
                        g_variant_lookup(link->options, "overhead", "i", &wish.overhead);
                g_variant_lookup(link->options, "force", "b", &wish.force);
        }
        return wish;
}

static void set_field(AdwEntryRow *row, const char *text)
{
        gtk_editable_set_text(GTK_EDITABLE(row), text);
        gtk_widget_remove_css_class(GTK_WIDGET(row), "error");
}

static void fill_fields(P2sLinkGroup *self)
{
        const Wish wish = wish_of(self->link);
        g_autofree char *up = p2s_rate_text(wish.uplink_bps);
        g_autofree char *down = p2s_rate_text(wish.downlink_bps);
        g_autofree char *overhead =
                wish.overhead_given ? g_strdup_printf("%d", wish.overhead) : g_strdup("");

        set_field(self->uplink, up);
        set_field(self->downlink, down);
        set_field(self->overhead, overhead);
        say_problem(self->problem, NULL);
        say_problem(self->overhead_problem, NULL);
}

static void update(P2sLinkGroup *self)
{
        P2sLink *link = self->link;
        const char *layer = "none", *when = "call";
        g_autofree char *state = p2s_link_words(link), *title = p2s_link_get_title(link);
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
        if (!self->typed)
                fill_fields(self);
        p2s_force_row_update(self->force, link);
        adw_combo_row_set_selected(self->layer, find(layers, G_N_ELEMENTS(layers), layer));
        adw_combo_row_set_selected(self->when, find(whens, G_N_ELEMENTS(whens), when));
        gtk_switch_set_active(self->trust, trust);
        self->filling = FALSE;
}

/* Whether it worked; if not, that is said. */
static gboolean finish(P2sLinkGroup *self, P2sService *service, GAsyncResult *result)
{
        g_autoptr(GError) error = NULL;

        self->refused = FALSE;
        if (!p2s_service_request_finish(service, result, &error)) {
                self->refused = g_error_matches(error, P2S_ERROR, P2S_ERROR_LINK_BUSY);
                if (!self->refused)
                        p2s_toast_error(GTK_WIDGET(self), error);
                else if (self->link)
                        p2s_force_row_ask(self->force, error->message);
        }
        gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
        self->typed = FALSE;
        if (self->link)
                update(self);
        if (self->focused)
                gtk_widget_grab_focus(self->focused);
        g_clear_weak_pointer(&self->focused);
        return error == NULL;
}

static void on_set(GObject *source, GAsyncResult *result, gpointer data)
{
        (void)finish(P2S_LINK_GROUP(data), P2S_SERVICE(source), result);
        g_object_unref(data);
}

static void on_taken(GObject *source, GAsyncResult *result, gpointer data);

/* Keeps every option of a later release as it is. */
static GVariant *options(P2sLinkGroup *self, const Wish *wish)
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
        g_variant_dict_insert(&dict, "force", "b", wish->force);
        if (wish->overhead_given)
                g_variant_dict_insert(&dict, "overhead", "i", wish->overhead);
        else
                g_variant_dict_remove(&dict, "overhead");
        return g_variant_dict_end(&dict);
}

static void request(P2sLinkGroup *self, const Wish *wish, GAsyncReadyCallback callback)
{
        GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(self));
        GtkWidget *focused = root ? gtk_root_get_focus(root) : NULL;

        /* A field that stops reacting under the cursor upsets GTK 4.8: it leaves first,
         * and is come back to. */
        if (focused && gtk_widget_is_ancestor(focused, GTK_WIDGET(self))) {
                g_set_weak_pointer(&self->focused, focused);
                gtk_root_set_focus(root, NULL);
        }
        self->asked = *wish;
        gtk_widget_set_sensitive(GTK_WIDGET(self), FALSE);
        p2s_service_set_link_async(self->service, self->link->name, wish->uplink_bps,
                                   wish->downlink_bps, options(self, wish), callback,
                                   g_object_ref(self));
}

static gboolean say_read(AdwEntryRow *row, AdwActionRow *where, const char *problem)
{
        if (problem) {
                gtk_widget_add_css_class(GTK_WIDGET(row), "error");
                say_problem(where, problem);
        } else {
                gtk_widget_remove_css_class(GTK_WIDGET(row), "error");
        }
        return problem == NULL;
}

/* The rate as it stands in the field.  What was not touched is not rounded. */
static gboolean read_rate(P2sLinkGroup *self, AdwEntryRow *row, guint64 *bps)
{
        const char *text = gtk_editable_get_text(GTK_EDITABLE(row));
        g_autofree char *same = p2s_rate_text(*bps), *problem = NULL;

        if (!g_str_equal(text, same))
                (void)p2s_rate_parse(text, bps, &problem);
        return say_read(row, self->problem, problem);
}

static gboolean read_overhead(P2sLinkGroup *self, Wish *wish)
{
        g_autofree char *problem = NULL;

        (void)p2s_overhead_parse(gtk_editable_get_text(GTK_EDITABLE(self->overhead)),
                                 &wish->overhead_given, &wish->overhead, &problem);
        return say_read(self->overhead, self->overhead_problem, problem);
}

/* All fields as they stand; FALSE: one of them is wrong, which is said. */
static gboolean read_fields(P2sLinkGroup *self, Wish *wish)
{
        gboolean up, down, overhead;

        *wish = wish_of(self->link);
        say_problem(self->problem, NULL);
        say_problem(self->overhead_problem, NULL);
        up = read_rate(self, self->uplink, &wish->uplink_bps);
        down = read_rate(self, self->downlink, &wish->downlink_bps);
        overhead = read_overhead(self, wish);
        return up && down && overhead;
}

static void on_typed(P2sLinkGroup *self)
{
        Wish wish;

        if (self->filling)
                return;
        self->typed = TRUE;
        (void)read_fields(self, &wish);
}

static void on_applied(P2sLinkGroup *self)
{
        Wish wish;

        if (read_fields(self, &wish))
                request(self, &wish, on_set);
}

static void on_chosen(P2sLinkGroup *self)
{
        Wish wish;

        if (self->filling)
                return;
        wish = wish_of(self->link);
        request(self, &wish, on_set);
}

static void on_forced(P2sLinkGroup *self, gboolean force)
{
        /* What was asked for when it turned out to be taken is what is wanted. */
        Wish wish = self->refused ? self->asked : wish_of(self->link);

        wish.force = force;
        request(self, &wish, force ? on_taken : on_set);
}

static void undo_force(gpointer data)
{
        P2sLinkGroup *self = data;

        if (self->link)
                on_forced(self, FALSE);
}

static void on_taken(GObject *source, GAsyncResult *result, gpointer data)
{
        P2sLinkGroup *self = data;

        if (finish(self, P2S_SERVICE(source), result))
                p2s_toast_undo(GTK_WIDGET(self), _("The network was taken over"), undo_force,
                               g_object_ref(self), g_object_unref);
        g_object_unref(self);
}

static void on_speed(GtkWidget *widget, const char *action, GVariant *target)
{
        P2sLinkGroup *self = P2S_LINK_GROUP(widget);
        Wish wish = wish_of(self->link);

        if (p2s_speeds_get(g_variant_get_uint32(target), &wish.uplink_bps, &wish.downlink_bps))
                request(self, &wish, on_set);
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
        g_type_ensure(P2S_TYPE_FORCE_ROW);
        gtk_widget_class_install_action(widget_class, "link.speed", "u", on_speed);
        gtk_widget_class_set_template_from_resource(widget_class, "/org/p2s/Panel/link-group.ui");
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, state);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, problem);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, presets);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, uplink);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, downlink);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, overhead);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, overhead_problem);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, force);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, layer);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, when);
        gtk_widget_class_bind_template_child(widget_class, P2sLinkGroup, trust);
        gtk_widget_class_bind_template_callback(widget_class, on_typed);
        gtk_widget_class_bind_template_callback(widget_class, on_applied);
        gtk_widget_class_bind_template_callback(widget_class, on_forced);
        gtk_widget_class_bind_template_callback(widget_class, on_chosen);
}

static void p2s_link_group_init(P2sLinkGroup *self)
{
        g_autoptr(GMenuModel) menu = p2s_speeds_menu("link.speed");

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
