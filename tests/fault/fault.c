/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a call of p2sd's to the kernel or to the bus fail: for LD_PRELOAD, so that there
 * is nothing of it in p2sd.  Which one, a test says through the file that P2S_FAULT names,
 * mapped by both (struct control).  Kinds:
 *
 * netlink  what is sent, by libnl and by libbpf
 * bpf      bpf() and perf_event_open(), all of which libbpf makes by syscall()
 * file     what is opened, read, written, synced, renamed and removed below the directories
 *          of P2S_FAULT_DIRS (separated by ':'), where the error is one that the call can have
 * bus      the calls of sd-bus that can fail for want of memory or of a connection */
#undef _FILE_OFFSET_BITS /* both names of open() are defined here */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

enum kind { NONE, NETLINK, BPF, FILES, BUS };

/* 8 bytes each, then the name: seam.py has the same. */
struct control {
        _Atomic uint64_t kind; /* armed; back to NONE once it has happened */
        _Atomic uint64_t at;   /* which call of that kind, from 1 */
        _Atomic int64_t error; /* an errno, or below 0 a signal for the process in its place */
        _Atomic uint64_t seen; /* calls of that kind since the test set it to 0 */
        char name[64];         /* of the call that failed */
};

static struct control *control;

__attribute__((constructor)) static void map_control(void)
{
        const char *path = getenv("P2S_FAULT");
        int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
        void *p;

        if (fd < 0)
                return;
        p = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p != MAP_FAILED)
                control = p;
        (void)syscall(SYS_close, fd);
}

/* The error this call is to have, or 0. */
static int fault(enum kind kind, const char *name)
{
        if (!control || control->kind != (uint64_t)kind || ++control->seen != control->at)
                return 0;
        snprintf(control->name, sizeof control->name, "%s", name);
        control->kind = NONE;
        if (control->error < 0) {
                (void)kill(getpid(), (int)-control->error);
                return 0;
        }
        return (int)control->error;
}

static void *next(const char *name)
{
        void *f = dlsym(RTLD_NEXT, name);

        if (!f)
                abort();
        return f;
}

/* -1 with errno set where it is to fail. */
#define FAIL_OR(kind, name, call)                                                                  \
        do {                                                                                       \
                int e_ = fault(kind, name);                                                        \
                if (e_ > 0) {                                                                      \
                        errno = e_;                                                                \
                        return -1;                                                                 \
                }                                                                                  \
                return call;                                                                       \
        } while (false)
