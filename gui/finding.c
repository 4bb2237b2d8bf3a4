/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "degraded.h"
#include "finding.h"
#include "link.h"

G_DEFINE_FINAL_TYPE(P2sFinding, p2s_finding, G_TYPE_OBJECT)

static void p2s_finding_finalize(GObject *object)
{
        g_free(P2S_FINDING(object)->title);
        g_free(P2S_FINDING(object)->remedy);
        G_OBJECT_CLASS(p2s_finding_parent_class)->finalize(object);
}

static void p2s_finding_class_init(P2sFindingClass *klass)
{
        G_OBJECT_CLASS(klass)->finalize = p2s_finding_finalize;
}

static void p2s_finding_init(P2sFinding *self)
{
}

/* What can be said of a code alone.  In a title %s stands for the link. */
static const struct {
        const char *code, *title, *remedy;
} table[] = {
        {"mode-off", N_("P2S Is Off"), N_("Turn on Prioritise Calls.")},
        {"no-link", N_("No Network Is Chosen"), N_("Choose one under Networks.")},
        {"link-absent", N_("%s Is Not There"),
         N_("P2S takes care of calls again as soon as it is.")},
        {"link-down", N_("%s Is Not Connected"),
         N_("P2S takes care of calls again as soon as it is.")},
        {"link-busy", N_("Another Program Arranges the Traffic of %s"),
         N_("Stop that program, and P2S takes over; or take the network over below.")},
        {"link-failed", N_("%s Cannot Be Looked After"),
         /* Translators: keep the command as it is */
         N_("The service’s log tells why: journalctl -u p2sd")},
        {"qdisc-replaced", N_("Another Program Replaced the Queue of %s"),
         N_("Stop that program, then turn Prioritise Calls off and on.")},
        {"foreign-qdisc", N_("Another Program Set Up the Queue of %s"),
         N_("P2S puts its own in place while it prioritises, and that one back afterwards.")},
        {"foreign-ifb", N_("Another Program Shapes What %s Receives"),
         N_("Let only one of the two do it.")},
        {"networkd-qdisc", N_("The System Will Replace the Queue of %s"),
         N_("systemd-networkd has a queue for it in its configuration; remove it there.")},
        {"offload-bypasses", N_("Packets Pass by P2S on %s"),
         /* Translators: keep ethtool -K as it is */
         N_("The network card forwards them by itself; an administrator can turn that off with "
            "ethtool -K.")},
        {"offload-merges", N_("Packets of %s Arrive Merged"),
         N_("Calls wait a little longer than need be where the line is slow.")},
        {"wifi-power-save", N_("%s Saves Power"),
         N_("Wi-Fi that sleeps between packets makes calls uneven. Turn power saving off while "
            "you call.")},
        {"rate-unknown", N_("It Is Not Known How Fast %s Is"),
         N_("Say so below, and calls go first even while the line is full.")},
        {"rate-above-speed", N_("%s Is Slower Than Was Said"),
         N_("The rate below is above what the interface can do. Write a lower one.")},
        {"one-queue", N_("%s Is Very Fast for One Queue"),
         N_("Calls go first. If everything else is slower than the line, leave the rate empty.")},
        {"jitter-at-source", N_("A Call Is Uneven Before It Reaches P2S"),
         N_("This computer or its program is busy. Close what uses much processor time.")},
        {"rate-too-high", N_("The Line Was Full While %s Was Not"),
         /* xgettext:no-c-format */
         N_("The rate below is above what the line carries. Write one 5 % lower.")},
        {"bottleneck-elsewhere", N_("A Call Is Uneven Beyond This Computer"),
         N_("Something between here and the other side delays it, which P2S cannot change.")},
};

/* "(tc qdisc, by wondershaper)", of what the finding names; NULL: nothing. */
static char *details(GVariant *dict)
{
        static const char *const keys[] = {"Reason", "Qdisc", "Ifb", "Feature", "Owner"};
        g_autoptr(GString) out = g_string_new(NULL);

        for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
                const char *value = "";

                g_variant_lookup(dict, keys[i], "&s", &value);
                if (*value)
                        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", value);
        }
        return out->len > 0 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static P2sSeverity severity(GVariant *dict)
{
        const char *word = "";

        g_variant_lookup(dict, "Severity", "&s", &word);
        if (g_str_equal(word, "error"))
                return P2S_SEVERITY_ERROR;
        return g_str_equal(word, "note") ? P2S_SEVERITY_NOTE : P2S_SEVERITY_WARNING;
}

/* title with its one %s, if it has it, replaced.  Never a format: it is translated. */
static char *fill(const char *title, const char *link)
{
        g_auto(GStrv) parts = g_strsplit(title, "%s", 2);

        return g_strjoinv(link, parts);
}

P2sFinding *p2s_finding_new(GVariant *dict)
{
        P2sFinding *self = g_object_new(P2S_TYPE_FINDING, NULL);
        const char *code = "", *interface = NULL, *name = "", *feature = "";
        const char *title = NULL, *remedy = NULL;
        g_autofree char *link = NULL, *more = details(dict);

        g_variant_lookup(dict, "Code", "&s", &code);
        g_variant_lookup(dict, "Link", "&s", &name);
        g_variant_lookup(dict, "Interface", "&s", &interface);
        g_variant_lookup(dict, "Feature", "&s", &feature);
        link = p2s_link_title(interface ? interface : name);
        self->severity = severity(dict);

        if (g_str_equal(code, "kernel-lacks")) {
                g_autofree char *word = g_strdup_printf("no %s", feature);

                (void)p2s_degraded_words(word, &title, &remedy);
                self->title = g_strdup(title);
                self->remedy = g_strdup(remedy);
                return self;
        }
        for (guint i = 0; i < G_N_ELEMENTS(table); i++)
                if (g_str_equal(code, table[i].code)) {
                        title = _(table[i].title);
                        remedy = _(table[i].remedy);
                }
        /* One of a later release shows as it is. */
        self->title = title ? fill(title, link) : g_strdup(code);
        if (more && remedy)
                /* Translators: the first is a sentence, the second what it is about, like
                 * the name of a program */
                self->remedy = g_strdup_printf(C_("finding", "%s (%s)"), remedy, more);
        else
                self->remedy = g_strdup(remedy ? remedy : more ? more : "");
        return self;
}
