/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl metrics: what is free to read, for Prometheus. */
#include <fcntl.h>
#include <sys/stat.h>

#include "p2sctl-exposition.h"
#include "p2sctl-sample.h"
#include "p2sctl.h"

/* Jitter and loss are those of this long: what a scrape a minute would miss of
 * samples a second. */
#define WINDOW_USEC (60 * USEC_PER_SEC)
/* A link whose last sample is older has no calls to tell of. */
#define FRESH_USEC (5 * USEC_PER_SEC)

#define BITS_PER_BYTE 8.0

static void print_service(struct exposition *e, const Value *properties)
{
        static const char *const modes[] = {"off", "monitor", "mark", "shape"};
        const char *mode = value_get_string(properties, "EffectiveMode", "");
        const char *const version[] = {"version", value_get_string(properties, "Version", ""),
                                       NULL};

        exposition_family(e, "p2s_build_info", METRIC_GAUGE, NULL, "The version of p2sd.");
        exposition_sample(e, "p2s_build_info", METRIC_GAUGE, version, 1);
        exposition_family(e, "p2s_mode", METRIC_GAUGE, NULL,
                          "The mode in force: 1 for it, 0 for the others.");
        for (size_t i = 0; i < ELEMENTSOF(modes); i++)
                exposition_sample(e, "p2s_mode", METRIC_GAUGE,
                                  (const char *const[]){"mode", modes[i], NULL},
                                  streq(mode, modes[i]));
        exposition_family(e, "p2s_holds", METRIC_GAUGE, NULL, "Programs' holds on a mode.");
        exposition_sample(e, "p2s_holds", METRIC_GAUGE, NULL,
                          (double)value_count(value_get(properties, "Holds")));
}

static const char *interface_of(const Value *link)
{
        return value_get_string(link, "Interface", "");
}

static void print_link_states(struct exposition *e, const Value *links)
{
        static const char *const states[] = {"active", "absent", "down", "busy", "failed"};

        exposition_family(e, "p2s_link_state", METRIC_GAUGE, NULL,
                          "The state of a link: 1 for it, 0 for the others.");
        for (size_t i = 0; i < value_count(links); i++)
                for (size_t k = 0; k < ELEMENTSOF(states); k++) {
                        const Value *l = value_at(links, i);

                        exposition_sample(e, "p2s_link_state", METRIC_GAUGE,
                                          (const char *const[]){"link",
                                                                value_get_string(l, "Name", ""),
                                                                "interface", interface_of(l),
                                                                "state", states[k], NULL},
                                          streq(value_get_string(l, "State", ""), states[k]));
                }

        exposition_family(e, "p2s_link_degraded", METRIC_GAUGE, NULL,
                          "1 for each thing that the kernel lacks.");
        for (size_t i = 0; i < value_count(links); i++) {
                const Value *l = value_at(links, i), *degraded = value_get(l, "Degraded");

                for (size_t k = 0; k < value_count(degraded); k++)
                        exposition_sample(e, "p2s_link_degraded", METRIC_GAUGE,
                                          (const char *const[]){
                                                  "link", value_get_string(l, "Name", ""),
                                                  "interface", interface_of(l), "what",
                                                  value_string(value_at(degraded, k), ""), NULL},
                                          1);
        }
}

static void print_link_directions(struct exposition *e, const Value *links)
{
        static const char *const rates[] = {"UplinkBps", "DownlinkBps"};
        static const char *const treatments[] = {"Outgoing", "Incoming"};

        exposition_family(e, "p2s_link_rate_bytes_per_second", METRIC_GAUGE, "bytes_per_second",
                          "The rate a direction of a link is set to, where it is known.");
        for (size_t i = 0; i < value_count(links); i++)
                for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++) {
                        const Value *l = value_at(links, i);
                        uint64_t bps = value_get_uint(l, rates[d], 0);

                        if (bps > 0)
                                exposition_sample(e, "p2s_link_rate_bytes_per_second", METRIC_GAUGE,
                                                  (const char *const[]){
                                                          "link", value_get_string(l, "Name", ""),
                                                          "interface", interface_of(l), "direction",
                                                          sample_direction_names[d], NULL},
                                                  (double)bps / BITS_PER_BYTE);
                }

        exposition_family(e, "p2s_link_shaped", METRIC_GAUGE, NULL,
                          "1 where a direction of a link is shaped now.");
        for (size_t i = 0; i < value_count(links); i++)
                for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++) {
                        const Value *l = value_at(links, i);

                        exposition_sample(
                                e, "p2s_link_shaped", METRIC_GAUGE,
                                (const char *const[]){"link", value_get_string(l, "Name", ""),
                                                      "interface", interface_of(l), "direction",
                                                      sample_direction_names[d], NULL},
                                streq(value_get_string(l, treatments[d], ""), "shaped"));
                }
}

