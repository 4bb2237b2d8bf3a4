/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-module.h"
#include "text.h"

/* The rest of the line "ID=debian" of a file, without quotes, in *ret; "" without. */
static void read_key(const char *path, const char *key, char *ret, size_t size)
{
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t n = 0, length = strlen(key);

        ret[0] = '\0';
        while (f && getline(&line, &n, f) > 0) {
                char *value = line + length + 1;

                if (strncmp(line, key, length) != 0 || line[length] != '=')
                        continue;
                value += strspn(value, "\"'");
                value[strcspn(value, "\"'\n")] = '\0';
                (void)snprintf(ret, size, "%s", value);
        }
}

/* Whether modules.dep or modules.builtin has a line for it: "kernel/net/sched/
 * sch_htb.ko.xz: …". */
static bool lists_module(const char *path, const char *module)
{
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t n = 0, length = strlen(module);

        while (f && getline(&line, &n, f) > 0) {
                const char *name;

                line[strcspn(line, ":\n")] = '\0';
                name = strrchr(line, '/');
                name = name ? name + 1 : line;
                if (strncmp(name, module, length) == 0 && strncmp(name + length, ".ko", 3) == 0)
                        return true;
        }
        return false;
}

static bool has_word(const char *words, const char *word)
{
        size_t n = strlen(word);

        for (const char *p = words; (p = strstr(p, word)); p += n)
                if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
                        return true;
        return false;
}

static bool ends_with(const char *s, const char *suffix)
{
        size_t n = strlen(s), k = strlen(suffix);

        return n >= k && streq(s + n - k, suffix);
}

/* The package that has what this kernel's own leaves out, or NULL.  *ret may be set
 * to one that is made here. */
static const char *find_package(const char *ids, const char *release, char **ret)
{
        if (has_word(ids, "ubuntu"))
                return text_set(ret, "linux-modules-extra-%s", release) < 0 ? NULL : *ret;
        if (has_word(ids, "debian") && strstr(release, "-cloud-"))
                return text_set(ret, "linux-image-%s",
                                strstr(release, "-cloud-") + strlen("-cloud-")) < 0
                               ? NULL
                               : *ret;
        if (has_word(ids, "fedora") || has_word(ids, "rhel"))
                return "kernel-modules-extra";
        if (has_word(ids, "suse") || has_word(ids, "opensuse"))
                return ends_with(release, "-base") ? "kernel-default" : "kernel-default-extra";
        return NULL;
}

int module_advice(const char *root, const char *release, const char *module, const char *option,
                  char **ret)
{
        static const char *const lists[] = {"modules.dep", "modules.builtin"};
        _cleanup_free_ char *path = NULL, *made = NULL;
        char ids[256], id[64];
        size_t at;
        const char *package;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                r = text_set(&path, "%s/lib/modules/%s/%s", root, release, lists[i]);
                if (r < 0)
                        return r;
                if (lists_module(path, module))
                        return text_set(ret,
                                        "Load it with 'modprobe %s', write its name into "
                                        "/etc/modules-load.d/p2s.conf for the next boots, and "
                                        "'systemctl restart p2sd'.",
                                        module);
        }

        r = text_set(&path, "%s/etc/os-release", root);
        if (r < 0)
                return r;
        read_key(path, "ID", id, sizeof id);
        read_key(path, "ID_LIKE", ids, sizeof ids - sizeof id);
        at = strlen(ids);
        (void)snprintf(ids + at, sizeof ids - at, " %s", id);
        package = find_package(ids, release, &made);
        if (package)
                return text_set(ret,
                                "The module is %s; the package %s has it.  Install that, start "
                                "its kernel where it is one, 'modprobe %s', and 'systemctl "
                                "restart p2sd'.",
                                module, package, module);
        return text_set(ret,
                        "The module is %s, which kernel %s does not have: it takes one that is "
                        "built with %s.",
                        module, release, option);
}
