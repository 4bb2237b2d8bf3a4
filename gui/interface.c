/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "interface.h"

GDBusInterfaceInfo *p2s_interface_get(const char *name)
{
        static GHashTable *nodes;
        GDBusNodeInfo *node;

        if (!nodes)
                nodes = g_hash_table_new(g_str_hash, g_str_equal);
        node = g_hash_table_lookup(nodes, name);
        if (!node) {
                g_autofree char *path = g_strdup_printf("/org/p2s/Panel/%s.xml", name);
                g_autoptr(GBytes) xml =
                        g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

                g_assert(xml);
                node = g_dbus_node_info_new_for_xml(g_bytes_get_data(xml, NULL), NULL);
                g_assert(node);
                g_hash_table_insert(nodes, g_strdup(name), node);
        }
        return g_dbus_node_info_lookup_interface(node, name);
}
