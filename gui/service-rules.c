/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules: Ports and Dscps, and the requests to change them and the links. */
#include "error.h"
#include "service-private.h"

/* The user may have to find a password first. */
#define REQUEST_MS (5 * 60 * 1000)

/* Puts these in place of those in the store; what is the same keeps its object, and
 * so its row. */
static void merge(GListStore *store, GPtrArray *rules)
{
        guint n = g_list_model_get_n_items(G_LIST_MODEL(store));
        guint same = 0, same_end = 0;

        while (same < n && same < rules->len) {
                g_autoptr(P2sRule) rule = g_list_model_get_item(G_LIST_MODEL(store), same);

                if (!p2s_rule_equal(rule, g_ptr_array_index(rules, same)))
                        break;
                same++;
        }
        while (same + same_end < n && same + same_end < rules->len) {
                g_autoptr(P2sRule) rule =
                        g_list_model_get_item(G_LIST_MODEL(store), n - 1 - same_end);

                if (!p2s_rule_equal(rule, g_ptr_array_index(rules, rules->len - 1 - same_end)))
                        break;
                same_end++;
        }
        if (same + same_end < n || same + same_end < rules->len)
                g_list_store_splice(store, same, n - same - same_end, rules->pdata + same,
                                    rules->len - same - same_end);
}

void p2s_service_rules_sync(P2sService *self, GVariant *ports, GVariant *dscps)
{
        g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_object_unref);

        for (gsize i = 0; ports && i < g_variant_n_children(ports); i++) {
                const char *class, *label;
                guint16 first, last;

                g_variant_get_child(ports, i, "(qq&s&s)", &first, &last, &class, &label);
                g_ptr_array_add(rules, p2s_rule_new(first, last, class, label));
        }
        for (gsize i = 0; dscps && i < g_variant_n_children(dscps); i++) {
                const char *class;
                guint8 value;

                g_variant_get_child(dscps, i, "(y&s)", &value, &class);
                g_ptr_array_add(values, p2s_rule_new(value, value, class, ""));
        }
        merge(self->rules, rules);
        merge(self->dscps, values);
}

static void on_done(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GTask) task = G_TASK(data);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);

        if (error)
                g_task_return_error(task, p2s_error_from_bus(g_steal_pointer(&error)));
        else
                g_task_return_boolean(task, TRUE);
}

void p2s_service_request(P2sService *self, const char *method, GVariant *parameters,
                         GAsyncReadyCallback callback, gpointer data)
{
        g_autoptr(GTask) task = g_task_new(self, self->cancellable, callback, data);
        g_autoptr(GVariant) owned = g_variant_ref_sink(parameters);

        g_return_if_fail(self->proxy);
        g_dbus_proxy_call(self->proxy, method, owned,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START |
                                  G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION,
                          REQUEST_MS, self->cancellable, on_done, g_steal_pointer(&task));
}

void p2s_service_set_rules_async(P2sService *self, GPtrArray *rules, GAsyncReadyCallback callback,
                                 gpointer data)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE("a(qqss)"));
        for (guint i = 0; i < rules->len; i++) {
                const P2sRule *rule = g_ptr_array_index(rules, i);

                g_variant_builder_add(&builder, "(qqss)", rule->first, rule->last, rule->class,
                                      rule->label);
        }
        p2s_service_request(self, "SetPorts", g_variant_new("(a(qqss))", &builder), callback, data);
}

void p2s_service_set_dscps_async(P2sService *self, GPtrArray *dscps, GAsyncReadyCallback callback,
                                 gpointer data)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ys)"));
        for (guint i = 0; i < dscps->len; i++) {
                const P2sRule *rule = g_ptr_array_index(dscps, i);

                g_variant_builder_add(&builder, "(ys)", rule->first, rule->class);
        }
        p2s_service_request(self, "SetDscps", g_variant_new("(a(ys))", &builder), callback, data);
}

void p2s_service_set_link_async(P2sService *self, const char *name, guint64 uplink_bps,
                                guint64 downlink_bps, GVariant *options,
                                GAsyncReadyCallback callback, gpointer data)
{
        p2s_service_request(self, "SetLink",
                            g_variant_new("(stt@a{sv})", name, uplink_bps, downlink_bps, options),
                            callback, data);
}

void p2s_service_unset_link_async(P2sService *self, const char *name, GAsyncReadyCallback callback,
                                  gpointer data)
{
        p2s_service_request(self, "UnsetLink", g_variant_new("(s)", name), callback, data);
}

gboolean p2s_service_request_finish(P2sService *self, GAsyncResult *result, GError **error)
{
        return g_task_propagate_boolean(G_TASK(result), error);
}
