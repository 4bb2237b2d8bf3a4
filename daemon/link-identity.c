/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-identity.h"

/* "02:00:5e:00:00:01" */
static void put_hardware(const struct link_gateway *g, char *to, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < g->n_hardware && n + 3 < size; i++)
                n += (size_t)snprintf(to + n, size - n, "%s%02x", i ? ":" : "", g->hardware[i]);
}

void link_identity(const struct link_gateway *gateway, const struct nm_connection *connection,
                   struct network_name *ret)
{
        const bool named = connection->uuid[0];
        struct network_name n = {};

        if (named && (!connection->wired || !gateway))
                (void)snprintf(n.id, sizeof n.id, "nm:%s", connection->uuid);
        else if (gateway && gateway->n_hardware > 0) {
                int head = named ? snprintf(n.id, sizeof n.id, "nm:%s/", connection->uuid)
                                 : snprintf(n.id, sizeof n.id, "gateway:");

                put_hardware(gateway, n.id + head, sizeof n.id - (size_t)head);
        }
        if (network_id_is_valid(n.id))
                (void)snprintf(n.label, sizeof n.label, "%s",
                               named ? connection->name : gateway->address);
        else
                n.id[0] = '\0';
        *ret = n;
}
