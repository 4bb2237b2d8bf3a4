/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>

#include "p2sctl.h"

#define PKTTYAGENT "/usr/bin/pkttyagent"

/* How long the agent may take to register before the call goes ahead, ms. */
#define REGISTER_TIMEOUT_MSEC 5000

struct Agent {
        pid_t pid;
};

/* Whether a login session's own agent (a desktop's window) could be asked first.
 * Outside of every session polkit passes over an agent of last resort. */
static bool has_session(void)
{
        _cleanup_free_ char *session = NULL;

        return sd_pid_get_session(0, &session) >= 0;
}

/* In the child: becomes pkttyagent, which closes notify_fd once it is registered. */
static void __attribute__((noreturn)) become_agent(int notify_fd, pid_t parent, bool last_resort)
{
        char number[16];
        sigset_t none;

        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
                _exit(EXIT_FAILURE);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)snprintf(number, sizeof(number), "%d", notify_fd);
        (void)execl(PKTTYAGENT, PKTTYAGENT, "--notify-fd", number,
                    last_resort ? "--fallback" : (char *)NULL, (char *)NULL);
        _exit(EXIT_FAILURE);
}

void agent_open(Agent **agent)
{
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        struct pollfd registered;
        pid_t self = getpid();
        bool last_resort;
        Agent *a;
        int fds[2];

        /* root is not asked, and nobody can answer without a terminal. */
        if (*agent || geteuid() == 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) ||
            access(PKTTYAGENT, X_OK) < 0)
                return;

        last_resort = has_session();
        a = calloc(1, sizeof(*a));
        if (!a)
                return;
        if (pipe(fds) < 0) {
                free(a);
                return;
        }
        read_fd = fds[0];
        write_fd = fds[1];
        a->pid = fork();
        if (a->pid < 0) {
                free(a);
                return;
        }
        if (a->pid == 0) {
                closep(&read_fd);
                become_agent(write_fd, self, last_resort);
        }

        closep(&write_fd);
        registered = (struct pollfd){.fd = read_fd, .events = POLLHUP};
        (void)poll(&registered, 1, REGISTER_TIMEOUT_MSEC);
        *agent = a;
}

void agent_close(Agent *a)
{
        if (!a)
                return;
        (void)kill(a->pid, SIGTERM);
        /* It may have been stopped for reading the terminal from the background. */
        (void)kill(a->pid, SIGCONT);
        (void)waitpid(a->pid, NULL, 0);
        free(a);
}
