/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl doctor: what stands in the way of clear calls, and what to do about it. */
#include "p2sctl-doctor.h"
#include "p2sctl-finding.h"
#include "p2sctl-json.h"
#include "p2sctl-text.h"

static int add_text(Value *finding, const char *key, const char *s)
{
        Value *text;
        int r = value_new(VALUE_STRING, s, &text);

        return r < 0 ? r : value_add(finding, key, text);
}

static const char *paint_of(const char *severity)
{
        return streq(severity, "error")     ? PAINT_RED
               : streq(severity, "warning") ? PAINT_YELLOW
                                            : PAINT_NONE;
}

static int print_finding(const Ctl *c, const char *severity, const char *link, const char *what,
                         const char *advice)
{
        const char *paint = c->color ? paint_of(severity) : NULL;
        int r;

        if (paint)
                (void)printf("\x1b[%sm", paint);
        (void)fputs(severity, stdout);
        if (paint)
                (void)fputs("\x1b[0m", stdout);
        r = text_print(stdout, c->utf8, ": %s%s%s", link ? link : "", link ? ": " : "", what);
        return r < 0 || *advice == '\0' ? r : text_print(stdout, c->utf8, "  %s", advice);
}

/* 1: it is more than a note. */
static int show(const Ctl *c, Value *finding)
{
        const char *severity = value_get_string(finding, "Severity", "note");
        _cleanup_free_ char *what = NULL, *advice = NULL;
        bool serious = !streq(severity, "note");
        int r;

        r = finding_words(finding, &what, &advice);
        if (r < 0)
                return r;
        if (!c->json)
                r = print_finding(c, severity, value_get_string(finding, "Link", NULL), what,
                                  advice);
        else {
                r = add_text(finding, "Text", what);
                if (r >= 0)
                        r = add_text(finding, "Advice", advice);
        }
        return r < 0 ? r : serious;
}

int verb_doctor(Ctl *c, int argc, char **argv)
{
        _cleanup_(value_freep) Value *reply = NULL;
        bool serious = false;
        Value *findings;
        int r;

        r = ctl_subject(c, "doctor");
        if (r < 0)
                return r;
        r = ctl_call(c, false, "Diagnose", &reply, NULL);
        if (r < 0)
                return r;
        if (value_count(reply) != 1 || reply->items[0]->type != VALUE_ARRAY)
                return -EBADMSG;
        findings = reply->items[0];
        r = doctor_look_here(c, findings);
        for (size_t i = 0; r >= 0 && i < findings->n; i++) {
                r = show(c, findings->items[i]);
                serious = serious || r > 0;
        }
        if (r < 0)
                return r;
        if (c->json)
                json_print(stdout, findings, true);
        else if (findings->n == 0)
                (void)puts("Nothing stands in the way of clear calls.");
        return serious ? CTL_FAILED : CTL_OK;
}
