/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl mode: what the user chose, and what is in force. */
#include "p2sctl-json.h"
#include "p2sctl-text.h"
#include "p2sctl.h"

int mode_describe(const Value *properties, char **ret)
{
        const char *mode = value_get_string(properties, "Mode", "unknown");
        const char *effective = value_get_string(properties, "EffectiveMode", mode);
        const Value *holds = value_get(properties, "Holds");
        const Value *hold = value_find(holds, "Mode", effective);
        const char *application = value_get_string(hold, "Application", "");
        const char *reason = value_get_string(hold, "Reason", "");
        size_t others = value_count(holds) > 1 ? value_count(holds) - 1 : 0;
        char *text;
        int r;

        if (!hold)
                r = asprintf(&text, "%s", effective);
        else if (others > 0)
                r = asprintf(&text, "%s, held by %s and %zu more; without them %s", effective,
                             *application ? application : "a program", others, mode);
        else
                r = asprintf(&text, "%s, held by %s%s%s%s; without it %s", effective,
                             *application ? application : "a program", *reason ? " (" : "", reason,
                             *reason ? ")" : "", mode);
        if (r < 0)
                return -ENOMEM;
        *ret = text;
        return 0;
}

int verb_mode(Ctl *c, int argc, char **argv)
{
        static const char *const keys[] = {"Mode", "EffectiveMode", "Holds", NULL};
        _cleanup_(value_freep) Value *properties = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        if (argc > 1) {
                r = ctl_subject(c, "mode %s", argv[1]);
                if (r < 0)
                        return r;
                return ctl_call(c, true, "SetMode", NULL, "s", argv[1]);
        }

        r = ctl_properties(c, &properties);
        if (r < 0)
                return r;
        if (c->json) {
                value_keep(properties, keys);
                json_print(stdout, properties, true);
                return 0;
        }
        r = mode_describe(properties, &text);
        if (r < 0)
                return r;
        return text_print(stdout, c->utf8, "%s", text);
}
