/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer: any bytes as p2sd.conf and as the settings file. */
#include "config.h"
#include "settings-store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_error(const char *file, unsigned line, const char *message, void *userdata)
{
        /* whatever is wrong with a line, it is fit to be logged */
        if (!text_is_valid(message, 255) || line == 0)
                abort();
}

/* What was taken in is valid, and the store gives it back as it was. */
static void check(const struct config *c)
{
        _cleanup_(settings_donep) struct settings s = {0}, back = {0};
        _cleanup_free_ char *text = NULL;
        const char *reason = NULL;
        size_t size = 0;

        s.has_mode = s.has_links = s.has_ports = s.has_dscps = true;
        s.mode = c->mode;
        s.dscps = c->dscps;
        if (link_settings_copy(&c->links, &s.links) < 0 || port_set_copy(&c->ports, &s.ports) < 0)
                return;
        if (settings_format(&s, &text, &size) < 0)
                return;
        if (settings_parse("f", text, size, on_error, NULL, &back, &reason) < 0)
                abort();
        if (back.mode != s.mode || !port_set_equal(&s.ports, &back.ports) ||
            !link_settings_equal(&s.links, &back.links) || !dscp_map_equal(&s.dscps, &back.dscps))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(config_donep) struct config c;
        _cleanup_(settings_donep) struct settings s = {0};
        const char *reason = NULL;

        config_default(&c);
        if (config_parse(&c, "f", (const char *)data, size, on_error, NULL) < 0)
                return 0;
        check(&c);
        (void)settings_parse("f", (const char *)data, size, on_error, NULL, &s, &reason);
        return 0;
}
