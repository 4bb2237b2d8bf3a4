/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live view: what is known of each link (model), the picture of it (view). */
#pragma once

#include "p2sctl-sample.h"
#include "p2sctl.h"

/* Samples kept for a sparkline; no terminal row shows more. */
#define WATCH_HISTORY 256

/* One link's samples. */
struct watch_series {
        char *link;
        char *mode;
        uint64_t time_usec;
        uint64_t calls;
        size_t n, next; /* in figures, a ring */
        struct sample_figures figures[WATCH_HISTORY][_SAMPLE_DIRECTION_MAX][SAMPLE_CLASSES];
        uint64_t lost[_SAMPLE_DIRECTION_MAX][SAMPLE_CLASSES]; /* since the first sample */
};

struct watch_model {
        bool present;      /* the service is there */
        Value *properties; /* as last read, or NULL */
        struct watch_series **series;
        size_t n;
};

/* Takes a sample in.  -ENOMEM. */
int watch_model_add(struct watch_model *model, const struct ctl_sample *sample);
/* Forgets every sample: those of the next service are not of the same time. */
void watch_model_clear(struct watch_model *model);

/* The figures of so many samples ago, 0 = the newest; NULL beyond what is known. */
const struct sample_figures *watch_series_at(const struct watch_series *s, size_t ago,
                                             enum sample_direction direction, size_t class);

/* Draws the model as lines of text at most c->columns wide, without any movement
 * of the cursor.  *ret: to be freed.  -ENOMEM. */
int watch_view_draw(const Ctl *c, const struct watch_model *model, char **ret);

/* One sample as a plain line, for what is no terminal. */
void watch_view_plain(FILE *f, bool utf8, const struct ctl_sample *sample);
void watch_view_plain_header(FILE *f);

/* The terminal, taken for a full-screen view and given back. */
typedef struct Screen Screen;
int screen_open(Screen **ret);
void screen_close(Screen *s);
DEFINE_CLEANUP(Screen *, screen_close);
/* Gives the terminal back for a while (Ctrl-Z), and takes it again. */
void screen_leave(Screen *s);
void screen_enter(Screen *s);
/* Shows these lines in place of the ones before, as many as fit. */
void screen_show(const Screen *s, const char *lines);
