# SPDX-License-Identifier: GPL-2.0-or-later
"""The unit as shipped, under a real systemd, dbus-daemon, polkitd and journald.

Outside: installs the build into a directory and boots a VM on Debian's kernel.  Inside:
copies it over the root, makes the user by systemd-sysusers, and goes on from there; the
link is a veth whose far end is a namespace.
"""
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.environ.get("P2S_BUILD", os.path.join(HERE, "..", "..", "build"))
RTPCALL = os.path.join(BUILD, "tests", "lab", "rtpcall")
ROOT = os.path.join(BUILD, "unit-root")
NAME, PATH, LINK = "org.p2s.Manager", "/org/p2s/Manager", "p2sA"
DROP_IN = "/run/systemd/system/p2sd.service.d/test.conf"
PATIENCE = 120  # seconds; the VM is emulated, and the machine may be busy
CAPABILITIES = 1 << 12 | 1 << 38 | 1 << 39  # NET_ADMIN, PERFMON, BPF


def outside():
    if not shutil.which("qemu-system-x86_64"):
        print("SKIP: no qemu-system-x86_64")
        return 77
    shutil.rmtree(ROOT, ignore_errors=True)
    subprocess.check_call(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                           "--destdir", ROOT])
    return subprocess.call([os.path.join(HERE, "run"), "-S", "-t", "900", "-e", "P2S_BUILD",
                            "--", "/usr/bin/python3", __file__])


def sh(command, check=True):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def wait_for(what, timeout=PATIENCE):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"not within {timeout} s; the log ends\n" +
                         sh("journalctl -u p2sd -n 20 --no-pager", check=False))


def install():
    """What an administrator does; a build for /usr/local needs two links more."""
    sh(f"tar -C {ROOT} -c . | tar -C / -x --keep-directory-symlink")
    for part in ("dbus-1/system.d/org.p2s.Manager.conf", "polkit-1/actions/org.p2s.policy"):
        if os.path.exists(f"/usr/local/share/{part}"):
            sh(f"ln -sf /usr/local/share/{part} /usr/share/{part}")
    sh("systemd-sysusers; systemctl daemon-reload")
    sh("busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig")
    make_link()


def make_link():
    sh("ip netns add far; ip link add p2sA type veth peer name p2sB netns far;"
       "ip addr add 192.0.2.1/24 dev p2sA; ip link set p2sA up;"
       "ip -n far addr add 192.0.2.2/24 dev p2sB; ip -n far link set p2sB up")


def drop_in(text):
    os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
    with open(DROP_IN, "w", encoding="utf-8") as f:
        f.write("[Service]\n" + text)
    sh("systemctl daemon-reload")


def kernel_state():
    return [sh(c) for c in (
        "tc -j qdisc show", "tc -j class show dev p2sA", "tc -j filter show dev p2sA ingress",
        "tc -j filter show dev p2sA egress", "ip -j -d link")]


def unit(prop):
    return sh(f"systemctl show p2sd -P {prop}")


def call(member, *args, user=None):
    command = ["busctl", "--json=short", f"--timeout={PATIENCE}",
               "--allow-interactive-authorization=no", "call", NAME, PATH, NAME, member, *args]
    if user:
        command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ok(member, *args):
    done = call(member, *args)
    if done.returncode != 0:
        raise AssertionError(f"{member}: {done.stderr}")
    return json.loads(done.stdout)["data"] if done.stdout.strip() else None


def properties():
    """All but what may differ from one run to the next."""
    out = json.loads(sh(f"busctl --json=short --timeout={PATIENCE} call {NAME} {PATH} "
                        f"org.freedesktop.DBus.Properties GetAll s {NAME}"))["data"][0]
    return {k: v["data"] for k, v in out.items()}


def link():
    rows = [{k: v["data"] for k, v in row.items()} for row in properties()["Links"]]
    return next((r for r in rows if r["Name"] == LINK), {})


def is_shaped():
    return (link().get("Outgoing"), link().get("Incoming")) == ("shaped", "shaped")


def restarted(pid):
    """Another process is the unit's, and ready."""
    return unit("ActiveState") == "active" and unit("MainPID") not in (pid, "0")


