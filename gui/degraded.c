/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "degraded.h"

static const struct {
        const char *word;
        const char *consequence;
        const char *remedy;
} table[] = {
        {"no bpf", N_("Calls Cannot Be Recognised"),
         N_("This kernel does not let P2S load its programs. Start a kernel that was built with "
            "CONFIG_BPF_SYSCALL.")},
        {"no clsact", N_("Calls Cannot Be Recognised"),
         /* Translators: keep the command as it is */
         N_("The kernel module sch_ingress is missing. An administrator can load it: "
            "modprobe sch_ingress")},
        {"no htb", N_("Calls Can Only Be Marked"),
         /* Translators: keep the command as it is */
         N_("The kernel module sch_htb is missing. An administrator can load it: "
            "modprobe sch_htb")},
        {"no ifb", N_("Incoming Calls Are Not Put First"),
         /* Translators: keep the command as it is */
         N_("The kernel module ifb is missing. An administrator can load it: modprobe ifb")},
        {"no fq_codel", N_("Other Traffic May Feel Slow"),
         /* Translators: keep the command as it is */
         N_("Calls go first, but everything else waits in a plain queue, as the kernel module "
            "sch_fq_codel is missing. An administrator can load it: modprobe sch_fq_codel")},
};

gboolean p2s_degraded_words(const char *word, const char **consequence, const char **remedy)
{
        for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
                if (!g_str_equal(word, table[i].word))
                        continue;
                *consequence = _(table[i].consequence);
                *remedy = _(table[i].remedy);
                return TRUE;
        }
        *consequence = _("Not Everything Is Possible Here");
        /* Translators: keep the command as it is */
        *remedy = _("The service’s log tells more: journalctl -u p2sd");
        return FALSE;
}
