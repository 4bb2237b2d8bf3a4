/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sctl watch: live figures, drawn in place on a terminal, a line or a JSON object
 * a sample elsewhere. */
#include "p2sctl-watch.h"

#include <signal.h>

#include "p2sctl-json.h"
#include "p2sctl-stream.h"

struct watch {
        Ctl *ctl;
        sd_event *event;
        Screen *screen; /* NULL: plain lines */
        struct watch_model model;
};

static int redraw(struct watch *w)
{
        _cleanup_free_ char *lines = NULL;
        int r;

        if (!w->screen)
                return 0;
        r = watch_view_draw(w->ctl, &w->model, &lines);
        if (r < 0)
                return r;
        screen_show(w->screen, lines);
        return 0;
}

static int on_properties(Value *properties, void *userdata)
{
        struct watch *w = userdata;

        value_free(w->model.properties);
        w->model.properties = properties;
        return redraw(w);
}

static int on_begun(bool again, void *userdata)
{
        struct watch *w = userdata;

        w->model.present = true;
        if (!w->screen && again)
                (void)fputs("p2sctl: p2sd is back\n", stderr);
        else if (!w->screen && !w->ctl->json) {
                watch_view_plain_header(stdout);
                (void)fflush(stdout);
        }
        return 0;
}

static int on_sample(const struct ctl_sample *s, Value *row, void *userdata)
{
        struct watch *w = userdata;
        int r;

        if (w->screen) {
                r = watch_model_add(&w->model, s);
                return r < 0 ? r : redraw(w);
        }
        if (w->ctl->json) {
                r = sample_name(row);
                if (r < 0)
                        return r;
                json_print(stdout, row, false);
        } else
                watch_view_plain(stdout, w->ctl->utf8, s);
        /* Whoever reads a pipe wants it now. */
        return fflush(stdout) == 0 ? 0 : -errno;
}

static int on_gone(void *userdata)
{
        struct watch *w = userdata;

        watch_model_clear(&w->model);
        w->model.present = false;
        if (!w->screen)
                (void)fputs("p2sctl: p2sd has gone away; waiting for it to return\n", stderr);
        return redraw(w);
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        struct watch *w = userdata;

        screen_leave(w->screen);
        (void)raise(SIGSTOP);
        screen_enter(w->screen);
        return redraw(w);
}

static int on_resize(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        struct watch *w = userdata;

        ctl_measure_terminal(w->ctl);
        return redraw(w);
}

static int on_key(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct watch *w = userdata;
        char key;

        if (read(fd, &key, 1) != 1)
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return key == 'q' ? sd_event_exit(w->event, 0) : 0;
}

/* What a screen needs besides: to be given back for a while, resized, left. */
static int add_screen(struct watch *w)
{
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTSTP);
        (void)sigaddset(&mask, SIGWINCH);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        r = sd_event_add_signal(w->event, NULL, SIGTSTP, on_stop, w);
        if (r >= 0)
                r = sd_event_add_signal(w->event, NULL, SIGWINCH, on_resize, w);
        if (r >= 0 && isatty(STDIN_FILENO))
                r = sd_event_add_io(w->event, NULL, STDIN_FILENO, EPOLLIN, on_key, w);
        return r;
}

int verb_watch(Ctl *c, int argc, char **argv)
{
        static const struct stream_handler handler = {on_begun, on_sample, on_gone, on_properties};
        struct watch w = {.ctl = c, .model.present = true};
        _cleanup_free_ char *last = NULL;
        uint64_t interval_usec;
        int r;

        r = stream_interval(c, &interval_usec);
        if (r < 0)
                return r;
        r = ctl_subject(c, "watch");
        if (r < 0)
                return r;
        /* Before the screen is taken: an error of it is to be seen. */
        r = ctl_connect(c);
        if (r < 0)
                return r;
        r = sd_event_new(&w.event);
        if (r < 0)
                return r;

        if (c->terminal && !c->json)
                r = screen_open(&w.screen);
        if (r >= 0 && w.screen)
                r = add_screen(&w);
        if (r >= 0)
                r = stream_run(c, w.event, interval_usec, &handler, &w);

        /* What was last seen stays to be read. */
        if (w.screen && w.model.n > 0)
                (void)watch_view_draw(c, &w.model, &last);
        screen_close(TAKE_PTR(w.screen));
        if (last)
                (void)fputs(last, stdout);
        watch_model_clear(&w.model);
        sd_event_unref(w.event);
        return r;
}
