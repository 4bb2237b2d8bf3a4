/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "calllog.h"

int call_log_init(struct call_log *log, size_t max)
{
        *log = (struct call_log){.max = max};
        log->records = calloc(max, sizeof(*log->records));
        return log->records ? 0 : -ENOMEM;
}

void call_log_done(struct call_log *log)
{
        free(log->records);
        *log = (struct call_log){};
}

void call_log_add(struct call_log *log, const struct call_record *record, int64_t interval_ns)
{
        /* A.8 takes the RTP timestamps, which advance evenly, not the send times */
        int64_t transit = record->recv_ns - (int64_t)record->seq * interval_ns;
        int64_t delay = record->recv_ns - record->sent_ns;

        if (log->n >= log->max)
                return;
        if (log->n) {
                double d = (double)llabs(transit - log->transit_ns);

                log->jitter_ns += (d - log->jitter_ns) / 16;
        }
        log->transit_ns = transit;
        log->records[log->n++] = *record;
        if (record->seq > log->highest)
                log->highest = record->seq;
        log->live_n++;
        log->live_bytes += record->bytes;
        log->live_delay_sum_ns += delay;
        if (delay > log->live_delay_max_ns)
                log->live_delay_max_ns = delay;
}

void call_log_print_live(struct call_log *log, FILE *f, int64_t elapsed_ns, int64_t since_ns)
{
        size_t n = log->live_n;
        int64_t lost = (int64_t)(log->highest - log->live_highest) - (int64_t)n;

        /* late packets of the second before can make it negative */
        fprintf(f,
                "t=%.0f packets=%zu lost=%" PRId64
                " jitter_ms=%.3f delay_ms=%.3f delay_max_ms=%.3f kbit=%.1f\n",
                (double)elapsed_ns / 1e9, n, lost > 0 ? lost : 0, log->jitter_ns / 1e6,
                n ? (double)log->live_delay_sum_ns / (double)n / 1e6 : 0,
                (double)log->live_delay_max_ns / 1e6,
                (double)log->live_bytes * 8e6 / (double)since_ns);
        fflush(f);
        log->live_n = log->live_bytes = 0;
        log->live_delay_sum_ns = log->live_delay_max_ns = 0;
        log->live_highest = log->highest;
}

int call_log_write_csv(const struct call_log *log, const char *path, uint32_t sent)
{
        FILE *f = fopen(path, "we");
        int r = 0;

        if (!f)
                return -errno;
        fputs("seq,sent_ns,recv_ns\n", f);
        for (size_t i = 0; i < log->n; i++)
                fprintf(f, "%" PRIu32 ",%" PRId64 ",%" PRId64 "\n", log->records[i].seq,
                        log->records[i].sent_ns, log->records[i].recv_ns);
        fprintf(f, "# sent %" PRIu32 "\n", sent);
        if (ferror(f))
                r = -EIO;
        if (fclose(f) < 0 && r == 0)
                r = -errno;
        return r;
}
