/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"
#include "preferences.h"

enum {
        PROP_KEEP_IN_TRAY = 1,
        PROP_NOTIFY,
        N_PROPS,
};

static const struct {
        const char *name, *key;
        gboolean fallback;
} table[N_PROPS] = {
        [PROP_KEEP_IN_TRAY] = {"keep-in-tray", "KeepInTray", FALSE},
        [PROP_NOTIFY] = {"notify", "Notify", TRUE},
};

struct _P2sPreferences {
        GObject parent_instance;
        gboolean values[N_PROPS];
};

G_DEFINE_FINAL_TYPE(P2sPreferences, p2s_preferences, G_TYPE_OBJECT)

static GParamSpec *props[N_PROPS];

gboolean p2s_preferences_get_keep_in_tray(P2sPreferences *self)
{
        return self->values[PROP_KEEP_IN_TRAY];
}

gboolean p2s_preferences_get_notify(P2sPreferences *self)
{
        return self->values[PROP_NOTIFY];
}

static void p2s_preferences_get_property(GObject *object, guint prop, GValue *value,
                                         GParamSpec *pspec)
{
        g_value_set_boolean(value, P2S_PREFERENCES(object)->values[prop]);
}

static void p2s_preferences_set_property(GObject *object, guint prop, const GValue *value,
                                         GParamSpec *pspec)
{
        P2sPreferences *self = P2S_PREFERENCES(object);

        if (self->values[prop] == g_value_get_boolean(value))
                return;
        self->values[prop] = g_value_get_boolean(value);
        p2s_memory_set(table[prop].key, self->values[prop]);
        g_object_notify_by_pspec(object, pspec);
}

static void p2s_preferences_class_init(P2sPreferencesClass *klass)
{
        GObjectClass *object_class = G_OBJECT_CLASS(klass);

        object_class->get_property = p2s_preferences_get_property;
        object_class->set_property = p2s_preferences_set_property;
        for (guint i = 1; i < N_PROPS; i++)
                props[i] = g_param_spec_boolean(table[i].name, NULL, NULL, table[i].fallback,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                        G_PARAM_STATIC_STRINGS);
        g_object_class_install_properties(object_class, N_PROPS, props);
}

static void p2s_preferences_init(P2sPreferences *self)
{
        for (guint i = 1; i < N_PROPS; i++)
                self->values[i] = p2s_memory_get(table[i].key, table[i].fallback);
}

P2sPreferences *p2s_preferences_new(void)
{
        return g_object_new(P2S_TYPE_PREFERENCES, NULL);
}