def reverts():
    return sh("journalctl -t p2sd --no-pager -o cat").count("--revert: put back what stood on 1 link")


class UnitTest(unittest.TestCase):
    """In the order of the names: one life of the service."""

    @classmethod
    def setUpClass(cls):
        install()
        cls.before = kernel_state()

    def test_1_activated_by_the_bus_and_confined(self):
        self.assertEqual(unit("ActiveState"), "inactive")
        done = sh(f"busctl --timeout={PATIENCE} get-property {NAME} {PATH} {NAME} Version")
        self.assertTrue(done.startswith("s "), done)
        self.assertEqual(unit("ActiveState"), "active")
        self.assertEqual(unit("Type"), "notify")
        pid = unit("MainPID")
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            status = dict(line.strip().split(":\t", 1) for line in f if ":\t" in line)
        uid = sh("id -u p2s")
        self.assertNotEqual(uid, "0")
        self.assertEqual(set(status["Uid"].split()), {uid})
        for which in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[which], 16), CAPABILITIES, which)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertNotEqual(unit("WatchdogUSec"), "infinity")

    def test_2_shapes_with_fq_codel_and_finds_a_call(self):
        ok("SetLink", "stta{sv}", LINK, "10000000", "50000000", "0")
        refused = call("SetMode", "s", "shape", user=65534)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("org.p2s.set-mode needs a password", refused.stderr)
        self.assertEqual(properties()["EffectiveMode"], "off")
        self.assertEqual(kernel_state(), self.before)
        ok("SetMode", "s", "shape")
        self.assertEqual(properties()["Mode"], "shape")
        self.assertTrue(is_shaped(), link())
        self.assertEqual((link()["Aqm"], link()["Degraded"]), ("fq_codel", []))
        kinds = [q["kind"] for q in json.loads(sh("tc -j qdisc show dev p2sA"))]
        self.assertEqual((kinds.count("htb"), kinds.count("clsact")), (1, 1))
        self.assertGreaterEqual(kinds.count("fq_codel"), 3)
        self.the_call_is_found()
        with open("/var/lib/p2s/settings", encoding="utf-8") as f:
            self.assertIn("shape", f.read())
        self.assertEqual(sh("stat -c '%U %a' /var/lib/p2s/settings"), "p2s 600")

    def the_call_is_found(self):
        """… with its process, another user's, which takes CAP_PERFMON to see."""
        ends = [subprocess.Popen(command.split()) for command in (
            f"ip netns exec far {RTPCALL} --listen --local 40002 --seconds 60",
            f"prlimit --memlock=unlimited setpriv --reuid=65534 --clear-groups {RTPCALL} --peer 192.0.2.2:40002 "
            "--local 40000 --seconds 60")]
        try:
            def found():
                return [c for c in ok("GetCalls")[0] if "ProcessId" in c]
            calls = wait_for(found)
            self.assertEqual([c["ProcessId"]["data"] for c in calls], [ends[1].pid])
        finally:
            for end in ends:
                end.kill()
                end.wait()

    def test_2a_speaks_to_the_journal(self):
        mode = json.loads(sh("journalctl -u p2sd -o json -n1 "
                             "MESSAGE_ID=9a325d9c6f6a42fa99a509553f20c4a3"))
        self.assertEqual((mode["P2S_MODE"], mode["P2S_CAUSE"], mode["SYSLOG_IDENTIFIER"],
                          mode["PRIORITY"]), ("shape", "chosen", "p2sd", "5"))
        call_begun = json.loads(sh("journalctl -u p2sd -o json -n1 "
                                   "MESSAGE_ID=89f055e1170c4deda0eb6d5a2fbf9a12"))
        self.assertEqual(call_begun["P2S_LINK"], LINK)
        self.assertNotIn("P2S_CALL_REMOTE_ADDRESS", call_begun)
        # as a package's trigger does
        sh("journalctl --update-catalog")
        self.assertIn("Subject: Another mode is in force", sh("journalctl -u p2sd -x --no-pager"))
        self.assertEqual(sh("systemctl service-log-level p2sd"), "info")
        sh("systemctl service-log-level p2sd debug")
        self.assertEqual(sh("systemctl service-log-level p2sd"), "debug")
        sh("systemctl service-log-level p2sd info")
        self.assertEqual(sh("systemctl service-log-target p2sd"), "journal")
        refused = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "busctl",
                                  "set-property", NAME, "/org/freedesktop/LogControl1",
                                  "org.freedesktop.LogControl1", "LogLevel", "s", "debug"],
                                 capture_output=True, text=True, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(sh("systemctl service-log-level p2sd"), "info")

    def test_2b_sees_what_stands_in_the_way(self):
        """As the confined service it is."""
        def codes():
            return {row["Code"]["data"] for row in ok("Diagnose")[0]}
        before = codes()
        self.assertNotIn("offload-merges", before)
        sh("ethtool -K p2sA rx-gro-list on; ip link add ifb4p2sA type dummy;"
           "ip link set ifb4p2sA up")
        self.assertEqual(codes() - before, {"offload-merges", "foreign-ifb"})
        sh("ethtool -K p2sA rx-gro-list off; ip link del ifb4p2sA")
        self.assertEqual(codes(), before)

    def test_3_killed_and_restarted_with_the_same_state(self):
        before, n = properties(), reverts()
        pid = unit("MainPID")
        sh("systemctl kill -s SIGKILL p2sd")
        wait_for(lambda: restarted(pid))
        # ExecStopPost ran in between, and then everything came back
        self.assertEqual(reverts(), n + 1)
        self.assertTrue(is_shaped(), link())
        after = properties()
        for prop in ("Mode", "EffectiveMode", "Ports", "Dscps"):
            self.assertEqual(after[prop], before[prop])

    def test_4_killed_for_good_and_reverted(self):
        drop_in("Restart=no\n")
        n = reverts()
        sh("systemctl kill -s SIGKILL p2sd")
        wait_for(lambda: unit("ActiveState") == "failed")
        self.assertEqual(kernel_state(), self.before)
        self.assertEqual(reverts(), n + 1)

    def test_5_no_filtered_system_call_is_tried(self):
        """Here each is death, where the unit says EPERM; the same state again."""
        drop_in("SystemCallErrorNumber=\nWatchdogSec=8s\n")
        sh("systemctl reset-failed p2sd; systemctl start p2sd")
        pid = unit("MainPID")
        self.assertTrue(is_shaped(), link())
        ok("SetMode", "s", "off")
        self.assertEqual(kernel_state(), self.before)
        ok("SetMode", "s", "shape")
        self.the_call_is_found()
        ok("AddPorts", "qqss", "5004", "5005", "voice", "lab")
        sh("systemctl reload p2sd")
        wait_for(lambda: "configuration: read again" in sh("journalctl -t p2sd -o cat"))
        ok("GetStats")
        ok("Diagnose")
        self.assertEqual((unit("MainPID"), unit("NRestarts")), (pid, "0"))

    def test_6_a_hung_service_is_restarted(self):
        pid = unit("MainPID")
        n = reverts()
        os.kill(int(pid), 19)
        wait_for(lambda: restarted(pid))
        self.assertIn("Watchdog timeout", sh("journalctl -u p2sd -o cat --no-pager"))
        self.assertEqual(reverts(), n + 1)
        self.assertTrue(is_shaped(), link())

    def test_7_restarted_then_stopped(self):
        shutil.rmtree(os.path.dirname(DROP_IN))
        sh("systemctl daemon-reload; systemctl restart p2sd")
        self.assertTrue(is_shaped(), link())
        sh("systemctl stop p2sd")
        self.assertEqual(unit("Result"), "success")
        self.assertEqual(kernel_state(), self.before)

    def test_8_nothing_to_warn_of(self):
        self.assertEqual(sh("journalctl -t p2sd -p warning -o cat -q --no-pager"), "")
        self.assertIn("ready: mode shape", sh("journalctl -t p2sd -o cat --no-pager"))


if __name__ == "__main__":
    if not os.environ.get("P2S_VM"):
        sys.exit(outside())
    unittest.main(verbosity=2, failfast=True)
