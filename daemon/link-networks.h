/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that p2sd remembers: which rates hold on which network, so that those of
 * home do not follow to the office.
 *
 * A network is known by an id, which link-identity.c makes of NetworkManager's
 * connection or of the gateway's address; the same id on another interface is another
 * line, for Wi-Fi may be narrower than the cable. */
#pragma once

#include "link-settings.h"

#define NETWORK_ID_MAX    95 /* bytes: printable ASCII without space or brackets */
#define NETWORK_LABEL_MAX 64 /* bytes of UTF-8 without control characters */

/* That many are remembered; the one not seen for longest goes. */
#define LINK_NETWORKS_MAX 64

/* Which network: "" = not known. */
struct network_name {
        char id[NETWORK_ID_MAX + 1];
        char label[NETWORK_LABEL_MAX + 1]; /* for a person; may be "" */
};

/* What a network's line has; the other options are the link's own. */
struct link_network {
        char interface[16];
        struct network_name name;
        uint64_t uplink_bps; /* 0 = not known */
        uint64_t downlink_bps;
        struct link_options options; /* LINK_LAYER and LINK_OVERHEAD alone */
};

/* All zero is an empty list; the one last seen is the first. */
typedef struct LinkNetworks {
        struct link_network of[LINK_NETWORKS_MAX];
        size_t n;
} LinkNetworks;

bool network_id_is_valid(const char *id);

/* NULL: that network is not known. */
const struct link_network *link_networks_find(const LinkNetworks *l, const char *interface,
                                              const char *id);

/* Puts it first, replacing what was known of that network. */
void link_networks_remember(LinkNetworks *l, const struct link_network *network);
/* The same at the end, for reading a file in order; -E2BIG, -EINVAL, -ERANGE. */
int link_networks_append(LinkNetworks *l, const struct link_network *network);

/* It was seen: true where that changes the order. */
bool link_networks_touch(LinkNetworks *l, const char *interface, const char *id);

/* True where there was one. */
bool link_networks_forget(LinkNetworks *l, const char *interface, const char *id);

/* Takes the line's part out of a setting, and puts it into one. */
void link_network_from_setting(struct link_network *n, const struct link_setting *setting);
void link_network_to_setting(const struct link_network *n, struct link_setting *setting);
