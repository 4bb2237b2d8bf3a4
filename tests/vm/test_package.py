# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages: built, judged by lintian, and their life.

Without P2S_FULL: the service's package alone, built once, by way of package-life.  With it:
all of them, built twice in two places, which must give the same bytes, and then a VM on
Debian's kernel under systemd, in which they are installed, and their own test is run.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

import test_unit as vm
from test_unit import BUILD, HERE, properties, sh, unit

SOURCE = os.environ.get("P2S_SOURCE", os.path.realpath(os.path.join(HERE, "..", "..")))
WORK = os.path.join(BUILD, "package")
FULL = bool(os.environ.get("P2S_FULL"))


def build(place):
    """The packages of a copy of the tree; the directory that they are in."""
    top = os.path.join(WORK, place)
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(SOURCE, os.path.join(top, "p2s"),
                    ignore=shutil.ignore_patterns("build*", "out", ".git", "__pycache__", "fixtures"))
    env = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck parallel=2",
           "DEB_BUILD_PROFILES": "" if FULL else "pkg.p2s.nogui"}
    with open(os.path.join(top, "log"), "w+", encoding="utf-8") as log:
        done = subprocess.run(["dpkg-buildpackage", "-us", "-uc", *([] if FULL else ["-b"])],
                              cwd=os.path.join(top, "p2s"), env=env, stdout=log, stderr=log,
                              check=False)
        if done.returncode != 0:
            log.seek(0)
            raise SystemExit("".join(log.readlines()[-40:]))
    return top


def built_alike():
    one, two = build("one"), build(os.path.join("another", "place"))
    names = [os.path.basename(f) for f in glob.glob(one + "/*.deb") + glob.glob(one + "/*.tar.xz")]
    differ = [n for n in names if subprocess.call(["cmp", f"{one}/{n}", f"{two}/{n}"]) != 0]
    if differ or len(names) < 5:
        raise SystemExit(f"two builds differ in {differ} of {names}")
    print(f"two builds in two places: the same {len(names)} files")
    return one


def newer(top):
    """The same packages as a later version, which differs in nothing else."""
    os.makedirs(top + "/newer")
    for deb in debs(top):
        tree = top + "/tree"
        subprocess.check_call(["dpkg-deb", "-R", deb, tree])
        control = tree + "/DEBIAN/control"
        with open(control, encoding="utf-8") as f:
            text = f.read()
        with open(control, "w", encoding="utf-8") as f:
            f.write(re.sub(r"(?m)^Version: (.*)|(p2sd \(= [^)]*)", r"\g<0>+later", text))
        subprocess.check_call(["dpkg-deb", "-b", "--root-owner-group", tree, top + "/newer"],
                              stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)


def debs(top):
    return sorted(f for f in glob.glob(top + "/*.deb") if "-dbgsym" not in f)


def outside():
    for tool in ("dpkg-buildpackage", "dh", "lintian", *(["qemu-system-x86_64"] if FULL else [])):
        if not shutil.which(tool):
            print(f"SKIP: no {tool}")
            return 77
    top = built_alike() if FULL else build("one")
    judged = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root",
                             *glob.glob(top + "/*.changes")], capture_output=True, text=True,
                            check=False)
    tags = [line for line in judged.stdout.splitlines() if not line.startswith("N:")]
    if judged.returncode != 0 or tags:
        print("\n".join(tags), judged.stderr)
        return 1
    print(f"lintian: nothing to say of {len(debs(top))} packages")
    newer(top)
    if not FULL:
        return subprocess.call([os.path.join(HERE, "package-life"), debs(top)[0],
                                debs(top + "/newer")[0]])
    return subprocess.call([os.path.join(HERE, "run"), "-S", "-t", "900", "-e", "P2S_BUILD",
                            "-e", "P2S_SOURCE", "-e", "P2S_FULL", "--", "/usr/bin/python3", __file__])


def dpkg(*args):
    sh("DEBIAN_FRONTEND=noninteractive dpkg --force-confold " + " ".join(args))


class PackageTest(unittest.TestCase):
    """In the order of the names."""

    @classmethod
    def setUpClass(cls):
        # a container's, which lets no package start a service; and what takes minutes here
        sh("rm -f /usr/sbin/policy-rc.d /var/lib/man-db/auto-update")
        vm.make_link()
        cls.link_clean = vm.kernel_state()
        cls.top = os.path.join(WORK, "one")

    def test_1_installed_it_runs_and_does_nothing(self):
        dpkg("-i", *debs(self.top))
        self.assertEqual((unit("ActiveState"), unit("UnitFileState")), ("active", "enabled"))
        self.assertEqual(unit("NRestarts"), "0")
        self.assertEqual(properties()["EffectiveMode"], "off")
        self.assertEqual(vm.kernel_state(), self.link_clean)
        self.assertIn("org.p2s.set-mode", sh("pkaction"))
        self.assertIn("Another mode is in force", sh("journalctl --list-catalog"))
        self.assertIn("off", sh("p2sctl mode"))
        sh("p2sctl doctor", check=False)

    def test_2_its_own_test_passes(self):
        sh(os.path.join(SOURCE, "debian", "tests", "service"))
        self.assertEqual(vm.kernel_state(), self.link_clean)


if __name__ == "__main__":
    if not os.environ.get("P2S_VM"):
        sys.exit(outside())
    unittest.main(verbosity=2, failfast=True)
