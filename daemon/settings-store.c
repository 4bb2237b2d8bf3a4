/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>

#include "read-file.h"
#include "settings-store.h"

#define SETTINGS_NAME "settings"
#define SETTINGS_TEMP "settings.new"
#define SETTINGS_BAD  "settings.bad"
#define SETTINGS_MAX  (1024 * 1024) /* bytes; 1024 port rules are 100 kB */

static int write_all(int fd, const char *data, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t)n;
        }
        return 0;
}

/* A new file with this content, on the disk. */
static int write_synced(int dirfd, const char *name, const char *data, size_t size)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, data, size);
        if (r < 0)
                return r;
        if (fsync(fd) < 0)
                return -errno;
        /* some file systems tell of a full disk here alone */
        if (close(TAKE_FD(fd)) < 0)
                return -errno;
        return 0;
}

static int open_dir(const char *dir)
{
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int settings_save(const char *dir, const struct settings *s)
{
        _cleanup_close_ int dirfd = -EBADF;
        _cleanup_free_ char *data = NULL;
        size_t size = 0;
        int r;

        r = settings_format(s, &data, &size);
        if (r < 0)
                return r;
        dirfd = open_dir(dir);
        if (dirfd < 0)
                return dirfd;

        r = write_synced(dirfd, SETTINGS_TEMP, data, size);
        if (r >= 0 && renameat(dirfd, SETTINGS_TEMP, dirfd, SETTINGS_NAME) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(dirfd, SETTINGS_TEMP, 0);
                return r;
        }

        /* the name is on the disk only once its directory is */
        return fsync(dirfd) < 0 ? -errno : 0;
}

int settings_load(const char *dir, ini_error_t log, void *userdata, struct settings *ret)
{
        _cleanup_close_ int dirfd = -EBADF;
        _cleanup_free_ char *path = NULL, *data = NULL;
        const char *reason = NULL;
        char message[128];
        size_t size = 0;
        int r;

        if (asprintf(&path, "%s/" SETTINGS_NAME, dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        dirfd = open_dir(dir);
        if (dirfd == -ENOENT) {
                *ret = (struct settings){0};
                return 0;
        }
        if (dirfd < 0)
                return dirfd;

        r = read_file_at(dirfd, SETTINGS_NAME, SETTINGS_MAX, &data, &size);
        if (r == -ENOENT) {
                *ret = (struct settings){0};
                return 0;
        }
        if (r == -EFBIG)
                reason = "larger than 1 MiB";
        else if (r < 0)
                return r;
        else {
                r = settings_parse(path, data, size, log, userdata, ret, &reason);
                if (r != -EBADMSG)
                        return r;
        }

        if (renameat(dirfd, SETTINGS_NAME, dirfd, SETTINGS_BAD) < 0)
                return -errno;
        if (log) {
                (void)snprintf(message, sizeof(message), "%s: kept as %s, the defaults hold",
                               reason, SETTINGS_BAD);
                log(path, 0, message, userdata);
        }
        *ret = (struct settings){0};
        return 0;
}
