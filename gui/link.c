/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

G_DEFINE_FINAL_TYPE(P2sLink, p2s_link, G_TYPE_OBJECT)

static void p2s_link_finalize(GObject *object)
{
        P2sLink *self = P2S_LINK(object);

        g_free(self->name);
        g_free(self->interface);
        g_free(self->state);
        g_free(self->reason);
        g_strfreev(self->degraded);
        G_OBJECT_CLASS(p2s_link_parent_class)->finalize(object);
}

static void p2s_link_class_init(P2sLinkClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_link_finalize;
}

static void p2s_link_init(P2sLink *self)
{
}

P2sLink *p2s_link_new(void)
{
        return g_object_new(P2S_TYPE_LINK, NULL);
}

gboolean p2s_link_is_active(const P2sLink *self)
{
        return g_strcmp0(self->state, "active") == 0;
}
