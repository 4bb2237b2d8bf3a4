/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link-networks.h"
#include "units.h"

static const enum link_option of_the_line[] = {LINK_LAYER, LINK_OVERHEAD};

bool network_id_is_valid(const char *id)
{
        size_t n = 0;

        for (; id[n]; n++)
                if (n == NETWORK_ID_MAX || id[n] <= ' ' || id[n] > '~' || id[n] == '[' ||
                    id[n] == ']')
                        return false;
        return n > 0;
}

static size_t find(const LinkNetworks *l, const char *interface, const char *id)
{
        size_t i = 0;

        while (i < l->n && !(streq(l->of[i].interface, interface) && streq(l->of[i].name.id, id)))
                i++;
        return i;
}

const struct link_network *link_networks_find(const LinkNetworks *l, const char *interface,
                                              const char *id)
{
        size_t i = find(l, interface, id);

        return i < l->n ? &l->of[i] : NULL;
}

/* Frees the first place, giving up that of i (or one more at the end). */
static void shift(LinkNetworks *l, size_t i)
{
        if (i >= LINK_NETWORKS_MAX)
                i = LINK_NETWORKS_MAX - 1;
        memmove(l->of + 1, l->of, i * sizeof *l->of);
        l->n = MAX(l->n, i + 1);
}

void link_networks_remember(LinkNetworks *l, const struct link_network *network)
{
        struct link_network copy = *network;

        shift(l, find(l, copy.interface, copy.name.id));
        l->of[0] = copy;
}

int link_networks_append(LinkNetworks *l, const struct link_network *network)
{
        size_t i = find(l, network->interface, network->name.id);

        if (!link_name_is_valid(network->interface) || !network_id_is_valid(network->name.id) ||
            !text_is_valid(network->name.label, NETWORK_LABEL_MAX))
                return -EINVAL;
        if (!units_rate_is_valid(network->uplink_bps) ||
            !units_rate_is_valid(network->downlink_bps))
                return -ERANGE;
        if (i >= LINK_NETWORKS_MAX)
                return -E2BIG;
        l->of[i] = *network;
        l->n = MAX(l->n, i + 1);
        return 0;
}

bool link_networks_touch(LinkNetworks *l, const char *interface, const char *id)
{
        size_t i = find(l, interface, id);

        if (i == 0 || i >= l->n)
                return false;
        link_networks_remember(l, &l->of[i]);
        return true;
}

bool link_networks_forget(LinkNetworks *l, const char *interface, const char *id)
{
        size_t i = find(l, interface, id);

        if (i >= l->n)
                return false;
        memmove(l->of + i, l->of + i + 1, (l->n - i - 1) * sizeof *l->of);
        l->n--;
        return true;
}

static void copy_options(const struct link_options *from, struct link_options *to)
{
        for (size_t i = 0; i < ELEMENTSOF(of_the_line); i++)
                to->of[of_the_line[i]] = from->of[of_the_line[i]];
}

void link_network_from_setting(struct link_network *n, const struct link_setting *setting)
{
        n->uplink_bps = setting->uplink_bps;
        n->downlink_bps = setting->downlink_bps;
        copy_options(&setting->options, &n->options);
}

void link_network_to_setting(const struct link_network *n, struct link_setting *setting)
{
        setting->uplink_bps = n->uplink_bps;
        setting->downlink_bps = n->downlink_bps;
        copy_options(&n->options, &setting->options);
}
