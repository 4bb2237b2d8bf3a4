# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian packages: built, judged by lintian, and their life.

Without P2S_FULL: the service's package alone, built once, by way of package-life.  With it:
all of them, built twice, which must give the same bytes, and once as a later version; then
a VM on Debian's kernel under systemd, in which they are installed, tried by autopkgtest,
upgraded while a call runs, removed, installed and purged.
"""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import test_unit as vm
from test_unit import BUILD, HERE, ok, properties, sh, unit

SOURCE = os.environ.get("P2S_SOURCE", os.path.realpath(os.path.join(HERE, "..", "..")))
BPFTOOL = shutil.which("bpftool") or "/usr/sbin/bpftool"
FULL = bool(os.environ.get("P2S_FULL"))
WORK = os.path.join(BUILD, "packages" if FULL else "package")
LATER = "0.1.0+later"
VOICE = 46  # EF
PACKAGES = ("p2s-gnome-shell", "p2s-panel", "p2sd")


def tree(place, version=None):
    """A copy of the source, as that version; the directory that it is in."""
    top = os.path.join(WORK, place)
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(SOURCE, os.path.join(top, "p2s"),
                    ignore=shutil.ignore_patterns("build*", "out", ".git", "__pycache__", "fixtures"))
    if version:
        for name, pattern, text in (
                ("debian/changelog", r"\A", f"p2s ({version}) unstable; urgency=medium\n\n  * Later.\n\n"
                 " -- The P2S developers <p2s@p2s.invalid>  Sun, 29 Nov 2026 12:00:00 +0000\n\n"),
                ("meson.build", r"(?m)^( *version: ').*(',)$", rf"\g<1>{version}\g<2>")):
            path = os.path.join(top, "p2s", name)
            with open(path, encoding="utf-8") as f:
                changed, n = re.subn(pattern, text, f.read(), count=1)
            assert n == 1, name
            with open(path, "w", encoding="utf-8") as f:
                f.write(changed)
    return top


def build(top, umask=0o022, **environ):
    """The packages of such a copy; the directory that they are in, which is the same."""
    env = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck parallel=2",
           "DEB_BUILD_PROFILES": "" if FULL else "pkg.p2s.nogui", **environ}
    with open(os.path.join(top, "log"), "w+", encoding="utf-8") as log:
        done = subprocess.run(["dpkg-buildpackage", "-us", "-uc", *([] if FULL else ["-b"])],
                              cwd=os.path.join(top, "p2s"), env=env, stdout=log, stderr=log,
                              umask=umask, check=False)
        if done.returncode != 0:
            log.seek(0)
            raise SystemExit("".join(log.readlines()[-40:]))
    return top


def built_alike():
    """Two builds at two times, in places, time zones, languages, homes and with umasks of
    their own; nothing that ccache remembers is in them."""
    # both copies now: who works on the source meanwhile changes neither
    one, two = tree("one"), tree(os.path.join("another", "place"))
    build(one, CCACHE_DISABLE="1", TZ="UTC", LC_ALL="C.UTF-8")
    build(two, umask=0o027, CCACHE_DISABLE="1", TZ="Pacific/Kiritimati", LC_ALL="C",
          HOME="/nonexistent", USER="somebody", DEB_BUILD_OPTIONS="nocheck parallel=1")
    names = sorted(os.path.basename(f) for kind in ("deb", "tar.xz", "dsc")
                   for f in glob.glob(f"{one}/*.{kind}"))
    differ = [n for n in names if subprocess.call(["cmp", f"{one}/{n}", f"{two}/{n}"]) != 0]
    # three packages, the symbols of two, the source
    if differ or len(names) != 7:
        raise SystemExit(f"two builds differ in {differ} of {names}")
    for name in names:
        with open(f"{one}/{name}", "rb") as f:
            print(f"alike in both builds: {hashlib.sha256(f.read()).hexdigest()[:16]} {name}")
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
    for tool in ("dpkg-buildpackage", "dh", "lintian",
                 *(["autopkgtest", "qemu-system-x86_64"] if FULL else [])):
        if not shutil.which(tool):
            print(f"SKIP: no {tool}")
            return 77
    top = built_alike() if FULL else build(tree("one"))
    judged = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root",
                             *glob.glob(top + "/*.changes")], capture_output=True, text=True,
                            check=False)
    tags = [line for line in judged.stdout.splitlines() if not line.startswith("N:")]
    if judged.returncode != 0 or tags:
        print("\n".join(tags), judged.stderr)
        return 1
    print(f"lintian: nothing to say of {len(debs(top))} packages")
    if not FULL:
        newer(top)
        return subprocess.call([os.path.join(HERE, "package-life"), debs(top)[0],
                                debs(top + "/newer")[0]])
    build(tree("later", LATER))
    return subprocess.call([os.path.join(HERE, "run"), "-S", "-t", "1500", "-e", "P2S_BUILD",
                            "-e", "P2S_SOURCE", "-e", "P2S_FULL", "--", "/usr/bin/python3", __file__])


def dpkg(*args):
    sh("DEBIAN_FRONTEND=noninteractive dpkg --force-confold " + " ".join(args))


def traces():
    """Where anything of ours could stay: files, users, units, the kernel's objects."""
    return [sh(c) for c in (
        # not the copies that passwd's tools make of what they change
        "find /etc -not -name '*-' -not -name '.pwd.lock' -not -name ld.so.cache | sort",
        "find /var/cache /var/lib/systemd /var/lib/polkit-1 -iname '*p2s*' | sort",
        "ls -a /var/lib /run /sys/fs/bpf",
        "cat /etc/passwd /etc/group /etc/shadow /etc/gshadow",
        "systemctl list-unit-files --no-legend --no-pager 'p2s*'",
        "journalctl --list-catalog | grep -i p2s || true",
        # not busctl itself, whose unit here is p2s-vm.service
        "busctl list --no-legend --no-pager | grep -F org.p2s || true",
        "pkaction | grep p2s || true",
        f"{BPFTOOL} prog show | grep p2s || true",
        f"{BPFTOOL} map show | grep p2s || true",
        f"{BPFTOOL} link show || true")] + vm.kernel_state()


