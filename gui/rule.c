/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "rule.h"

/* p2sd's headers have macros of these names, too. */
#undef MIN
#undef MAX
#undef CLAMP
#include "../daemon/dscp.h"
#include "../daemon/port-set.h"

G_DEFINE_FINAL_TYPE(P2sRule, p2s_rule, G_TYPE_OBJECT)

static void p2s_rule_finalize(GObject *object)
{
        g_free(P2S_RULE(object)->class);
        g_free(P2S_RULE(object)->label);
        G_OBJECT_CLASS(p2s_rule_parent_class)->finalize(object);
}

static void p2s_rule_class_init(P2sRuleClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_rule_finalize;
}

static void p2s_rule_init(P2sRule *self)
{
}

P2sRule *p2s_rule_new(guint first, guint last, const char *class, const char *label)
{
        P2sRule *self = g_object_new(P2S_TYPE_RULE, NULL);

        self->first = first;
        self->last = last;
        self->class = g_strdup(class);
        self->label = g_strdup(label);
        return self;
}

gboolean p2s_rule_equal(const P2sRule *a, const P2sRule *b)
{
        return a->first == b->first && a->last == b->last && g_str_equal(a->class, b->class) &&
               g_str_equal(a->label, b->label);
}

/* port-set.c's reasons, for people. */
static char *explain(const char *reason)
{
        static const struct {
                const char *reason, *words;
        } table[] = {
                {"port 0", N_("Ports go from 1 to 65535")},
                {"first port above the last", N_("The range runs backwards")},
                {"unknown class", N_("Choose how important it is")},
                {"label longer than 64 bytes", N_("The name is too long")},
                {"label is not UTF-8 or has control characters",
                 N_("The name has characters that cannot be shown")},
                {"more than 1024 ranges", N_("There are 1024 rules already, which is the most")},
        };

        for (guint i = 0; i < G_N_ELEMENTS(table); i++)
                if (g_str_equal(reason, table[i].reason))
                        return g_strdup(_(table[i].words));
        return g_strdup(reason);
}

/* As port_range_parse() takes it: without spaces, with a plain hyphen. */
static char *normalise(const char *typed)
{
        GString *out = g_string_new(NULL);

        for (const char *p = typed; *p; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);

                if (g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION)
                        g_string_append_c(out, '-');
                else if (!g_unichar_isspace(c))
                        g_string_append_unichar(out, c);
        }
        return g_string_free(out, FALSE);
}

P2sRule *p2s_rule_parse_ports(const char *ports, const char *class, const char *label,
                              char **problem)
{
        g_autofree char *text = normalise(ports);
        g_autofree char *clean = g_strstrip(g_strdup(label));
        const char *reason = NULL;
        uint16_t first, last;

        if (*text == '\0' || port_range_parse(text, &first, &last) < 0) {
                /* Translators: keep the numbers as they are */
                *problem = g_strdup(_("Write a port like 5060, or a range like 3478-3481"));
                return NULL;
        }
        if (port_set_validate(first, last, p2s_class_from_string(class), clean, &reason) < 0) {
                *problem = explain(reason);
                return NULL;
        }
        return p2s_rule_new(first, last, class, clean);
}

P2sRule *p2s_rule_parse_dscp(const char *dscp, const char *class, char **problem)
{
        g_autofree char *text = g_strstrip(g_strdup(dscp));
        int value = dscp_from_string(text);

        if (value < 0) {
                /* Translators: keep EF and AF41 as they are: names of DSCP values */
                *problem = g_strdup(_("Write a value from 0 to 63, or a name like EF or AF41"));
                return NULL;
        }
        return p2s_rule_new((guint)value, (guint)value, class, "");
}

char *p2s_rule_ports(const P2sRule *self)
{
        if (self->first == self->last)
                return g_strdup_printf("%u", self->first);
        return g_strdup_printf("%u–%u", self->first, self->last);
}

char *p2s_rule_ports_words(const P2sRule *self)
{
        g_autofree char *ports = p2s_rule_ports(self), *joined = NULL;
        g_auto(GStrv) ends = g_strsplit(ports, "–", 2);

        /* U+2060: no line ends behind the dash.  U+2066 … U+2069: a number, and what stands
         * between two, has no direction of its own. */
        joined = g_strjoinv("–\u2060", ends);
        return g_strdup_printf("\u2066%s\u2069", joined);
}

char *p2s_rule_dscp(const P2sRule *self)
{
        const char *name = dscp_name(self->first);

        return name ? g_strdup_printf("%u (%s)", self->first, name)
                    : g_strdup_printf("%u", self->first);
}

static int add(PortSet *set, const P2sRule *rule, const char **reason)
{
        return port_set_add(set, (uint16_t)rule->first, (uint16_t)rule->last,
                            (enum p2s_class)p2s_class_from_string(rule->class), rule->label,
                            reason);
}

/* 0, or a negative errno and *reason. */
static int read_rules(GListModel *rules, PortSet *set, const char **reason)
{
        for (guint i = 0; i < g_list_model_get_n_items(rules); i++) {
                g_autoptr(P2sRule) rule = g_list_model_get_item(rules, i);
                int r = add(set, rule, reason);

                if (r < 0)
                        return r;
        }
        return 0;
}

GPtrArray *p2s_rules_change(GListModel *rules, P2sRule *without, GPtrArray *with, char **problem)
{
        _cleanup_(port_set_donep) PortSet set = {0};
        const char *reason = NULL;
        GPtrArray *out;
        int r;

        r = read_rules(rules, &set, &reason);
        if (r >= 0 && without)
                r = port_set_remove(&set, (uint16_t)without->first, (uint16_t)without->last,
                                    &reason);
        for (guint i = 0; r >= 0 && with && i < with->len; i++)
                r = add(&set, g_ptr_array_index(with, i), &reason);
        if (r < 0) {
                *problem = explain(reason);
                return NULL;
        }

        out = g_ptr_array_new_with_free_func(g_object_unref);
        PORT_SET_FOREACH (range, &set)
                g_ptr_array_add(out, p2s_rule_new(range->first, range->last,
                                                  p2s_class_to_string(range->class), range->label));
        return out;
}

gboolean p2s_rules_cover(GListModel *rules, const P2sRule *rule)
{
        g_autofree struct kernel_ports *map = g_new(struct kernel_ports, 1);
        _cleanup_(port_set_donep) PortSet set = {0};

        if (read_rules(rules, &set, NULL) < 0)
                return FALSE;
        port_set_to_map(&set, map);
        for (guint port = rule->first; port <= rule->last; port++)
                if (map->class[port] != p2s_class_from_string(rule->class))
                        return FALSE;
        return TRUE;
}

const char *p2s_class_title(const char *class)
{
        if (g_strcmp0(class, "voice") == 0)
                /* Translators: the class of packets that goes before all others */
                return C_("class", "Voice");
        if (g_strcmp0(class, "video") == 0)
                /* Translators: the class of packets that goes after voice, before the rest */
                return C_("class", "Video");
        if (g_strcmp0(class, "general") == 0)
                /* Translators: the class of packets that waits for voice and video */
                return C_("class", "No Priority");
        return class;
}