static void print_totals(struct exposition *e, const Value *stats)
{
        static const struct {
                const char *key, *name, *unit, *help;
                enum metric_type type;
        } families[] = {
                {"Packets", "p2s_packets", "packets", "Packets seen.", METRIC_COUNTER},
                {"Bytes", "p2s_bytes", "bytes", "Their bytes, from the IP header on.",
                 METRIC_COUNTER},
                {"Marks", "p2s_marked_packets", "packets", "Packets whose DSCP was rewritten.",
                 METRIC_COUNTER},
                {"Drops", "p2s_dropped_packets", "packets", "Packets p2sd's own queue dropped.",
                 METRIC_COUNTER},
                {"BacklogPackets", "p2s_queue_packets", "packets", "Packets waiting in that queue.",
                 METRIC_GAUGE},
                {"BacklogBytes", "p2s_queue_bytes", "bytes", "Bytes waiting in that queue.",
                 METRIC_GAUGE},
        };
        const Value *classes = value_get(stats, "Classes");

        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                exposition_family(e, families[i].name, families[i].type, families[i].unit,
                                  families[i].help);
                for (size_t k = 0; k < value_count(classes); k++) {
                        const Value *c = value_at(classes, k);

                        exposition_sample(e, families[i].name, families[i].type,
                                          (const char *const[]){
                                                  "direction", value_get_string(c, "Direction", ""),
                                                  "class", value_get_string(c, "Class", ""), NULL},
                                          (double)value_get_uint(c, families[i].key, 0));
                }
        }
}

/* One link's samples of the window, summed up. */
struct window {
        const char *link;
        uint64_t last_usec;
        uint64_t calls; /* in the newest */
        struct {
                uint64_t packets, lost;
                uint64_t jitter_packets; /* of samples that had a jitter */
                double jitter_usec;      /* sum of jitter times packets */
        } of[_SAMPLE_DIRECTION_MAX][SAMPLE_CLASSES];
};

static void add_sample(struct window *w, const struct ctl_sample *s)
{
        w->last_usec = s->time_usec;
        w->calls = s->calls;
        for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++)
                for (size_t k = 0; k < SAMPLE_CLASSES; k++) {
                        const struct sample_figures *f = &s->figures[d][k];

                        w->of[d][k].packets += f->packets;
                        w->of[d][k].lost += f->lost;
                        if (f->jitter_usec == 0)
                                continue;
                        w->of[d][k].jitter_packets += f->packets;
                        w->of[d][k].jitter_usec += (double)f->jitter_usec * (double)f->packets;
                }
}

/* Rows of GetHistory by link; *ret is to be freed. */
static int sum_up(const Value *rows, struct window **ret, size_t *ret_n)
{
        _cleanup_free_ struct window *windows = NULL;
        size_t n = 0;

        for (size_t i = 0; i < value_count(rows); i++) {
                struct ctl_sample s;
                size_t k;

                if (sample_read(value_at(rows, i), &s) < 0)
                        continue;
                for (k = 0; k < n && !streq(windows[k].link, s.link); k++)
                        ;
                if (k == n) {
                        struct window *grown = reallocarray(windows, n + 1, sizeof(*windows));

                        if (!grown)
                                return -ENOMEM;
                        windows = grown;
                        windows[n++] = (struct window){.link = s.link};
                }
                add_sample(&windows[k], &s);
        }
        *ret = TAKE_PTR(windows);
        *ret_n = n;
        return 0;
}

/* A family with a figure a link, direction and class; `figure` says whether there
 * is one. */
static void print_figures(struct exposition *e, const struct window *windows, size_t n,
                          const char *name, const char *unit, const char *help,
                          bool (*figure)(const struct window *, size_t, size_t, double *))
{
        exposition_family(e, name, METRIC_GAUGE, unit, help);
        for (size_t i = 0; i < n; i++)
                for (size_t d = 0; d < _SAMPLE_DIRECTION_MAX; d++)
                        for (size_t k = 0; k < SAMPLE_CLASSES; k++) {
                                double value;

                                if (figure(&windows[i], d, k, &value))
                                        exposition_sample(
                                                e, name, METRIC_GAUGE,
                                                (const char *const[]){
                                                        "interface", windows[i].link, "direction",
                                                        sample_direction_names[d], "class",
                                                        sample_class_names[k], NULL},
                                                value);
                        }
}

static bool jitter_of(const struct window *w, size_t d, size_t k, double *ret)
{
        if (w->of[d][k].jitter_packets == 0)
                return false;
        *ret = w->of[d][k].jitter_usec / (double)w->of[d][k].jitter_packets / (double)USEC_PER_SEC;
        return true;
}

