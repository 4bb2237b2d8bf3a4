/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csv.h"

static const char *const directions[P2S_N_DIRECTIONS] = {"outgoing", "incoming"};
static const char *const classes[P2S_N_CLASSES] = {"voice", "video", "general"};

/* A field that a spreadsheet takes as text: an interface's name can hold anything
 * but '/' and white space (RFC 4180 section 2.6 and 2.7). */
static void append_text(GString *out, const char *text)
{
        g_string_append_c(out, '"');
        for (const char *p = text; *p; p++) {
                if (*p == '"')
                        g_string_append_c(out, '"');
                g_string_append_c(out, *p);
        }
        g_string_append_c(out, '"');
}

static void append_header(GString *out)
{
        g_string_append(out, "link,time_usec,interval_usec,mode,calls");
        for (guint d = 0; d < P2S_N_DIRECTIONS; d++)
                for (guint c = 0; c < P2S_N_CLASSES; c++) {
                        g_autofree char *prefix =
                                g_strdup_printf("%s_%s", directions[d], classes[c]);

                        g_string_append_printf(
                                out,
                                ",%s_bitrate_bps,%s_packets,%s_drops,%s_lost,%s_jitter_usec,"
                                "%s_backlog_bytes",
                                prefix, prefix, prefix, prefix, prefix, prefix);
                }
        g_string_append(out, "\r\n");
}

static void append_sample(GString *out, const P2sSample *sample)
{
        append_text(out, sample->link);
        g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",",
                               sample->time_usec, sample->interval_usec);
        append_text(out, sample->mode);
        g_string_append_printf(out, ",%u", sample->calls);
        for (guint d = 0; d < P2S_N_DIRECTIONS; d++)
                for (guint c = 0; c < P2S_N_CLASSES; c++) {
                        const P2sFigures *f = &sample->figures[d][c];
                        const guint64 values[] = {f->bitrate_bps, f->packets,     f->drops,
                                                  f->lost,        f->jitter_usec, f->backlog_bytes};

                        for (guint i = 0; i < G_N_ELEMENTS(values); i++)
                                g_string_append_printf(out, ",%" G_GUINT64_FORMAT, values[i]);
                }
        g_string_append(out, "\r\n");
}

char *p2s_csv_from_series(P2sSeries *series, guint64 since_usec, guint64 until_usec)
{
        g_autoptr(GString) out = g_string_new(NULL);
        guint end = p2s_series_find(series, until_usec + 1);

        append_header(out);
        for (guint i = p2s_series_find(series, since_usec + 1); i < end; i++)
                append_sample(out, p2s_series_peek(series, i));
        return g_string_free(g_steal_pointer(&out), FALSE);
}
