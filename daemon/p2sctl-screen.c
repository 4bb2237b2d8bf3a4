/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/ioctl.h>
#include <termios.h>

#include "p2sctl-watch.h"

#define ENTER_ALTERNATE "\x1b[?1049h"
#define LEAVE_ALTERNATE "\x1b[?1049l"
#define HIDE_CURSOR     "\x1b[?25l"
#define SHOW_CURSOR     "\x1b[?25h"
#define HOME            "\x1b[H"
#define CLEAR_LINE      "\x1b[K"
#define CLEAR_BELOW     "\x1b[J"

struct Screen {
        bool keyboard; /* ours to set up: a terminal, and we are in its foreground */
        struct termios before;
};

void screen_enter(Screen *s)
{
        struct termios quiet;

        s->keyboard =
                tcgetpgrp(STDIN_FILENO) == getpgrp() && tcgetattr(STDIN_FILENO, &s->before) == 0;
        if (s->keyboard) {
                /* Keys are not shown over the picture, and 'q' needs no Return. */
                quiet = s->before;
                quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
        }
        (void)fputs(ENTER_ALTERNATE HIDE_CURSOR HOME CLEAR_BELOW, stdout);
        (void)fflush(stdout);
}

void screen_leave(Screen *s)
{
        (void)fputs(SHOW_CURSOR LEAVE_ALTERNATE, stdout);
        (void)fflush(stdout);
        if (s->keyboard)
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &s->before);
}

int screen_open(Screen **ret)
{
        Screen *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        screen_enter(s);
        *ret = s;
        return 0;
}

void screen_close(Screen *s)
{
        if (!s)
                return;
        screen_leave(s);
        free(s);
}

void screen_show(const Screen *s, const char *lines)
{
        struct winsize size;
        unsigned rows = 24;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
                rows = size.ws_row;
        (void)fputs(HOME, stdout);
        for (unsigned i = 0; i < rows && *lines; i++) {
                size_t length = strcspn(lines, "\n");

                /* No line feed below the last row: it would scroll. */
                (void)fprintf(stdout, "%s%.*s" CLEAR_LINE, i > 0 ? "\r\n" : "", (int)length, lines);
                lines += length + (lines[length] == '\n');
        }
        (void)fputs(CLEAR_BELOW, stdout);
        (void)fflush(stdout);
}
