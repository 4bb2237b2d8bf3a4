/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command-line client of org.p2s.Manager: p2sctl(1). */
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <sys/ioctl.h>

#include "link-options.h"
#include "names.h"
#include "p2sctl.h"

#define BIT(option) (1u << (option))

/* Those of a link: one option here for each of enum link_option. */
#define LINK_OPTION_BITS ((BIT(_LINK_OPTION_MAX) - 1) << OPT_TRUST_INCOMING_DSCP)
_Static_assert(OPT_REMOVE == OPT_TRUST_INCOMING_DSCP + (int)_LINK_OPTION_MAX,
               "an option of a link");

#define NOT_TEXT "'%s' is not UTF-8, or has a control character in it"

/* What getopt_long() returns for a word that is no option. */
#define WORD 1

/* In the order of enum ctl_option. */
static const struct option options[] = {
        {"json", no_argument, NULL, OPT_JSON + 256},
        {"no-ask-password", no_argument, NULL, OPT_NO_ASK_PASSWORD + 256},
        {"help", no_argument, NULL, OPT_HELP + 256},
        {"version", no_argument, NULL, OPT_VERSION + 256},
        {"mode", required_argument, NULL, OPT_MODE + 256},
        {"uplink", required_argument, NULL, OPT_UPLINK + 256},
        {"downlink", required_argument, NULL, OPT_DOWNLINK + 256},
        {"trust-incoming-dscp", required_argument, NULL, OPT_TRUST_INCOMING_DSCP + 256},
        {"when", required_argument, NULL, OPT_WHEN + 256},
        {"linklayer", required_argument, NULL, OPT_LINKLAYER + 256},
        {"overhead", required_argument, NULL, OPT_OVERHEAD + 256},
        {"force", required_argument, NULL, OPT_FORCE + 256},
        {"xdp", required_argument, NULL, OPT_XDP + 256},
        {"remove", no_argument, NULL, OPT_REMOVE + 256},
        {"networks", no_argument, NULL, OPT_NETWORKS + 256},
        {"forget", required_argument, NULL, OPT_FORGET + 256},
        {"last", required_argument, NULL, OPT_LAST + 256},
        {"interval", required_argument, NULL, OPT_INTERVAL + 256},
        {"csv", no_argument, NULL, OPT_CSV + 256},
        {"link", required_argument, NULL, OPT_LINK + 256},
        {"output", required_argument, NULL, OPT_OUTPUT + 256},
        {"openmetrics", no_argument, NULL, OPT_OPENMETRICS + 256},
        {},
};

static const struct verb {
        const char *name;
        int min, max;     /* words after it */
        unsigned options; /* beyond the global ones */
        bool command;     /* its first word begins somebody else's command line */
        int (*run)(Ctl *c, int argc, char **argv);
} verbs[] = {
        {"status", 0, 0, 0, false, verb_status},
        {"mode", 0, 1, 0, false, verb_mode},
        {"link", 0, 1,
         BIT(OPT_UPLINK) | BIT(OPT_DOWNLINK) | LINK_OPTION_BITS | BIT(OPT_REMOVE) |
                 BIT(OPT_NETWORKS) | BIT(OPT_FORGET),
         false, verb_link},
        {"ports", 0, 4, 0, false, verb_ports},
        {"dscp", 0, INT_MAX, 0, false, verb_dscp},
        {"calls", 0, 0, 0, false, verb_calls},
        {"stats", 0, 0, 0, false, verb_stats},
        {"history", 0, 1, BIT(OPT_LAST), false, verb_history},
        {"watch", 0, 0, BIT(OPT_INTERVAL), false, verb_watch},
        {"log", 0, 0, BIT(OPT_CSV) | BIT(OPT_INTERVAL) | BIT(OPT_LINK), false, verb_log},
        {"metrics", 0, 0, BIT(OPT_OPENMETRICS) | BIT(OPT_OUTPUT), false, verb_metrics},
        {"doctor", 0, 0, 0, false, verb_doctor},
        {"run", 1, INT_MAX, BIT(OPT_MODE), true, verb_run},
        {"reset", 0, 0, 0, false, verb_reset},
        {"reload", 0, 0, 0, false, verb_reload},
};

