/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sd: argv, checks, run. */
#include <getopt.h>
#include <malloc.h>

#include "log.h"
#include "service-dirs.h"
#include "service.h"

static struct manager_options arg_options = {.ops = &kernel_linux};
static bool arg_revert;

static void help(void)
{
        puts("Usage: p2sd [OPTION…]\n"
             "Finds the packets of calls and sends them ahead of everything else.\n"
             "\n"
             "  --config FILE      read FILE in place of /etc/p2s/p2sd.conf\n"
             "  --log-level LEVEL  debug, info (default), notice, warning or err\n"
             "  --revert           remove everything of p2sd's from every link, put back what\n"
             "                     was there, and end\n"
             "  --fake             act on a made-up kernel: for trying the panel and clients\n"
             "  --help             this text\n"
             "  --version          the version\n"
             "\n"
             "p2sctl(1) talks to it.  See p2sd(8) and p2sd.conf(5).");
}

/* 1: go on; 0: done; negative: usage. */
static int parse_argv(int argc, char *argv[])
{
        enum { ARG_CONFIG = 0x100, ARG_LOG_LEVEL, ARG_REVERT, ARG_FAKE, ARG_HELP, ARG_VERSION };
        static const struct option options[] = {
                {"config", required_argument, NULL, ARG_CONFIG},
                {"log-level", required_argument, NULL, ARG_LOG_LEVEL},
                {"revert", no_argument, NULL, ARG_REVERT},
                {"fake", no_argument, NULL, ARG_FAKE},
                {"help", no_argument, NULL, ARG_HELP},
                {"version", no_argument, NULL, ARG_VERSION},
                {NULL, 0, NULL, 0},
        };
        int c, level;

        while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
                switch (c) {
                case ARG_CONFIG:
                        arg_options.config_file = optarg;
                        break;
                case ARG_LOG_LEVEL:
                        level = log_level_from_string(optarg);
                        if (level < 0) {
                                (void)fprintf(stderr, "p2sd: “%s” is not a log level\n", optarg);
                                return -EINVAL;
                        }
                        log_set_level(level);
                        break;
                case ARG_REVERT:
                        arg_revert = true;
                        break;
                case ARG_FAKE:
                        arg_options.ops = &kernel_fake;
                        break;
                case 'h':
                case ARG_HELP:
                        help();
                        return 0;
                case ARG_VERSION:
                        puts("p2sd " P2S_VERSION);
                        return 0;
                default:
                        return -EINVAL;
                }
        }
        if (optind < argc) {
                (void)fprintf(stderr, "p2sd: it takes no argument “%s”; see p2sd --help\n",
                              argv[optind]);
                return -EINVAL;
        }
        return 1;
}

static int revert(void)
{
        _cleanup_free_ char *reason = NULL;
        Kernel *kernel = NULL;
        unsigned n = 0;
        int r;

        r = arg_options.ops->open(service_runtime_dir(), &kernel);
        if (r >= 0) {
                r = arg_options.ops->revert(kernel, &n, &reason);
                arg_options.ops->close(kernel);
        }
        if (r < 0)
                log_error("--revert: %s", reason ?: strerror(-r));
        else if (n > 0)
                log_notice("--revert: put back what stood on %u link%s", n, n == 1 ? "" : "s");
        else
                log_info("--revert: nothing of p2sd's was on any link");
        return r;
}

int main(int argc, char *argv[])
{
        _cleanup_(manager_freep) Manager *m = NULL;
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? 2 : EXIT_SUCCESS;
        if (arg_revert)
                return revert() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        /* Tables and replies of megabytes go back at once: glibc would raise this bound with
         * the first one that is freed, and keep those that follow.  Bytes: its default. */
        (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
        r = manager_new(&arg_options, &m);
        if (r >= 0)
                r = service_run(m);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
