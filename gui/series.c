/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "series.h"

struct _P2sSeries {
        GObject parent_instance;
        P2sSample **ring;
        guint capacity;
        guint first; /* index into ring of position 0 */
        guint length;
        guint64 span_usec;
        gboolean broken;
};

static GType p2s_series_get_item_type(GListModel *model)
{
        return P2S_TYPE_SAMPLE;
}

static guint p2s_series_get_n_items(GListModel *model)
{
        return P2S_SERIES(model)->length;
}

static P2sSample **slot(P2sSeries *self, guint position)
{
        return &self->ring[(self->first + position) % self->capacity];
}

static gpointer p2s_series_get_item(GListModel *model, guint position)
{
        P2sSeries *self = P2S_SERIES(model);

        return position < self->length ? g_object_ref(*slot(self, position)) : NULL;
}

static void list_model_init(GListModelInterface *iface)
{
        iface->get_item_type = p2s_series_get_item_type;
        iface->get_n_items = p2s_series_get_n_items;
        iface->get_item = p2s_series_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(P2sSeries, p2s_series, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static void drop_oldest(P2sSeries *self)
{
        g_clear_object(slot(self, 0));
        self->first = (self->first + 1) % self->capacity;
        self->length--;
}

static void p2s_series_finalize(GObject *object)
{
        P2sSeries *self = P2S_SERIES(object);

        while (self->length > 0)
                drop_oldest(self);
        g_free(self->ring);
        G_OBJECT_CLASS(p2s_series_parent_class)->finalize(object);
}

static void p2s_series_class_init(P2sSeriesClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_series_finalize;
}

static void p2s_series_init(P2sSeries *self)
{
}

P2sSeries *p2s_series_new(guint capacity, guint64 span_usec)
{
        P2sSeries *self = g_object_new(P2S_TYPE_SERIES, NULL);

        self->capacity = MAX(capacity, 1);
        self->ring = g_new0(P2sSample *, self->capacity);
        self->span_usec = span_usec;
        return self;
}

guint p2s_series_get_length(P2sSeries *self)
{
        return self->length;
}

const P2sSample *p2s_series_peek(P2sSeries *self, guint position)
{
        g_assert(position < self->length);
        return *slot(self, position);
}

const P2sSample *p2s_series_newest(P2sSeries *self)
{
        return self->length > 0 ? *slot(self, self->length - 1) : NULL;
}

guint p2s_series_find(P2sSeries *self, guint64 time_usec)
{
        guint low = 0, high = self->length;

        while (low < high) {
                guint middle = low + (high - low) / 2;

                if (p2s_series_peek(self, middle)->time_usec < time_usec)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void p2s_series_append(P2sSeries *self, P2sSample *sample)
{
        g_autoptr(GPtrArray) one = g_ptr_array_new();

        g_ptr_array_add(one, sample);
        p2s_series_extend(self, one);
}

/* Those of samples that are news: in order of time, within the span of the last. */
static GPtrArray *pick_news(P2sSeries *self, GPtrArray *samples)
{
        const P2sSample *newest = p2s_series_newest(self);
        g_autoptr(GPtrArray) news = g_ptr_array_new();

        for (guint i = 0; i < samples->len; i++) {
                const P2sSample *sample = g_ptr_array_index(samples, i);

                if (newest && sample->time_usec <= newest->time_usec)
                        continue;
                g_ptr_array_add(news, g_ptr_array_index(samples, i));
                newest = sample;
        }

        while (news->len > 0) {
                const P2sSample *oldest = g_ptr_array_index(news, 0);
                const P2sSample *last = g_ptr_array_index(news, news->len - 1);

                if (news->len <= self->capacity &&
                    last->time_usec - oldest->time_usec <= self->span_usec)
                        break;
                g_ptr_array_remove_index(news, 0);
        }
        return g_steal_pointer(&news);
}

void p2s_series_extend(P2sSeries *self, GPtrArray *samples)
{
        g_autoptr(GPtrArray) news = pick_news(self, samples);
        const P2sSample *last;
        guint removed = 0, before;

        if (news->len == 0)
                return;

        last = g_ptr_array_index(news, news->len - 1);
        if (last->time_usec > self->span_usec)
                removed = p2s_series_find(self, last->time_usec - self->span_usec);
        if (self->length - removed + news->len > self->capacity)
                removed = self->length + news->len - self->capacity;
        for (guint i = 0; i < removed; i++)
                drop_oldest(self);
        if (removed > 0)
                g_list_model_items_changed(G_LIST_MODEL(self), 0, removed, 0);

        before = self->length;
        for (guint i = 0; i < news->len; i++) {
                P2sSample *sample = g_object_ref(g_ptr_array_index(news, i));

                sample->after_gap = self->broken;
                self->broken = FALSE;
                *slot(self, self->length++) = sample;
        }
        g_list_model_items_changed(G_LIST_MODEL(self), before, 0, news->len);
}

void p2s_series_break(P2sSeries *self)
{
        self->broken = self->length > 0;
}

void p2s_series_clear(P2sSeries *self)
{
        guint before = self->length;

        while (self->length > 0)
                drop_oldest(self);
        self->broken = FALSE;
        if (before > 0)
                g_list_model_items_changed(G_LIST_MODEL(self), 0, before, 0);
}
