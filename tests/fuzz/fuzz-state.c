/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer: any bytes as the settings file, with the right checksum and with their own,
 * and as the record of what stood on a link.  What was taken in is given back as it was. */
#include "settings-text.c" /* for its checksum */

#include "qdisc-record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_error(const char *file, unsigned line, const char *message, void *userdata)
{
        if (!text_is_valid(message, 255) || line == 0)
                abort();
}

static void settings(const char *text, size_t size)
{
        _cleanup_(settings_donep) struct settings s = {0}, back = {0};
        _cleanup_free_ char *out = NULL, *again = NULL;
        const char *reason = NULL;
        size_t n = 0, m = 0;

        if (settings_parse("f", text, size, on_error, NULL, &s, &reason) < 0) {
                if (!reason)
                        abort();
                return;
        }
        if (settings_format(&s, &out, &n) < 0)
                return;
        if (settings_parse("f", out, n, on_error, NULL, &back, &reason) < 0 ||
            settings_format(&back, &again, &m) < 0 || n != m || memcmp(out, again, n) != 0)
                abort();
}

static void record(const char *text, size_t size)
{
        _cleanup_free_ char *out = NULL, *again = NULL;
        struct qdisc_record r = {0}, back = {0};

        if (qdisc_record_parse(text, size, &r) < 0)
                return;
        if (qdisc_record_format(&r, &out) >= 0) {
                if (qdisc_record_parse(out, strlen(out), &back) < 0 ||
                    qdisc_record_format(&back, &again) < 0 || !streq(out, again))
                        abort();
                qdisc_record_done(&back);
        }
        qdisc_record_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *whole = NULL;
        int n;

        settings((const char *)data, size);
        record((const char *)data, size);
        n = asprintf(&whole, "%.*s" END_HEADER "%016" PRIx64 "\n", (int)size, (const char *)data,
                     (uint64_t)0);
        if (n < 0) {
                whole = NULL;
                return 0;
        }
        (void)snprintf(whole + n - 17, 18, "%016" PRIx64 "\n",
                       checksum(whole, (size_t)n - END_SIZE));
        settings(whole, (size_t)n);
        return 0;
}
