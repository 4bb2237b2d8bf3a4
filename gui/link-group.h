/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One link: how it is, how fast it is, what it adds to packets. */
#pragma once

#include <adwaita.h>

#include "service.h"

#define P2S_TYPE_LINK_GROUP (p2s_link_group_get_type())
G_DECLARE_FINAL_TYPE(P2sLinkGroup, p2s_link_group, P2S, LINK_GROUP, AdwPreferencesGroup)

GtkWidget *p2s_link_group_new(P2sService *service, P2sLink *link);

P2sLink *p2s_link_group_get_link(P2sLinkGroup *self);
