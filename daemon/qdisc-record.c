/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "qdisc-record.h"

#define FILE_MAX  (16 * 1024 * 1024)
#define FILE_NAME "link-%u.record"

int qdisc_record_save(const char *dir, const struct qdisc_record *r)
{
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;
        _cleanup_free_ char *text = NULL;
        char name[64], temp[80];
        size_t size;
        int k;

        k = qdisc_record_format(r, &text);
        if (k < 0)
                return k;
        size = strlen(text);
        dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return -errno;
        (void)snprintf(name, sizeof(name), FILE_NAME, r->ifindex);
        (void)snprintf(temp, sizeof(temp), ".%s.new", name);
        fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        for (size_t done = 0; done < size;) {
                ssize_t n = write(fd, text + done, size - done);

                if (n < 0) {
                        k = -errno;
                        (void)unlinkat(dir_fd, temp, 0);
                        return k;
                }
                done += (size_t)n;
        }
        if (fsync(fd) < 0 || renameat(dir_fd, temp, dir_fd, name) < 0) {
                k = -errno;
                (void)unlinkat(dir_fd, temp, 0);
                return k;
        }
        (void)fsync(dir_fd);
        return 0;
}

int qdisc_record_load(const char *dir, unsigned ifindex, struct qdisc_record *ret)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = {};
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *path = NULL, *text = NULL;
        struct stat st;
        size_t size;
        ssize_t n;
        int k;

        if (asprintf(&path, "%s/" FILE_NAME, dir, ifindex) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
                return -EBADMSG;
        size = (size_t)st.st_size;
        text = malloc(size + 1);
        if (!text)
                return -ENOMEM;
        n = read(fd, text, size);
        if (n < 0)
                return -errno;
        k = qdisc_record_parse(text, (size_t)n, &r);
        if (k < 0)
                return k;
        if (r.ifindex != ifindex)
                return -EBADMSG;
        *ret = r;
        r = (struct qdisc_record){};
        return 0;
}

int qdisc_record_remove(const char *dir, unsigned ifindex)
{
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/" FILE_NAME, dir, ifindex) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return unlink(path) < 0 ? -errno : 0;
}

int qdisc_record_list(const char *dir, unsigned **ret, size_t *ret_n)
{
        _cleanup_free_ unsigned *list = NULL;
        struct dirent *e;
        unsigned ifindex, *grown;
        size_t n = 0;
        DIR *d;

        d = opendir(dir);
        if (!d)
                return -errno;
        while ((e = readdir(d))) {
                char name[64];

                if (sscanf(e->d_name, FILE_NAME, &ifindex) != 1)
                        continue;
                (void)snprintf(name, sizeof(name), FILE_NAME, ifindex);
                if (!streq(name, e->d_name))
                        continue;
                grown = reallocarray(list, n + 1, sizeof(*list));
                if (!grown) {
                        (void)closedir(d);
                        return -ENOMEM;
                }
                list = grown;
                list[n++] = ifindex;
        }
        (void)closedir(d);
        *ret = TAKE_PTR(list);
        *ret_n = n;
        return 0;
}
