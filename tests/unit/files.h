/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of the test's own, the files in it, and what was logged about them. */
#pragma once

#include <ftw.h>
#include <sys/stat.h>

#include "test.h"

static char out[8192]; /* what was logged */
static char top[64];   /* the directory */

/* A reader's handler; userdata is out. */
static inline void on_error(const char *file, unsigned line, const char *message, void *userdata)
{
        size_t n = strlen(out);
        const char *base = strrchr(file, '/');

        assert_ptr_equal(userdata, out);
        (void)snprintf(out + n, sizeof(out) - n, "%s:%u:%s\n", base ? base + 1 : file, line,
                       message);
}

static inline int setup(void **state)
{
        out[0] = '\0';
        (void)strcpy(top, "/tmp/p2s-test.XXXXXX");
        return mkdtemp(top) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

static inline int teardown(void **state)
{
        return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline char *path_of(const char *path)
{
        static char whole[256];

        (void)snprintf(whole, sizeof(whole), "%s/%s", top, path);
        return whole;
}

/* Writes a file under it, with the directories it is in. */
static inline void put(const char *path, const char *text)
{
        char *whole = path_of(path);
        FILE *f;

        for (char *p = whole + strlen(top) + 1; (p = strchr(p, '/')); p++) {
                *p = '\0';
                assert_true(mkdir(whole, 0755) == 0 || errno == EEXIST);
                *p = '/';
        }
        f = fopen(whole, "we");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}
