/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>

#include "p2sctl-module.h"
#include "test.h"

static char root[] = "/tmp/p2s-module-XXXXXX";

static void write_file(const char *path, const char *text)
{
        char full[256];
        FILE *f;

        (void)snprintf(full, sizeof full, "%s/%s", root, path);
        f = fopen(full, "we");
        assert_non_null(f);
        (void)fputs(text, f);
        assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
        static const char *const dirs[] = {"", "/etc", "/lib", "/lib/modules",
                                           "/lib/modules/6.1.0-9-amd64"};
        char path[256];

        if (!mkdtemp(root))
                return -1;
        for (size_t i = 1; i < ELEMENTSOF(dirs); i++) {
                (void)snprintf(path, sizeof path, "%s%s", root, dirs[i]);
                if (mkdir(path, 0700) < 0)
                        return -1;
        }
        return 0;
}

static int teardown(void **state)
{
        char command[64];

        (void)snprintf(command, sizeof command, "rm -r %s", root);
        return system(command);
}

static void expect(const char *release, const char *module, const char *part)
{
        _cleanup_free_ char *advice = NULL;

        assert_int_equal(module_advice(root, release, module, "CONFIG_X", &advice), 0);
        if (!strstr(advice, part))
                fail_msg("“%s” is not in “%s”", part, advice);
}

static void test_it_is_there(void **state)
{
        write_file("lib/modules/6.1.0-9-amd64/modules.dep",
                   "kernel/net/sched/sch_htb.ko.xz:\n"
                   "kernel/net/sched/act_mirred.ko: kernel/drivers/net/ifb.ko\n");
        write_file("lib/modules/6.1.0-9-amd64/modules.builtin", "kernel/net/sched/sch_fq.ko\n");
        expect("6.1.0-9-amd64", "sch_htb", "modprobe sch_htb");
        expect("6.1.0-9-amd64", "sch_fq", "modprobe sch_fq'");
        /* neither what a module needs nor what its name begins with */
        expect("6.1.0-9-amd64", "ifb", "built with CONFIG_X");
        expect("6.1.0-9-amd64", "sch", "built with CONFIG_X");
}

static void test_a_package_has_it(void **state)
{
        static const struct {
                const char *os, *release, *part;
        } cases[] = {
                {"ID=ubuntu\nID_LIKE=debian\n", "6.8.0-31-generic",
                 "package linux-modules-extra-6.8.0-31-generic"},
                {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "6.8.0-31-generic",
                 "package linux-modules-extra-6.8.0-31-generic"},
                {"PRETTY_NAME=\"x\"\nID=debian\n", "6.1.0-21-cloud-amd64",
                 "package linux-image-amd64"},
                {"ID=debian\n", "6.1.0-21-amd64", "built with CONFIG_X"},
                {"ID=fedora\n", "6.9.4-200.fc40.x86_64", "package kernel-modules-extra"},
                {"ID=\"centos\"\nID_LIKE=\"rhel fedora\"\n", "5.14.0", "kernel-modules-extra"},
                {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "6.4.0-base",
                 "package kernel-default has"},
                {"ID=arch\n", "6.9.1-arch1", "built with CONFIG_X"},
                {"", "6.9.1", "kernel 6.9.1 does not have"},
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                write_file("etc/os-release", cases[i].os);
                expect(cases[i].release, "sch_htb", cases[i].part);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_it_is_there),
                cmocka_unit_test(test_a_package_has_it),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
