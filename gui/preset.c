/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preset.h"

G_DEFINE_FINAL_TYPE(P2sPreset, p2s_preset, G_TYPE_OBJECT)

static void p2s_preset_finalize(GObject *object)
{
        P2sPreset *self = P2S_PRESET(object);

        g_free(self->name);
        g_free(self->source);
        g_ptr_array_unref(self->rules);
        G_OBJECT_CLASS(p2s_preset_parent_class)->finalize(object);
}

static void p2s_preset_class_init(P2sPresetClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_preset_finalize;
}

static void p2s_preset_init(P2sPreset *self)
{
        self->rules = g_ptr_array_new_with_free_func(g_object_unref);
}

static P2sPreset *read_preset(GKeyFile *file, const char *group)
{
        P2sPreset *self = g_object_new(P2S_TYPE_PRESET, NULL);
        g_auto(GStrv) ports = g_key_file_get_string_list(file, group, "Ports", NULL, NULL);

        self->name = g_key_file_get_string(file, group, "Name", NULL);
        self->source = g_key_file_get_string(file, group, "Source", NULL);
        g_assert(self->name && self->source);
        for (guint i = 0; ports && ports[i]; i++) {
                g_auto(GStrv) words = g_strsplit(ports[i], " ", 2);
                g_autofree char *problem = NULL;
                P2sRule *rule = words[0] && words[1] ? p2s_rule_parse_ports(words[0], words[1],
                                                                            self->name, &problem)
                                                     : NULL;

                if (!rule)
                        g_error("presets.ini: [%s]: %s", group, problem ? problem : ports[i]);
                g_ptr_array_add(self->rules, rule);
        }
        return self;
}

GPtrArray *p2s_presets_load(void)
{
        g_autoptr(GBytes) bytes = g_resources_lookup_data("/org/p2s/Panel/presets.ini",
                                                          G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
        g_autoptr(GKeyFile) file = g_key_file_new();
        g_auto(GStrv) groups = NULL;
        GPtrArray *presets = g_ptr_array_new_with_free_func(g_object_unref);

        if (!bytes || !g_key_file_load_from_bytes(file, bytes, G_KEY_FILE_NONE, NULL))
                g_error("presets.ini is not in the program");
        groups = g_key_file_get_groups(file, NULL);
        for (guint i = 0; groups[i]; i++)
                g_ptr_array_add(presets, read_preset(file, groups[i]));
        return presets;
}

char *p2s_preset_ports(const P2sPreset *self)
{
        g_autoptr(GString) out = g_string_new(NULL);

        for (guint i = 0; i < self->rules->len; i++) {
                g_autofree char *ports = p2s_rule_ports_words(g_ptr_array_index(self->rules, i));

                g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", ports);
        }
        return g_string_free(g_steal_pointer(&out), FALSE);
}
