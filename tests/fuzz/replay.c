/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of libFuzzer: a harness on each file of a directory, by name, once. */
#include <dirent.h>

#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static int try_file(const char *directory, const char *name)
{
        _cleanup_fclose_ FILE *f = NULL;
        _cleanup_free_ uint8_t *data = NULL;
        char path[4096];
        long size;

        (void)snprintf(path, sizeof path, "%s/%s", directory, name);
        f = fopen(path, "re");
        if (!f || fseek(f, 0, SEEK_END) < 0 || (size = ftell(f)) < 0)
                return -errno;
        rewind(f);
        /* as many bytes as there are, for what looks beyond them */
        data = malloc((size_t)size + !size);
        if (!data || fread(data, 1, (size_t)size, f) != (size_t)size)
                return -EIO;
        (void)LLVMFuzzerTestOneInput(data, (size_t)size);
        return 0;
}

int main(int argc, char **argv)
{
        struct dirent **entries;
        unsigned tried = 0;
        int n, r = 0;

        if (LLVMFuzzerInitialize)
                (void)LLVMFuzzerInitialize(&argc, &argv);
        n = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
        if (n < 0) {
                (void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
                return 2;
        }
        for (int i = 0; i < n; i++) {
                if (entries[i]->d_name[0] != '.' && r >= 0) {
                        r = try_file(argv[1], entries[i]->d_name);
                        tried++;
                }
                free(entries[i]);
        }
        free(entries);
        printf("%u inputs\n", tried);
        return r < 0 || tried == 0;
}