static const char help[] =
        "p2sctl [OPTION...] [VERB ...]\n"
        "\n"
        "Keep calls clear while the line is full: ask and steer p2sd.\n"
        "\n"
        "Verbs:\n"
        "  status                         Show mode, links and rules (without a verb too)\n"
        "  mode [off|monitor|mark|shape]  Show or set the mode\n"
        "  link [NAME]                    Show the links, or one of them\n"
        "  link NAME [--uplink RATE] [--downlink RATE] [--when call|always]\n"
        "            [--linklayer LAYER] [--overhead BYTES]\n"
        "            [--trust-incoming-dscp yes|no] [--xdp auto|off|native]\n"
        "            [--force yes|no]\n"
        "                                 Manage a link, or change what is known of it\n"
        "  link NAME --remove             Let go of a link\n"
        "  link --networks                Show the networks whose rates are remembered\n"
        "  link INTERFACE --forget NETWORK\n"
        "                                 Forget those of one\n"
        "  ports [list]                   Show the port rules\n"
        "  ports add FIRST[-LAST] CLASS [LABEL]\n"
        "                                 Put ports in a class: voice, video, general\n"
        "  ports remove FIRST[-LAST]      Take ports out of every rule\n"
        "  dscp [list]                    Show the DSCP values that are trusted\n"
        "  dscp set VALUE=CLASS...|none   Replace them\n"
        "  calls                          Show the calls that run now\n"
        "  stats                          Show totals by class and direction\n"
        "  history [LINK] [--last SPAN]   Show the last 10 minutes\n"
        "  watch [--interval SPAN]        Show live figures until Ctrl-C\n"
        "  log [--csv|--json] [--interval SPAN] [--link INTERFACE]\n"
        "                                 Print every sample as it comes until Ctrl-C\n"
        "  metrics [--openmetrics] [--output FILE]\n"
        "                                 Print figures for Prometheus (into FILE)\n"
        "  doctor                         Say what stands in the way of clear calls\n"
        "  run [--mode MODE] [--] COMMAND [ARGUMENT...]\n"
        "                                 Hold a mode (shape) while a program runs\n"
        "  reset                          Let totals begin at 0 again\n"
        "  reload                         Let p2sd read its configuration again\n"
        "\n"
        "Options:\n"
        "  --json                         Print JSON, with the keys of org.p2s.Manager(5)\n"
        "  --no-ask-password              Never ask for a password\n"
        "  -h, --help                     Show this help\n"
        "  --version                      Show the version\n"
        "\n"
        "LAYER: none, ethernet, docsis, vdsl, pppoe-vdsl, atm.\n"
        "RATE is like 9.5M, 500k or unknown (bit/s); SPAN like 500ms, 10s or 5min.\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 service not available,\n"
        "4 not authorised.  See p2sctl(1).\n";

static const struct verb *find_verb(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (streq(verbs[i].name, name))
                        return &verbs[i];
        return NULL;
}

/* Finds the verb, the words that begin with it and the options around them.
 * words has room for all of argv; *count: how many. */
static int parse(Ctl *c, int argc, char **argv, const struct verb **verb, char **words, int *count)
{
        int n = 0, k;

        opterr = 0;
        /* "-": words come in order, so that those after run's COMMAND are left alone.
         * ":": a missing argument is told from an unknown option. */
        while ((k = getopt_long(argc, argv, "-:h", options, NULL)) >= 0) {
                if (k == 'h')
                        k = OPT_HELP + 256;
                if (k == ':')
                        return ctl_refuse(c, CTL_USAGE, "%s needs an argument; see 'p2sctl --help'",
                                          argv[optind - 1]);
                if (k == '?')
                        return ctl_refuse(c, CTL_USAGE, "%s is not understood; see 'p2sctl --help'",
                                          argv[optind - 1]);
                if (k != WORD) {
                        c->option[k - 256] = optarg ? optarg : "";
                        continue;
                }
                words[n++] = optarg;
                if (n == 1) {
                        *verb = find_verb(optarg);
                        if (!*verb)
                                return ctl_refuse(c, CTL_USAGE,
                                                  "'%s' is no verb; see 'p2sctl --help'", optarg);
                } else if ((*verb)->command)
                        break;
        }
        while (optind < argc) {
                if (n == 0) {
                        *verb = find_verb(argv[optind]);
                        if (!*verb)
                                return ctl_refuse(c, CTL_USAGE,
                                                  "'%s' is no verb; see 'p2sctl --help'",
                                                  argv[optind]);
                }
                words[n++] = argv[optind++];
        }
        *count = n;
        return 0;
}