#define REAL(name)                                                                                 \
        static typeof(&(name)) real;                                                               \
        if (!real)                                                                                 \
        real = (typeof(real))next(#name)

/* -- bpf -- */

long syscall(long number, ...)
{
        static long (*real)(long, ...);
        char name[32];
        va_list ap;
        long a[6];

        if (!real)
                real = (long (*)(long, ...))next("syscall");
        va_start(ap, number);
        for (size_t i = 0; i < 6; i++)
                a[i] = va_arg(ap, long);
        va_end(ap);
        if (number != SYS_bpf && number != SYS_perf_event_open)
                return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        snprintf(name, sizeof name, number == SYS_bpf ? "bpf command %ld" : "perf_event_open",
                 a[0]);
        FAIL_OR(BPF, name, real(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* -- netlink -- */

static bool is_netlink(int fd)
{
        socklen_t size = sizeof(int);
        int domain;

        return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_NETLINK;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
        REAL(sendmsg);
        if (control && control->kind == NETLINK && is_netlink(fd))
                FAIL_OR(NETLINK, "sendmsg", real(fd, m, flags));
        return real(fd, m, flags);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
        REAL(send);
        if (control && control->kind == NETLINK && is_netlink(fd))
                FAIL_OR(NETLINK, "send", real(fd, data, size, flags));
        return real(fd, data, size, flags);
}

/* -- files -- */

static bool below(const char *path)
{
        const char *dirs = getenv("P2S_FAULT_DIRS");

        while (dirs && *dirs) {
                size_t n = strcspn(dirs, ":");

                if (n > 0 && strncmp(path, dirs, n) == 0 && (path[n] == '/' || path[n] == '\0'))
                        return true;
                dirs += n + (dirs[n] == ':');
        }
        return false;
}

/* Whether the file is one of those; path NULL: that of the descriptor itself. */
static bool is_ours(int fd, const char *path)
{
        char link[32], of[PATH_MAX];
        ssize_t n;

        if (!control || control->kind != FILES)
                return false;
        if (path && (path[0] == '/' || fd == AT_FDCWD))
                return below(path);
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        n = readlink(link, of, sizeof of - 1);
        if (n < 0)
                return false;
        of[n] = '\0';
        return below(of);
}

enum { READS = 1, CHANGES = 2, GROWS = 4 };

/* What such a call can meet: a full file system, a read-only one, a broken one. */
static bool can_have(int what)
{
        switch ((int64_t)control->error) {
        case ENOSPC:
                return what & GROWS;
        case EROFS:
                return what & CHANGES;
        default:
                return true;
        }
}

#define FILE_OR(fd, path, what, name, call)                                                        \
        do {                                                                                       \
                if (is_ours(fd, path) && can_have(what))                                           \
                        FAIL_OR(FILES, name, call);                                                \
                return call;                                                                       \
        } while (false)

static int of_flags(int flags)
{
        return (flags & O_CREAT)                 ? CHANGES | GROWS
               : (flags & O_ACCMODE) == O_RDONLY ? READS
                                                 : CHANGES;
}

#define OPEN(function)                                                                             \
        int function(const char *path, int flags, ...)                                             \
        {                                                                                          \
                va_list ap;                                                                        \
                mode_t mode;                                                                       \
                REAL(function);                                                                    \
                va_start(ap, flags);                                                               \
                mode = va_arg(ap, mode_t);                                                         \
                va_end(ap);                                                                        \
                FILE_OR(AT_FDCWD, path, of_flags(flags), "open", real(path, flags, mode));         \
        }
#define OPENAT(function)                                                                           \
        int function(int fd, const char *path, int flags, ...)                                     \
        {                                                                                          \
                va_list ap;                                                                        \
                mode_t mode;                                                                       \
                REAL(function);                                                                    \
                va_start(ap, flags);                                                               \
                mode = va_arg(ap, mode_t);                                                         \
                va_end(ap);                                                                        \
                FILE_OR(fd, path, of_flags(flags), "openat", real(fd, path, flags, mode));         \
        }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int fd, void *data, size_t size)
{
        REAL(read);
        FILE_OR(fd, NULL, READS, "read", real(fd, data, size));
}

ssize_t write(int fd, const void *data, size_t size)
{
        REAL(write);
        FILE_OR(fd, NULL, GROWS, "write", real(fd, data, size));
}

int fsync(int fd)
{
        REAL(fsync);
        FILE_OR(fd, NULL, GROWS, "fsync", real(fd));
}

int renameat(int from, const char *a, int to, const char *b)
{
        REAL(renameat);
        FILE_OR(to, b, CHANGES | GROWS, "renameat", real(from, a, to, b));
}

int unlink(const char *path)
{
        REAL(unlink);
        FILE_OR(AT_FDCWD, path, CHANGES, "unlink", real(path));
}

int unlinkat(int fd, const char *path, int flags)
{
        REAL(unlinkat);
        FILE_OR(fd, path, CHANGES, "unlinkat", real(fd, path, flags));
}

DIR *opendir(const char *path)
{
        REAL(opendir);
        if (is_ours(AT_FDCWD, path) && can_have(READS)) {
                int e = fault(FILES, "opendir");

                if (e > 0) {
                        errno = e;
                        return NULL;
                }
        }
        return real(path);
}

/* -- bus -- */

/* Not what libsystemd calls itself. */
static bool is_p2sd(const void *caller)
{
        static Dl_info program;
        Dl_info of;

        if (!program.dli_fbase && !dladdr((const void *)getauxval(AT_ENTRY), &program))
                abort();
        return dladdr(caller, &of) && of.dli_fbase == program.dli_fbase;
}

#define BUS_FAULT(name) (is_p2sd(__builtin_return_address(0)) ? fault(BUS, name) : 0)
#define BUS_CALL(function, arguments, ...)                                                         \
        int function arguments                                                                     \
        {                                                                                          \
                int e = BUS_FAULT(#function);                                                      \
                REAL(function);                                                                    \
                return e > 0 ? -e : real(__VA_ARGS__);                                             \
        }
/* One that takes any number of arguments, by its sibling that takes a va_list. */
#define BUS_CALL_V(function, sibling, last, arguments, ...)                                        \
        int function arguments                                                                     \
        {                                                                                          \
                int e = BUS_FAULT(#function), r;                                                   \
                va_list ap;                                                                        \
                if (e > 0)                                                                         \
                        return -e;                                                                 \
                va_start(ap, last);                                                                \
                r = sibling(__VA_ARGS__, ap);                                                      \
                va_end(ap);                                                                        \
                return r;                                                                          \
        }

BUS_CALL(sd_bus_open_system, (sd_bus * *b), b)
BUS_CALL(sd_bus_attach_event, (sd_bus * b, sd_event *e_, int p), b, e_, p)
BUS_CALL(sd_bus_request_name, (sd_bus * b, const char *n, uint64_t f), b, n, f)
BUS_CALL(sd_bus_add_object_vtable,
         (sd_bus * b, sd_bus_slot **s, const char *p, const char *i, const sd_bus_vtable *v,
          void *u),
         b, s, p, i, v, u)
BUS_CALL(sd_bus_match_signal,
         (sd_bus * b, sd_bus_slot **s, const char *w, const char *p, const char *i, const char *m,
          sd_bus_message_handler_t f, void *u),
         b, s, w, p, i, m, f, u)
BUS_CALL(sd_bus_add_match_async,
         (sd_bus * b, sd_bus_slot **s, const char *m, sd_bus_message_handler_t f,
          sd_bus_message_handler_t g, void *u),
         b, s, m, f, g, u)
BUS_CALL(sd_bus_call_async,
         (sd_bus * b, sd_bus_slot **s, sd_bus_message *m, sd_bus_message_handler_t f, void *u,
          uint64_t t),
         b, s, m, f, u, t)
BUS_CALL(sd_bus_send, (sd_bus * b, sd_bus_message *m, uint64_t *c), b, m, c)
BUS_CALL(sd_bus_send_to, (sd_bus * b, sd_bus_message *m, const char *d, uint64_t *c), b, m, d, c)
BUS_CALL(sd_bus_message_new_method_call,
         (sd_bus * b, sd_bus_message **m, const char *d, const char *p, const char *i,
          const char *n),
         b, m, d, p, i, n)
BUS_CALL(sd_bus_message_new_method_return, (sd_bus_message * c, sd_bus_message **m), c, m)
BUS_CALL(sd_bus_message_new_signal,
         (sd_bus * b, sd_bus_message **m, const char *p, const char *i, const char *n), b, m, p, i,
         n)
BUS_CALL(sd_bus_message_open_container, (sd_bus_message * m, char t, const char *c), m, t, c)
BUS_CALL(sd_bus_message_close_container, (sd_bus_message * m), m)
BUS_CALL(sd_bus_message_append_strv, (sd_bus_message * m, char **l), m, l)
BUS_CALL(sd_bus_message_seal, (sd_bus_message * m, uint64_t c, uint64_t t), m, c, t)
BUS_CALL(sd_bus_query_sender_creds, (sd_bus_message * m, uint64_t w, sd_bus_creds **c), m, w, c)
BUS_CALL(sd_bus_emit_properties_changed_strv, (sd_bus * b, const char *p, const char *i, char **n),
         b, p, i, n)
BUS_CALL(sd_bus_track_new, (sd_bus * b, sd_bus_track **t, sd_bus_track_handler_t f, void *u), b, t,
         f, u)
BUS_CALL(sd_bus_track_add_sender, (sd_bus_track * t, sd_bus_message *m), t, m)
BUS_CALL_V(sd_bus_message_append, sd_bus_message_appendv, types,
           (sd_bus_message * m, const char *types, ...), m, types)
BUS_CALL_V(sd_bus_message_read, sd_bus_message_readv, types,
           (sd_bus_message * m, const char *types, ...), m, types)
BUS_CALL_V(sd_bus_emit_signal, sd_bus_emit_signalv, types,
           (sd_bus * b, const char *p, const char *i, const char *n, const char *types, ...), b, p,
           i, n, types)
BUS_CALL_V(sd_bus_reply_method_return, sd_bus_reply_method_returnv, types,
           (sd_bus_message * m, const char *types, ...), m, types)
BUS_CALL_V(sd_bus_call_method_async, sd_bus_call_method_asyncv, types,
           (sd_bus * b, sd_bus_slot **s, const char *d, const char *p, const char *i, const char *n,
            sd_bus_message_handler_t f, void *u, const char *types, ...),
           b, s, d, p, i, n, f, u, types)
