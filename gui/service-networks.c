/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networks whose rates are remembered. */
#include "service-private.h"
#include "wire.h"

static gboolean is_same(GListModel *model, GPtrArray *networks)
{
        if (g_list_model_get_n_items(model) != networks->len)
                return FALSE;
        for (guint i = 0; i < networks->len; i++) {
                g_autoptr(P2sNetwork) network = g_list_model_get_item(model, i);

                if (!p2s_network_equal(network, g_ptr_array_index(networks, i)))
                        return FALSE;
        }
        return TRUE;
}

void p2s_service_networks_sync(P2sService *self, GVariant *networks)
{
        g_autoptr(GPtrArray) array = p2s_wire_networks(networks);
        GListModel *model = G_LIST_MODEL(self->networks);

        if (!is_same(model, array))
                g_list_store_splice(self->networks, 0, g_list_model_get_n_items(model),
                                    array->pdata, array->len);
}

void p2s_service_forget_network_async(P2sService *self, const P2sNetwork *network,
                                      GAsyncReadyCallback callback, gpointer data)
{
        p2s_service_request(self, "ForgetNetwork",
                            g_variant_new("(ss)", network->interface ? network->interface : "",
                                          network->id ? network->id : ""),
                            callback, data);
}