/* Whether these words and options go with the verb. */
static int check(Ctl *c, const struct verb *verb, int count, char **words)
{
        for (int i = 0; i < _OPT_MAX; i++) {
                if (c->option[i] && i > OPT_VERSION && !(verb->options & BIT(i)))
                        return ctl_refuse(c, CTL_USAGE,
                                          "--%s does not go with '%s'; see 'p2sctl --help'",
                                          options[i].name, verb->name);
                if (c->option[i] && !text_is_valid(c->option[i], SIZE_MAX))
                        return ctl_refuse(c, CTL_USAGE, NOT_TEXT, c->option[i]);
        }
        if (count - 1 < verb->min || count - 1 > verb->max)
                return ctl_refuse(c, CTL_USAGE, "too %s words after '%s'; see 'p2sctl --help'",
                                  count - 1 < verb->min ? "few" : "many", verb->name);
        /* D-Bus carries UTF-8 alone. */
        for (int i = 1; i < count && !verb->command; i++)
                if (!text_is_valid(words[i], SIZE_MAX))
                        return ctl_refuse(c, CTL_USAGE, NOT_TEXT, words[i]);
        return 0;
}

void ctl_measure_terminal(Ctl *c)
{
        const char *columns = getenv("COLUMNS");
        struct winsize size;
        unsigned long n;
        char *end;

        c->columns = UINT_MAX;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
                c->columns = size.ws_col;
        /* As elsewhere, the environment outranks the terminal. */
        if (columns) {
                n = strtoul(columns, &end, 10);
                if (end != columns && *end == '\0' && n > 0 && n < 10000)
                        c->columns = (unsigned)n;
        }
}

/* What the output is, and what it can show. */
static void look_at_output(Ctl *c)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

        (void)setlocale(LC_CTYPE, "");
        c->utf8 = streq(nl_langinfo(CODESET), "UTF-8");
        c->terminal = isatty(STDOUT_FILENO) && term && !streq(term, "dumb");
        c->color = c->terminal && (!no_color || *no_color == '\0');
        ctl_measure_terminal(c);
}

static int run(Ctl *c, int argc, char **argv)
{
        const struct verb *verb = find_verb("status");
        _cleanup_free_ char **words = calloc((size_t)argc + 2, sizeof(*words));
        int count = 0, r;

        if (!words)
                return -ENOMEM;
        r = parse(c, argc, argv, &verb, words, &count);
        if (r < 0)
                return r;
        if (c->option[OPT_HELP]) {
                (void)fputs(help, stdout);
                return 0;
        }
        if (c->option[OPT_VERSION]) {
                (void)printf("p2sctl %s\n", P2S_VERSION);
                return 0;
        }
        c->json = c->option[OPT_JSON];
        c->ask = !c->option[OPT_NO_ASK_PASSWORD];

        if (count == 0)
                words[count++] = argv[0];
        r = check(c, verb, count, words);
        if (r < 0)
                return r;
        return verb->run(c, count, words);
}

int main(int argc, char **argv)
{
        Ctl c = {};
        int status, r;

        look_at_output(&c);
        r = run(&c, argc, argv);
        /* A positive r is the status of run's program. */
        status = r < 0 ? (int)ctl_explain(&c, r) : r;
        if ((fflush(stdout) != 0 || ferror(stdout)) && status == CTL_OK) {
                (void)fprintf(stderr, "p2sctl: the output cannot be written: %s\n",
                              strerror(errno));
                status = CTL_FAILED;
        }

        agent_close(c.agent);
        sd_bus_error_free(&c.error);
        sd_bus_flush_close_unref(c.bus);
        free(c.subject);
        free(c.refusal);
        return status;
}
