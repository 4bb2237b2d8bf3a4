# SPDX-License-Identifier: GPL-2.0-or-later
"""fuzz-bus on the running daemon: by a user whom polkit refuses, then by root.

The user's calls change nothing; neither's make p2sd end, complain (ASan, UBSan, where it
is built with them), leak or grow.  P2S_CALLS and P2S_SECONDS bound each half.
"""
import glob
import json
import os
import re
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "dbus"))
import private_bus
from private_bus import sh, wait_for

BUILD = os.environ.get("P2S_BUILD", os.path.join(private_bus.SOURCE, "build"))
FUZZ = os.path.join(BUILD, "tests", "fuzz", "fuzz-bus")
CALLS = int(os.environ.get("P2S_CALLS", "6000"))
SECONDS = int(os.environ.get("P2S_SECONDS", "7"))
SEED = int(os.environ.get("P2S_SEED", time.time_ns() & 0xffffffff))
SANITIZED = "P2S_SANITIZED" in os.environ
WARM_UP = 5000  # calls after which memory is as large as it gets
MAN = 6
RULES = """polkit.addRule(function(action, subject) {
    if (action.id.indexOf("org.p2s.") == 0) return polkit.Result.NO;
});
"""


def kernel_state():
    return [sh(c) for c in (
        "tc -j qdisc show", "tc -j class show dev p2sA", "tc -j filter show dev p2sA ingress",
        "tc -j filter show dev p2sA egress", "ip -j -d link")]


class TargetsTest(unittest.TestCase):
    def test_no_member_is_left_out(self):
        xml = ET.parse(os.path.join(private_bus.SOURCE, "data/dbus/org.p2s.Manager.xml"))
        with open(os.path.join(private_bus.SOURCE, "tests/fuzz/fuzz-bus.c"), encoding="utf-8") as f:
            targets = dict(re.findall(r'\{NAME, "(\w+)", "([^"]*)"\}', f.read()))
        for member in xml.iter("method"):
            takes = "".join(a.get("type") for a in member.iter("arg") if a.get("direction") == "in")
            self.assertEqual(targets.get(member.get("name")), takes, member.get("name"))


class FuzzBusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(rules=RULES)
        cls.addClassCleanup(cls.bus.close)
        sh("ip link add p2sA type veth peer name p2sB; ip link set p2sA up; ip link set p2sB up")
        cls.reports = os.path.join(cls.bus.dir, "reports")
        os.mkdir(cls.reports)
        for which in ("ASAN", "UBSAN"):
            cls.bus.environ[which + "_OPTIONS"] = \
                f"log_path={cls.reports}/{which}:print_stacktrace=1:halt_on_error=1"

    def setUp(self):
        self.untouched = kernel_state()
        self.bus.start_daemon("--log-level", "err")

    def tearDown(self):
        if self.bus.daemon:
            status = self.bus.stop_daemon()
            for report in glob.glob(self.reports + "/*"):
                with open(report, encoding="utf-8") as f:
                    print(f.read())
                self.fail(report)
            self.assertEqual(status, 0)
        self.assertEqual(kernel_state(), self.untouched)

    def state(self):
        out = []
        for interface in ("org.p2s.Manager", "org.freedesktop.LogControl1"):
            path = "/org/p2s/Manager" if interface == "org.p2s.Manager" else \
                "/org/freedesktop/LogControl1"
            done = self.bus.run(["busctl", "--json=short", "call", "org.p2s.Manager", path,
                                 "org.freedesktop.DBus.Properties", "GetAll", "s", interface])
            self.assertEqual(done.returncode, 0, done.stderr)
            out.append(json.loads(done.stdout))
        stats = json.loads(self.bus.call("GetStats").stdout)["data"][0]
        return out, stats["SinceUsec"]

    def rss_kib(self):
        with open(f"/proc/{self.bus.daemon.pid}/status", encoding="utf-8") as f:
            return int(next(l for l in f if l.startswith("VmRSS")).split()[1])

    def fuzz(self, calls, seconds, uid):
        command = [FUZZ, str(calls), str(seconds), str(SEED + uid), str(uid)]
        done = subprocess.run(command, env=self.bus.environ, capture_output=True, text=True,
                              timeout=seconds + 90, check=False)
        print(done.stdout.strip(), f"rss_kib: {self.rss_kib()}", flush=True)
        self.assertIsNone(self.bus.daemon.poll())
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertGreater(figures["answers"], 0)
        return figures

    def test_1_a_user_whom_polkit_refuses(self):
        self.bus.call("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.bus.call("SetMode", "s", "monitor")
        before, kernel = self.state(), kernel_state()
        self.fuzz(CALLS, SECONDS, MAN)
        # its subscriptions end with it; what it asked polkit is forgotten
        wait_for(lambda: self.state() == before)
        self.assertEqual(kernel_state(), kernel)

    def test_2_root(self):
        if SANITIZED:  # which finds leaks itself, and keeps what was freed
            self.fuzz(CALLS, SECONDS, 0)
        else:
            self.fuzz(max(WARM_UP, CALLS // 10), SECONDS, 0)
            early = self.rss_kib()
            self.fuzz(CALLS, SECONDS, 0)
            self.assertLess(self.rss_kib() - early, 2048)
        # holds have gone with their connections; what is left is a state like any other
        wait_for(lambda: not self.state()[0][0]["data"][0]["Holds"]["data"])
        kept = self.state()[0][0]
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertEqual(kernel_state(), self.untouched)
        self.bus.start_daemon("--log-level", "err")
        again = self.state()[0][0]
        for prop in ("Mode", "Ports", "Dscps"):
            self.assertEqual(again["data"][0][prop], kept["data"][0][prop])
        self.assertFalse(os.path.exists(self.bus.dir + "/state/settings.bad"))
        self.bus.call("SetMode", "s", "off")


if __name__ == "__main__":
    private_bus.enter_namespaces()
    print(f"P2S_SEED={SEED}", flush=True)
    unittest.main(verbosity=2)
