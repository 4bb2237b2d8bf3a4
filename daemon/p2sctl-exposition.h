/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics as text: Prometheus' format 0.0.4, which node_exporter's textfile collector
 * reads, OpenMetrics 1.0, or JSON: an array of objects with Name, Labels and Value. */
#pragma once

#include <stdio.h>

#include "p2sctl-value.h"

enum exposition_format {
        EXPOSITION_PROMETHEUS,
        EXPOSITION_OPENMETRICS,
        EXPOSITION_JSON,
};

struct exposition {
        FILE *f;
        enum exposition_format format;
        bool begun; /* JSON's first object is written */
        int error;  /* -ENOMEM: something is missing */
};

enum metric_type {
        METRIC_GAUGE,
        METRIC_COUNTER, /* its samples' names end in "_total" */
};

/* Begins a family.  name: without "_total"; it ends in the unit where there is one
 * (unit NULL: there is none).  help: one line. */
void exposition_family(const struct exposition *e, const char *name, enum metric_type type,
                       const char *unit, const char *help);

/* A sample of that family; labels: pairs of name and value, NULL at the end. */
void exposition_sample(struct exposition *e, const char *name, enum metric_type type,
                       const char *const labels[], double value);

/* What ends the text.  -ENOMEM where something is missing in it. */
int exposition_end(struct exposition *e);
