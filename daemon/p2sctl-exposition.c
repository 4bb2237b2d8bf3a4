/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-exposition.h"

#include "p2sctl-json.h"

/* The name in the comments: OpenMetrics names the family, Prometheus the samples. */
static const char *suffix(const struct exposition *e, enum metric_type type)
{
        return type == METRIC_COUNTER && e->format == EXPOSITION_PROMETHEUS ? "_total" : "";
}

void exposition_family(const struct exposition *e, const char *name, enum metric_type type,
                       const char *unit, const char *help)
{
        if (e->format == EXPOSITION_JSON)
                return;
        (void)fprintf(e->f, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix(e, type), help, name,
                      suffix(e, type), type == METRIC_COUNTER ? "counter" : "gauge");
        /* a comment to Prometheus */
        if (unit)
                (void)fprintf(e->f, "# UNIT %s%s %s\n", name, suffix(e, type), unit);
}

static void print_value(FILE *f, const char *s)
{
        for (; *s != '\0'; s++) {
                if (*s == '\n')
                        (void)fputs("\\n", f);
                else if (*s == '"' || *s == '\\')
                        (void)fprintf(f, "\\%c", *s);
                else
                        (void)fputc(*s, f);
        }
}

static int add_string(Value *object, const char *key, const char *s)
{
        Value *v;
        int r = value_new(VALUE_STRING, s, &v);

        return r < 0 ? r : value_add(object, key, v);
}

static int print_object(struct exposition *e, const char *name, const char *const labels[],
                        double value)
{
        _cleanup_(value_freep) Value *object = NULL, *pairs = NULL;
        Value *number;
        int r;

        r = value_new(VALUE_DICT, NULL, &object);
        if (r >= 0)
                r = value_new(VALUE_DICT, NULL, &pairs);
        if (r >= 0)
                r = add_string(object, "Name", name);
        for (size_t i = 0; r >= 0 && labels && labels[i]; i += 2)
                r = add_string(pairs, labels[i], labels[i + 1]);
        if (r >= 0)
                r = value_add(object, "Labels", TAKE_PTR(pairs));
        if (r >= 0)
                r = value_new(VALUE_DOUBLE, NULL, &number);
        if (r < 0)
                return r;
        number->d = value;
        r = value_add(object, "Value", number);
        if (r < 0)
                return r;
        (void)fputs(e->begun ? "," : "[", e->f);
        e->begun = true;
        json_print(e->f, object, false);
        return 0;
}

void exposition_sample(struct exposition *e, const char *name, enum metric_type type,
                       const char *const labels[], double value)
{
        char full[64];

        (void)snprintf(full, sizeof(full), "%s%s", name, type == METRIC_COUNTER ? "_total" : "");
        if (e->format == EXPOSITION_JSON) {
                int r = print_object(e, full, labels, value);

                if (r < 0)
                        e->error = r;
                return;
        }
        (void)fputs(full, e->f);
        for (size_t i = 0; labels && labels[i]; i += 2) {
                (void)fprintf(e->f, "%s%s=\"", i == 0 ? "{" : ",", labels[i]);
                print_value(e->f, labels[i + 1]);
                (void)fputc('"', e->f);
        }
        (void)fprintf(e->f, "%s %.15g\n", labels && labels[0] ? "}" : "", value);
}

int exposition_end(struct exposition *e)
{
        if (e->format == EXPOSITION_OPENMETRICS)
                (void)fputs("# EOF\n", e->f);
        if (e->format == EXPOSITION_JSON)
                (void)fputs("]\n", e->f);
        return e->error;
}
