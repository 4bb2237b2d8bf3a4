/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "socket-proc.h"

struct search {
        const struct socket_wanted *wanted;
        size_t n;
        bool *found;
        size_t n_found;
        socket_owner_t callback;
        void *userdata;
};

static void closedirp(DIR **dir)
{
        if (*dir)
                (void)closedir(*dir);
}

/* All of s, or -EINVAL. */
static int parse_number(const char *s, const char *end, uint32_t *ret)
{
        uint64_t n = 0;

        if (s == end)
                return -EINVAL;
        for (; s < end; s++) {
                if (*s < '0' || *s > '9')
                        return -EINVAL;
                n = n * 10 + (uint64_t)(*s - '0');
                if (n > UINT32_MAX)
                        return -EINVAL;
        }
        *ret = (uint32_t)n;
        return 0;
}

/* Where the inode of "socket:[4711]" is among the wanted, or -ENOENT. */
static ssize_t find_wanted(const struct search *s, const char *target, size_t length)
{
        static const char prefix[] = "socket:[";
        const size_t skip = sizeof prefix - 1;
        size_t low = 0, high = s->n;
        uint32_t inode;

        if (length <= skip || memcmp(target, prefix, skip) != 0 || target[length - 1] != ']' ||
            parse_number(target + skip, target + length - 1, &inode) < 0)
                return -ENOENT;
        while (low < high) {
                size_t middle = (low + high) / 2;

                if (s->wanted[middle].inode == inode)
                        return (ssize_t)middle;
                if (s->wanted[middle].inode < inode)
                        low = middle + 1;
                else
                        high = middle;
        }
        return -ENOENT;
}

/* What the process is called: the fields stay "" where that is hidden. */
static void read_names(int process, struct socket_owner *owner)
{
        _cleanup_close_ int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
        char path[4096];
        const char *name;
        ssize_t n;

        n = fd >= 0 ? read(fd, owner->comm, sizeof owner->comm - 1) : 0;
        if (n > 0 && owner->comm[n - 1] == '\n')
                owner->comm[n - 1] = '\0';
        n = readlinkat(process, "exe", path, sizeof path - 1);
        if (n <= 0)
                return;
        path[n] = '\0';
        /* what an update replaces while it runs */
        if (n > 10 && streq(path + n - 10, " (deleted)"))
                path[n - 10] = '\0';
        name = strrchr(path, '/');
        name = name ? name + 1 : path;
        /* longer ones are cut */
        memcpy(owner->exe, name, MIN(strlen(name), sizeof owner->exe - 1));
}

static bool is_wanted_user(const struct search *s, uid_t uid)
{
        for (size_t i = 0; i < s->n; i++)
                if (s->wanted[i].uid == uid && !s->found[i])
                        return true;
        return false;
}

static void search_process(struct search *s, int proc, const char *name, uint32_t pid)
{
        _cleanup_close_ int process = -EBADF;
        _cleanup_(closedirp) DIR *dir = NULL;
        struct socket_owner owner = {.pid = pid};
        const struct dirent *entry;
        struct stat st;
        int fd;

        process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (process < 0 || fstat(process, &st) < 0 || !is_wanted_user(s, st.st_uid))
                return;
        fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                closep(&fd);
                return;
        }
        while (s->n_found < s->n && (entry = readdir(dir))) {
                char target[64];
                ssize_t n = readlinkat(fd, entry->d_name, target, sizeof target);
                ssize_t i = n > 0 ? find_wanted(s, target, (size_t)n) : -ENOENT;

                if (i < 0)
                        continue;
                if (!owner.comm[0])
                        read_names(process, &owner);
                owner.inode = s->wanted[i].inode;
                s->callback(&s->wanted[i], &owner, s->userdata);
                s->n_found += !s->found[i];
                s->found[i] = true;
        }
}

int socket_proc_find(const struct socket_wanted *wanted, size_t n, socket_owner_t callback,
                     void *userdata)
{
        _cleanup_(closedirp) DIR *proc = opendir("/proc");
        _cleanup_free_ bool *found = NULL;
        struct search s = {.wanted = wanted, .n = n, .callback = callback, .userdata = userdata};
        const struct dirent *entry;

        if (!proc)
                return -errno;
        s.found = found = calloc(n, sizeof *found);
        if (!found)
                return -ENOMEM;
        while (s.n_found < n && (entry = readdir(proc))) {
                uint32_t pid;

                if (parse_number(entry->d_name, entry->d_name + strlen(entry->d_name), &pid) >= 0)
                        search_process(&s, dirfd(proc), entry->d_name, pid);
        }
        return 0;
}