static bool loss_of(const struct window *w, size_t d, size_t k, double *ret)
{
        uint64_t all = w->of[d][k].packets + w->of[d][k].lost;

        /* without a jitter there was no RTP to count */
        if (all == 0 || w->of[d][k].jitter_packets == 0)
                return false;
        *ret = (double)w->of[d][k].lost / (double)all;
        return true;
}

static int print_samples(struct exposition *e, const Value *rows)
{
        _cleanup_free_ struct window *windows = NULL;
        uint64_t now = now_usec();
        size_t n;
        int r;

        r = sum_up(rows, &windows, &n);
        if (r < 0)
                return r;
        exposition_family(e, "p2s_calls", METRIC_GAUGE, NULL, "Calls that run now.");
        for (size_t i = 0; i < n; i++)
                exposition_sample(e, "p2s_calls", METRIC_GAUGE,
                                  (const char *const[]){"interface", windows[i].link, NULL},
                                  windows[i].last_usec + FRESH_USEC > now ? (double)windows[i].calls
                                                                          : 0);
        print_figures(e, windows, n, "p2s_jitter_seconds", "seconds",
                      "Jitter of RTP (RFC 3550 A.8), mean over the last minute.", jitter_of);
        print_figures(e, windows, n, "p2s_loss_ratio", "ratio",
                      "Part of the RTP packets that were lost in the last minute.", loss_of);
        return 0;
}

static int collect(Ctl *c, struct exposition *e)
{
        _cleanup_(value_freep) Value *properties = NULL, *stats = NULL, *history = NULL;
        uint64_t now = now_usec();
        int r;

        r = ctl_properties(c, &properties);
        if (r >= 0)
                r = ctl_call(c, false, "GetStats", &stats, NULL);
        if (r >= 0)
                r = ctl_call(c, false, "GetHistory", &history, "st", "",
                             now - MIN(now, WINDOW_USEC));
        exposition_family(e, "p2s_up", METRIC_GAUGE, NULL, "Whether p2sd answers.");
        exposition_sample(e, "p2s_up", METRIC_GAUGE, NULL, r >= 0);
        if (r < 0)
                return r;

        print_service(e, properties);
        print_link_states(e, value_get(properties, "Links"));
        print_link_directions(e, value_get(properties, "Links"));
        print_totals(e, value_at(stats, 0));
        return print_samples(e, value_at(history, 0));
}

static void unlinkp(char **path)
{
        if (*path)
                (void)unlink(*path);
        free(*path);
}

/* Under a name that no collector looks at, then renamed: who reads FILE sees all of
 * the old or all of the new. */
static int write_file(const char *path, const char *text, size_t size)
{
        _cleanup_(unlinkp) char *temp = NULL;
        _cleanup_fclose_ FILE *f = NULL;
        mode_t mask = umask(0);
        char *name;
        int fd;

        (void)umask(mask);
        if (asprintf(&name, "%s.XXXXXX", path) < 0)
                return -ENOMEM;
        fd = mkostemp(name, O_CLOEXEC);
        if (fd < 0) {
                int r = -errno;

                free(name);
                return r;
        }
        temp = name;
        f = fdopen(fd, "w");
        if (!f) {
                (void)close(fd);
                return -ENOMEM;
        }
        if (fwrite(text, 1, size, f) != size || fchmod(fd, 0666 & ~mask) < 0 ||
            fclose(TAKE_PTR(f)) != 0)
                return -errno;
        if (rename(temp, path) < 0)
                return -errno;
        free(TAKE_PTR(temp));
        return 0;
}

int verb_metrics(Ctl *c, int argc, char **argv)
{
        const char *output = c->option[OPT_OUTPUT];
        struct exposition e = {.format = c->json                      ? EXPOSITION_JSON
                                         : c->option[OPT_OPENMETRICS] ? EXPOSITION_OPENMETRICS
                                                                      : EXPOSITION_PROMETHEUS};
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r, s;

        if (c->json && c->option[OPT_OPENMETRICS])
                return ctl_refuse(c, CTL_USAGE, "--openmetrics and --json: say one of them");
        r = ctl_subject(c, "metrics");
        if (r < 0)
                return r;
        e.f = open_memstream(&text, &size);
        if (!e.f)
                return -ENOMEM;
        /* that it does not answer is worth telling, too */
        r = collect(c, &e);
        s = exposition_end(&e);
        if (fclose(e.f) != 0 || s < 0)
                return -ENOMEM;

        if (!output) {
                (void)fwrite(text, 1, size, stdout);
                return r;
        }
        s = write_file(output, text, size);
        if (s < 0)
                return ctl_refuse(c, CTL_FAILED, "%s: cannot be written: %s", output, strerror(-s));
        return r;
}
