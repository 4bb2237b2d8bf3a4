/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs that make calls, and which of their sockets can carry one:
 * apps.conf and apps.conf.d/, with systemd's precedence. */
#pragma once

#include "ini.h"
#include "port-set.h"
#include "socket-scan.h"

#define APP_LIST_MAX     256  /* programs */
#define APP_EXES_MAX     64   /* names of one program */
#define APP_EXE_NAME_MAX 63   /* bytes, without the NUL */
#define APP_NAME_MAX     63   /* bytes, without the NUL */
#define APP_PORT_MIN     1024 /* local; below are services */

enum app_media {
        APP_MEDIA_CONNECTED = 1 << 0,
        APP_MEDIA_UNCONNECTED = 1 << 1,
        APP_MEDIA_ANY = APP_MEDIA_CONNECTED | APP_MEDIA_UNCONNECTED,
};

struct app {
        char name[APP_NAME_MAX + 1];
        char **exes;
        size_t n_exes;
        unsigned media;  /* enum app_media, or 0: none of its sockets */
        PortSet exclude; /* ports, local or remote, of other things it does */
};

/* { 0 } is an empty list.  The members are for reading. */
typedef struct AppList {
        struct app **apps;
        size_t n;
        PortSet exclude; /* … that any program does */
} AppList;

void app_list_done(AppList *list);

/* Reads the files of dirs (config-dirs.h).  A bad line is told to log with file
 * and line and ignored, as is a file that cannot be read.  dirs NULL:
 * config_default_dirs.  0 or -ENOMEM. */
int app_list_load(const char *const *dirs, ini_error_t log, void *userdata, AppList *ret);

/* Takes in one file's text over what the list holds.  For tests and the fuzzer.
 * Returns the number of lines ignored, or -ENOMEM. */
int app_list_parse(AppList *list, const char *file, const char *data, size_t size, ini_error_t log,
                   void *userdata);

/* The program that is called so, or NULL.  exe is the last part of its path, ""
 * where not known; comm what it calls itself, of which the kernel keeps 15 bytes. */
const struct app *app_list_find(const AppList *list, const char *exe, const char *comm);

/* Whether this socket, if it is that program's, can carry media.  app NULL: whether
 * it could for any of the list. */
bool app_list_can_carry_media(const AppList *list, const struct app *app,
                              const struct udp_socket *s);

static inline void app_list_donep(AppList *list)
{
        app_list_done(list);
}
