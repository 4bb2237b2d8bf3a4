/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-watch.h"
#include "text.h"

static void series_free(struct watch_series *s)
{
        if (!s)
                return;
        free(s->link);
        free(s->mode);
        free(s);
}
DEFINE_CLEANUP(struct watch_series *, series_free);

/* The series of this link; a new one goes to the end. */
static int find(struct watch_model *model, const char *link, struct watch_series **ret)
{
        _cleanup_(series_freep) struct watch_series *s = NULL;
        struct watch_series **series;

        for (size_t i = 0; i < model->n; i++)
                if (streq(model->series[i]->link, link)) {
                        *ret = model->series[i];
                        return 0;
                }

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->link = strdup(link);
        if (!s->link)
                return -ENOMEM;
        series = reallocarray(model->series, model->n + 1, sizeof(struct watch_series *));
        if (!series)
                return -ENOMEM;
        model->series = series;
        model->series[model->n++] = s;
        *ret = TAKE_PTR(s);
        return 0;
}

int watch_model_add(struct watch_model *model, const struct ctl_sample *sample)
{
        struct watch_series *s;
        int r;

        r = find(model, sample->link, &s);
        if (r < 0)
                return r;
        if (!streq_ptr(s->mode, sample->mode)) {
                r = text_set(&s->mode, "%s", sample->mode);
                if (r < 0)
                        return r;
        }
        s->time_usec = sample->time_usec;
        s->calls = sample->calls;
        memcpy(s->figures[s->next], sample->figures, sizeof(sample->figures));
        s->next = (s->next + 1) % WATCH_HISTORY;
        s->n = MIN(s->n + 1, (size_t)WATCH_HISTORY);
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++)
                for (size_t k = 0; k < SAMPLE_CLASSES; k++)
                        s->lost[d][k] += sample->figures[d][k].lost;
        return 0;
}

void watch_model_clear(struct watch_model *model)
{
        for (size_t i = 0; i < model->n; i++)
                series_free(model->series[i]);
        free(model->series);
        model->series = NULL;
        model->n = 0;
        value_free(model->properties);
        model->properties = NULL;
}

const struct sample_figures *watch_series_at(const struct watch_series *s, size_t ago,
                                             enum sample_direction direction, size_t class)
{
        if (ago >= s->n)
                return NULL;
        return &s->figures[(s->next + WATCH_HISTORY - 1 - ago) % WATCH_HISTORY][direction][class];
}
