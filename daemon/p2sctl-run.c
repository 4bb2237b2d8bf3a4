/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl run: holds a mode while a program runs. */
#include <signal.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include "names.h"
#include "p2sctl-text.h"
#include "p2sctl.h"

/* As env(1) and the shell say it. */
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND      127
#define STATUS_SIGNAL         128

/* The longest application name that HoldMode takes, bytes. */
#define APPLICATION_MAX 64

#define REASON "p2sctl run"

struct run {
        Ctl *ctl;
        const char *mode;
        char application[APPLICATION_MAX + 1];
        pid_t pid;
};

/* The program's own name: arguments may hold what others must not read, and Holds
 * is free to read.  What HoldMode would refuse is told as "program". */
static void name_application(struct run *run, const char *path)
{
        const char *slash = strrchr(path, '/');
        const char *name = slash && slash[1] != '\0' ? slash + 1 : path;

        if (!text_is_valid(name, APPLICATION_MAX))
                name = "program";
        (void)snprintf(run->application, sizeof(run->application), "%s", name);
}

static int on_held_again(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const struct run *run = userdata;

        if (sd_bus_message_is_method_error(m, NULL))
                (void)text_print(stderr, run->ctl->utf8,
                                 "p2sctl: p2sd is back, but mode %s is not held: %s", run->mode,
                                 sd_bus_message_get_error(m)->message);
        else
                (void)text_print(stderr, run->ctl->utf8,
                                 "p2sctl: p2sd is back; mode %s is held again", run->mode);
        return 0;
}

/* A hold ends with the service that granted it: it is taken again, without asking
 * anybody, from the one that follows. */
static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct run *run = userdata;
        const char *name, *old_owner, *new_owner;

        if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) < 0)
                return 0;
        if (*new_owner == '\0') {
                (void)fputs("p2sctl: p2sd has gone away; the program goes on without it\n", stderr);
                return 0;
        }
        if (*old_owner != '\0')
                return 0;
        return sd_bus_call_method_async(run->ctl->bus, NULL, P2S_NAME, P2S_PATH, P2S_INTERFACE,
                                        "HoldMode", on_held_again, run, "sss", run->mode,
                                        run->application, REASON);
}

static int on_child(sd_event_source *source, const siginfo_t *si, void *userdata)
{
        int status = si->si_code == CLD_EXITED ? si->si_status : STATUS_SIGNAL + si->si_status;

        return sd_event_exit(sd_event_source_get_event(source), status);
}

/* Somebody wants p2sctl to end: that is the program's to decide.  Ctrl-C reaches
 * it without our doing, as it is in the same foreground group. */
static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        const struct run *run = userdata;

        if (si->ssi_signo == SIGTERM || si->ssi_signo == SIGHUP || si->ssi_code == SI_USER)
                (void)kill(run->pid, (int)si->ssi_signo);
        return 0;
}

static void __attribute__((noreturn)) become(char **argv, bool utf8)
{
        sigset_t none;
        int error;

        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)execvp(argv[0], argv);
        error = errno;
        (void)text_print(stderr, utf8, "p2sctl: %s cannot be run: %s", argv[0], strerror(error));
        _exit(error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/* Starts the program and serves the bus until it ends. */
static int run_program(struct run *run, char **argv)
{
        static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGCHLD);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&mask, signals[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        r = sd_event_new(&event);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(run->ctl->bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                r = sd_event_add_signal(event, NULL, signals[i], on_signal, run);
                if (r < 0)
                        return r;
        }

        (void)fflush(stdout);
        run->pid = fork();
        if (run->pid < 0)
                return -errno;
        if (run->pid == 0)
                become(argv, run->ctl->utf8);
        r = sd_event_add_child(event, NULL, run->pid, WEXITED, on_child, run);
        if (r < 0)
                return r;

        r = sd_event_loop(event);
        (void)sd_bus_detach_event(run->ctl->bus);
        return r;
}

int verb_run(Ctl *c, int argc, char **argv)
{
        struct run run = {
                .ctl = c,
                .mode = c->option[OPT_MODE] ? c->option[OPT_MODE] : "shape",
        };
        int r;

        name_application(&run, argv[1]);
        r = ctl_subject(c, "run --mode %s", run.mode);
        if (r < 0)
                return r;
        r = ctl_call(c, true, "HoldMode", NULL, "sss", run.mode, run.application, REASON);
        if (r < 0)
                return r;
        /* After the call, which may have started the service: that is no return. */
        r = sd_bus_add_match(c->bus, NULL,
                             "type='signal',sender='org.freedesktop.DBus',"
                             "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                             "arg0='" P2S_NAME "'",
                             on_owner_changed, &run);
        if (r < 0)
                return r;
        /* The terminal is the program's from here on. */
        agent_close(TAKE_PTR(c->agent));
        return run_program(&run, argv + 1);
}
