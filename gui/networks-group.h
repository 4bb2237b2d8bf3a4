/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The networks whose rates are remembered, each with a button that forgets them; hidden
 * while there is none. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_NETWORKS_GROUP (p2s_networks_group_get_type())
G_DECLARE_FINAL_TYPE(P2sNetworksGroup, p2s_networks_group, P2S, NETWORKS_GROUP, AdwPreferencesGroup)

GtkWidget *p2s_networks_group_new(P2sService *service);