class Stream:
    """RTP that nobody marked, from here to the far end, and what arrives of it there."""

    def __init__(self, seconds):
        self.log = tempfile.TemporaryFile("w+", encoding="ascii")
        self.far = subprocess.Popen(
            ["ip", "netns", "exec", "far", "/usr/bin/python3",
             os.path.join(HERE, "listen_class.py"), "40002", str(seconds)], stdout=self.log)
        self.here = subprocess.Popen([vm.RTPCALL, "--peer", "192.0.2.2:40002", "--local", "40000",
                                      "--seconds", str(seconds)])

    def end(self):
        """[(time, DSCP, sequence number)]"""
        self.here.terminate()
        self.here.wait()
        time.sleep(1)
        self.far.terminate()
        self.far.wait()
        with self.log:
            self.log.seek(0)
            return [(float(t), int(d), int(n)) for t, d, n in map(str.split, self.log)]


class PackageTest(unittest.TestCase):
    """In the order of the names: one life of the packages."""

    @classmethod
    def setUpClass(cls):
        # a container's, which lets no package start a service; and what takes minutes here
        sh("rm -f /usr/sbin/policy-rc.d /var/lib/man-db/auto-update")
        # what a first start of these leaves
        sh("systemctl start polkit; journalctl --update-catalog")
        vm.make_link()
        cls.link_clean = vm.kernel_state()
        cls.before = traces()
        cls.top, cls.later = os.path.join(WORK, "one"), os.path.join(WORK, "later")

    def assert_shaped(self):
        self.assertTrue(vm.is_shaped(), vm.link())
        self.assertEqual(properties()["EffectiveMode"], "shape")

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

    def test_2_its_own_tests_pass(self):
        """By autopkgtest, whose "null" changes the machine that it is on: this one."""
        # What the tests need is here.  apt would take a minute to find that out for each of
        # them; told that it may not install, autopkgtest asks dpkg-checkbuilddeps instead.
        status = "/var/lib/dpkg/status"
        sh(f"mount --bind {status} {status}; mount -o remount,ro,bind {status}")
        try:
            # to where it can be watched: no pipe, which a process left behind would keep open
            done = subprocess.run(["autopkgtest", "--no-built-binaries",
                                   "--summary-file=/run/summary",
                                   *glob.glob(self.top + "/*.dsc"), "--", "null"],
                                  stdout=sys.stderr, timeout=900, check=False)
        finally:
            sh(f"umount {status}")
        with open("/run/summary", encoding="utf-8") as f:
            summary = f.read()
        os.unlink("/run/summary")
        self.assertEqual(done.returncode, 0, summary)
        self.assertEqual(sorted(re.findall(r"(?m)^(\S+) +PASS", summary)),
                         ["namespace", "panel", "service", "shell"])
        self.assertEqual(vm.kernel_state(), self.link_clean)

    def test_3_upgraded_while_a_call_runs(self):
        sh("p2sctl link p2sA --uplink 10M --downlink 50M; p2sctl ports add 5004-5005 voice lab;"
           "p2sctl mode shape; echo '# an administrator' >> /etc/p2s/p2sd.conf")
        self.assert_shaped()
        before = properties()
        pid = unit("MainPID")
        stream = Stream(600)
        try:
            vm.wait_for(lambda: ok("GetCalls")[0])
            time.sleep(2)
            dpkg("-i", *debs(self.later))
            self.assertNotEqual(unit("MainPID"), pid)
            left, back = (int(unit(t)) / 1e6 for t in (
                "ActiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic"))
            time.sleep(4)
        finally:
            rows = stream.end()
        self.assertIn(LATER, properties()["Version"])
        self.assert_shaped()
        after = properties()
        for prop in ("Mode", "EffectiveMode", "Ports", "Dscps"):
            self.assertEqual(after[prop], before[prop])
        self.assertEqual([(r["Name"]["data"], r["UplinkBps"]["data"]) for r in after["Links"]],
                         [(r["Name"]["data"], r["UplinkBps"]["data"]) for r in before["Links"]])
        self.assertIn("an administrator", sh("cat /etc/p2s/p2sd.conf"))
        # the first few are of a call that is not yet one
        rows = rows[20:]
        unmarked = [t for t, dscp, _ in rows if dscp != VOICE]
        sent = (rows[-1][2] - rows[0][2]) % 65536 + 1
        print(f"upgrade: the service was away for {back - left:.2f} s; of {sent} packets of a call "
              f"{sent - len(rows)} were lost, {len(unmarked)} had no class, from "
              f"{(unmarked or [left])[0] - left:+.2f} s of its end to "
              f"{(unmarked or [back])[-1] - back:+.2f} s of its return", file=sys.stderr)
        # a packet is 20 ms, and the third of a call is known; the machine is emulated
        for t in unmarked:
            self.assertTrue(left - 0.3 <= t <= back + 0.3, (left, t, back))
        self.assertEqual(rows[-1][1], VOICE)

    def test_4_removed_and_installed_again(self):
        """While it shapes: the link is let go of, what was chosen is kept."""
        with open("/var/lib/p2s/settings", encoding="utf-8") as f:
            settings = f.read()
        dpkg("-r", *PACKAGES)
        self.assertEqual(vm.kernel_state(), self.link_clean)
        self.assertFalse(os.path.exists("/usr/sbin/p2sd"))
        self.assertFalse(os.path.exists("/run/p2s"))
        with open("/var/lib/p2s/settings", encoding="utf-8") as f:
            self.assertEqual(f.read(), settings)
        self.assertIn("an administrator", sh("cat /etc/p2s/p2sd.conf"))
        dpkg("-i", *debs(self.later))
        self.assertEqual(unit("ActiveState"), "active")
        vm.wait_for(vm.is_shaped)
        self.assert_shaped()
        self.assertIn("5004", sh("p2sctl ports"))

    def test_5_purged_nothing_is_left(self):
        """While it shapes, once more."""
        theirs = [f for f in sh("dpkg -L " + " ".join(PACKAGES)).splitlines() if not os.path.isdir(f)]
        self.assertGreater(len(theirs), 40)
        dpkg("-P", *PACKAGES)
        self.assertEqual([f for f in theirs if os.path.exists(f)], [])
        self.assertEqual([d for d in ("/etc/p2s", "/usr/lib/p2s", "/usr/share/doc/p2sd")
                          if os.path.exists(d)], [])
        self.assertEqual(vm.kernel_state(), self.link_clean)
        # the bus and polkit hear of files that go a little later
        for _ in range(5):
            after = traces()
            if after == self.before:
                break
            time.sleep(2)
        self.assertEqual([(there_is, was) for was, there_is in zip(self.before, after)
                          if there_is != was], [])


if __name__ == "__main__":
    if not os.environ.get("P2S_VM"):
        sys.exit(outside())
    unittest.main(verbosity=2, failfast=True)
