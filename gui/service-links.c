/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links p2sd manages, and which of them is shown. */
#include "service-private.h"
#include "wire.h"

static P2sLink *find_link(GPtrArray *links, const char *name)
{
        for (guint i = 0; i < links->len; i++) {
                P2sLink *link = g_ptr_array_index(links, i);

                if (g_strcmp0(link->name, name) == 0)
                        return link;
        }
        return NULL;
}

/* Links that stay keep their object, and so their place on the screen. */
static void merge_links(P2sService *self, GPtrArray *links)
{
        GListModel *model = G_LIST_MODEL(self->links);

        for (guint i = g_list_model_get_n_items(model); i-- > 0;) {
                g_autoptr(P2sLink) link = g_list_model_get_item(model, i);
                P2sLink *newer = find_link(links, link->name);

                if (!newer) {
                        g_list_store_remove(self->links, i);
                        continue;
                }
                p2s_link_update(link, newer);
                g_ptr_array_remove(links, newer);
        }
        for (guint i = 0; i < links->len; i++)
                g_list_store_append(self->links, g_ptr_array_index(links, i));
}

/* The link to show: the user's choice, or else the best: active with a call, active,
 * any. */
static P2sLink *choose_link(P2sService *self)
{
        GListModel *model = G_LIST_MODEL(self->links);
        P2sLink *best = NULL;
        guint best_rank = 0;

        for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(model, i);
                guint rank = 1;

                if (p2s_link_is_active(link))
                        rank += link->calls > 0 ? 2 : 1;
                if (g_strcmp0(link->name, self->chosen_link) == 0)
                        rank += 3;
                if (rank > best_rank) {
                        best = link; /* the model keeps it alive */
                        best_rank = rank;
                }
        }
        return best;
}

/* Shows the link that is to be shown.  One that is pulled leaves its past on the
 * screen. */
static void show_link(P2sService *self)
{
        P2sLink *link = choose_link(self);
        gboolean any = link || self->link;

        g_set_object(&self->link, link);
        if (link && link->interface)
                p2s_service_stream_interface(self, link->interface);
        if (any)
                p2s_service_notify(self, P2S_SERVICE_PROP_LINK);
}

void p2s_service_links_sync(P2sService *self, GVariant *links)
{
        g_autoptr(GPtrArray) array = p2s_wire_links(links);

        merge_links(self, array);
        show_link(self);
}

void p2s_service_links_count(P2sService *self, const P2sSample *sample)
{
        GListModel *model = G_LIST_MODEL(self->links);

        for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(model, i);

                if (g_strcmp0(sample->link, link->interface) != 0 || link->calls == sample->calls)
                        continue;
                link->calls = sample->calls;
                /* A call begins elsewhere: that is what one wants to see. */
                if (choose_link(self) != self->link)
                        show_link(self);
        }
}

void p2s_service_links_forget_calls(P2sService *self)
{
        GListModel *model = G_LIST_MODEL(self->links);

        for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(model, i);

                link->calls = 0;
        }
}

void p2s_service_choose_link(P2sService *self, const char *name)
{
        g_free(self->chosen_link);
        self->chosen_link = g_strdup(name);
        show_link(self);
}

guint p2s_service_get_n_calls(P2sService *self)
{
        GListModel *model = G_LIST_MODEL(self->links);
        guint calls = 0;

        for (guint i = 0; i < g_list_model_get_n_items(model); i++) {
                g_autoptr(P2sLink) link = g_list_model_get_item(model, i);

                calls += link->calls;
        }
        return calls;
}

static void on_findings(GObject *source, GAsyncResult *result, gpointer data)
{
        g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_object_unref);
        g_autoptr(GVariant) reply = NULL, rows = NULL;
        g_autoptr(GError) error = NULL;
        P2sService *self;

        reply = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
                return;
        self = P2S_SERVICE(data);
        rows = reply ? g_variant_get_child_value(reply, 0) : NULL;
        for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
                g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

                g_ptr_array_add(findings, p2s_finding_new(row));
        }
        g_list_store_splice(self->findings, 0,
                            g_list_model_get_n_items(G_LIST_MODEL(self->findings)), findings->pdata,
                            findings->len);
}

void p2s_service_diagnose(P2sService *self)
{
        if (self->state == P2S_SERVICE_RUNNING)
                g_dbus_proxy_call(self->proxy, "Diagnose", NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                  -1, self->cancellable, on_findings, self);
}
