/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl reset, reload: words to the service itself. */
#include "p2sctl.h"

int verb_reset(Ctl *c, int argc, char **argv)
{
        int r = ctl_subject(c, "reset");

        return r < 0 ? r : ctl_call(c, true, "ResetStats", NULL, NULL);
}

int verb_reload(Ctl *c, int argc, char **argv)
{
        int r = ctl_subject(c, "reload");

        return r < 0 ? r : ctl_call(c, true, "Reload", NULL, NULL);
}
