# SPDX-License-Identifier: GPL-2.0-or-later
"""The running daemon against its contract: members, errors, authority.

The kernel is the real one, in a network namespace of the test's own.
"""
import json
import os
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ET

import private_bus
from private_bus import NOBODY, SOURCE, wait_for

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"


def sh(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def kernel_state():
    """What tc and ip see of everything."""
    return [sh("tc -j qdisc show"), sh("tc -j class show dev p2sA"),
            sh("tc -j filter show dev p2sA ingress"), sh("tc -j filter show dev p2sA egress"),
            sh("ip -j -d link")]


class ManagerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus()
        sh("ip link add p2sA type veth peer name p2sB")
        sh("ip link set p2sA up; ip link set p2sB up")
        sh("ip addr add 192.0.2.1/24 dev p2sA")

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()

    def setUp(self):
        self.before = kernel_state()
        self.bus.start_daemon()

    def tearDown(self):
        if self.bus.daemon:
            self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertEqual(kernel_state(), self.before)
        sh(f"rm -rf {self.bus.dir}/state/* {self.bus.dir}/run/*")

    def ok(self, *args, **kw):
        done = self.bus.call(*args, **kw)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["data"] if done.stdout.strip() else None

    def error(self, name, *args, **kw):
        """The call fails with this error, whatever else."""
        state = self.properties()
        done = self.bus.call(*args, **kw)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.error_name(*args, uid=kw.get("uid", 0)), name)
        self.assertEqual(self.properties(), state)

    def error_name(self, member, signature="", *args, uid=0):
        """busctl prints the message alone; gdbus has the name."""
        values = []
        rest = list(args)
        for c in signature.replace("a{sv}", "d"):
            if c == "d":
                key = rest[1] if rest[0] else None
                values.append("{'%s': <true>}" % key if key else "{}")
            else:
                value = rest.pop(0)
                values.append(f"'{value}'" if c == "s" else str(value))
        done = self.bus.run(["gdbus", "call", "--system", "--dest", NAME, "--object-path", PATH,
                             "--method", f"{NAME}.{member}", "--", *values], uid)
        return done.stderr.removeprefix("Error: GDBus.Error:").split(": ")[0]

    def properties(self):
        return self.bus.properties()

    def link(self, name="p2sA"):
        for row in self.properties()["Links"]:
            if row["Name"]["data"] == name:
                return {k: v["data"] for k, v in row.items()}
        return None

    # -- the contract --

    def test_introspection_is_the_xml(self):
        def members(xml):
            out = {}
            for i in ET.fromstring(xml).iter("interface"):
                if i.get("name") != NAME:
                    continue
                for e in i:
                    if e.tag not in ("method", "signal", "property"):
                        continue
                    args = [(a.get("name"), a.get("type"), a.get("direction") or "out")
                            for a in e.iter("arg")]
                    changes = [a.get("value") for a in e.iter("annotation")
                               if a.get("name").endswith("EmitsChangedSignal")]
                    out[e.tag, e.get("name")] = (args, e.get("type"), e.get("access"),
                                                 (changes or ["true"])[0])
            return out
        with open(os.path.join(SOURCE, "data/dbus/org.p2s.Manager.xml"), encoding="utf-8") as f:
            wanted = members(f.read())
        done = self.bus.run(["busctl", "--json=short", "call", NAME, PATH,
                             "org.freedesktop.DBus.Introspectable", "Introspect"])
        running = members(json.loads(done.stdout)["data"][0])
        self.assertGreater(len(wanted), 20)
        self.assertEqual(running, wanted)

    # -- modes --

    def test_modes_there_and_back(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        for mode, out in (("monitor", "measured"), ("mark", "marked"), ("shape", "shaped"),
                          ("mark", "marked"), ("shape", "shaped"), ("monitor", "measured")):
            self.ok("SetMode", "s", mode)
            p = self.properties()
            self.assertEqual((p["Mode"], p["EffectiveMode"]), (mode, mode))
            link = self.link()
            self.assertEqual((link["State"], link["Outgoing"], link["Incoming"]),
                             ("active", out, out))
            htb = [q for q in json.loads(sh("tc -j qdisc show dev p2sA")) if q["kind"] == "htb"]
            self.assertEqual(len(htb), 1 if mode == "shape" else 0)
        self.ok("SetMode", "s", "off")
        self.assertEqual(kernel_state(), self.before)

    def test_unknown_rate_is_marked_and_said(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 0, 0)
        self.ok("SetMode", "s", "shape")
        link = self.link()
        self.assertEqual((link["Outgoing"], link["Incoming"]), ("shaped", "marked"))
        self.assertNotIn("Ifb", link)

    def test_choice_comes_back_after_a_restart(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.ok("AddPorts", "qqss", 5004, 5005, "voice", "lab")
        self.ok("SetMode", "s", "shape")
        chosen = self.properties()
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertEqual(kernel_state(), self.before)
        self.bus.start_daemon()
        again = self.properties()
        for p in ("Mode", "EffectiveMode", "Ports"):
            self.assertEqual(again[p], chosen[p])
        self.assertEqual(self.link()["Outgoing"], "shaped")

    def test_killed_restarted_and_off(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.ok("SetMode", "s", "shape")
        def standing():
            """Without fq_codel's own classes: one a flow that has a packet just now."""
            qdiscs, classes, *_, links = kernel_state()
            return qdiscs, [c for c in classes.splitlines() if "fq_codel" not in c], links

        time.sleep(0.8)  # the rates are halved at first
        shaped = standing()
        self.bus.stop_daemon(signal.SIGKILL)
        self.assertEqual(standing(), shaped)
        self.bus.start_daemon()
        self.assertEqual(self.link()["Outgoing"], "shaped")
        time.sleep(0.8)
        # adopted, not built again: the same IFB, the same classes
        self.assertEqual(standing(), shaped)
        self.ok("SetMode", "s", "off")
        self.assertEqual(kernel_state(), self.before)

    def test_revert_after_a_kill(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.ok("SetMode", "s", "shape")
        self.bus.stop_daemon(signal.SIGKILL)
        subprocess.check_call([private_bus.P2SD, "--revert"], env=self.bus.environ)
        self.assertEqual(kernel_state(), self.before)

    # -- other people's things --

    def test_foreign_filters_and_qdiscs_survive(self):
        """Filters before and behind ours, and what this kernel has of these qdiscs:
        tests/kernel/test-restore.c has every kind."""
        sh("tc qdisc add dev p2sB clsact")
        for way in ("ingress", "egress"):
            for prio in (7, 65000):
                sh(f"tc filter add dev p2sB {way} prio {prio} protocol all u32 match u32 0 0")
        tried = 0
        try:
            self.ok("SetLink", "stta{sv}", "p2sB", 10000000, 50000000, 0)
            for root in ("tbf rate 77mbit burst 9k limit 60k",
                         "fq_codel limit 300 flows 64 target 7ms interval 90ms noecn",
                         "cake bandwidth 20mbit besteffort overhead 18 wash"):
                if subprocess.call(f"tc qdisc replace dev p2sB root handle 8044: {root}",
                                   shell=True, stderr=subprocess.DEVNULL) == 0:
                    for end in ("off", "term", "kill"):
                        with self.subTest(root=root, end=end):
                            self.shape_and_end(end)
                            tried += 1
        finally:
            self.bus.call("UnsetLink", "s", "p2sB")
            sh("tc qdisc del dev p2sB root; tc qdisc del dev p2sB clsact")
        self.assertGreaterEqual(tried, 3)

    def shape_and_end(self, end):
        show = ("tc -j qdisc show dev p2sB; tc -j class show dev p2sB;"
                "tc -j filter show dev p2sB ingress; tc -j filter show dev p2sB egress;"
                "ip -j -d link show dev p2sB")
        before, filters = sh(show), len(json.loads(sh("tc -j filter show dev p2sB ingress")))
        self.ok("SetMode", "s", "shape")
        self.assertIn("htb", [q["kind"] for q in json.loads(sh("tc -j qdisc show dev p2sB"))])
        for way in ("ingress", "egress"):
            shown = sh(f"tc -j filter show dev p2sB {way}")
            self.assertGreater(len(json.loads(shown)), filters)
            self.assertIn('"pref":7', shown)
            self.assertIn('"pref":65000', shown)
        if end == "term":
            self.assertEqual(self.bus.stop_daemon(), 0)
            self.assertEqual(sh(show), before)
            self.bus.start_daemon()
        elif end == "kill":
            self.bus.stop_daemon(signal.SIGKILL)
            self.bus.start_daemon()
        self.ok("SetMode", "s", "off")
        self.assertEqual(sh(show), before)

    # -- bad input --

    def test_bad_input_is_named_and_changes_nothing(self):
        e = "org.p2s.Error."
        self.error(e + "InvalidMode", "SetMode", "s", "turbo")
        self.error(e + "InvalidMode", "SetMode", "s", "")
        self.error(e + "InvalidPorts", "AddPorts", "qqss", 0, 5, "voice", "")
        self.error(e + "InvalidPorts", "AddPorts", "qqss", 6, 5, "voice", "")
        self.error(e + "InvalidPorts", "AddPorts", "qqss", 5, 6, "loud", "")
        self.error(e + "InvalidPorts", "AddPorts", "qqss", 5, 6, "voice", "x" * 65)
        self.error(e + "InvalidPorts", "RemovePorts", "qq", 0, 5)
        self.error(e + "NoSuchLink", "SetLink", "stta{sv}", "nosuch0", 0, 0, 0)
        self.error(e + "InvalidLink", "SetLink", "stta{sv}", "x" * 16, 0, 0, 0)
        self.error(e + "InvalidLink", "SetLink", "stta{sv}", "", 0, 0, 0)
        self.error(e + "InvalidLink", "SetLink", "stta{sv}", "a/b", 0, 0, 0)
        self.error(e + "InvalidRate", "SetLink", "stta{sv}", "p2sA", 1, 0, 0)
        self.error(e + "InvalidRate", "SetLink", "stta{sv}", "p2sA", 0, 1 << 63, 0)
        self.error(e + "InvalidOption", "SetLink", "stta{sv}", "p2sA", 0, 0, 1, "turbo", "b", "true")
        self.error(e + "NoSuchLink", "UnsetLink", "s", "nosuch0")
        self.error(e + "InvalidHold", "ReleaseHold", "u", 7)

    def test_no_line_of_configuration_through_a_name_or_label(self):
        lines = "\n[service]\nmode = shape\n[link p2sB]\nuplink = 1M\n"
        for name in ("p2sA" + lines, "p2sA\n", "p2sA]", "[x]", "a b", "a#b", "a=b", "\x1b[2J"):
            done = self.bus.call("SetLink", "stta{sv}", name[:40], 0, 0, 0)
            self.assertNotEqual(done.returncode, 0, name)
        self.assertNotEqual(self.bus.call("AddPorts", "qqss", 1, 2, "voice", "a" + lines[:50])
                            .returncode, 0)
        labels = ['"', "\\", '\\"', '" = 1 ]', "a # b ; c", "voice 1-65535", "[service] mode=shape",
                  " = ", "%s%n"]
        for i, label in enumerate(labels):
            self.ok("AddPorts", "qqss", 100 + 2 * i, 100 + 2 * i, "video", label)
        chosen = self.properties()
        self.assertEqual([row[3] for row in chosen["Ports"] if 100 <= row[0] < 200], labels)
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.bus.start_daemon()
        again = self.properties()
        for p in ("Mode", "Ports", "Dscps", "Links"):
            self.assertEqual(again[p], chosen[p])
        self.assertEqual(os.listdir(os.path.join(self.bus.dir, "state")), ["settings"])

    def test_garbage_bodies(self):
        for member in ("SetMode", "AddPorts", "SetLink", "SetDscps", "SetPorts", "Subscribe",
                       "GetHistory", "HoldMode", "ReleaseHold"):
            for signature, args in (("", ()), ("ay", (3, 1, 2, 3)), ("v", ("s", "x")),
                                    ("sssss", "abcde")):
                done = self.bus.call(member, signature, *args)
                self.assertNotEqual(done.returncode, 0, member)
        self.assertEqual(self.properties()["Mode"], "off")

    def test_ports_split_join_and_reclass(self):
        self.ok("AddPorts", "qqss", 100, 200, "voice", "a")
        self.ok("RemovePorts", "qq", 150, 160)
        self.assertEqual(self.properties()["Ports"],
                         [[100, 149, "voice", "a"], [161, 200, "voice", "a"]])
        self.ok("AddPorts", "qqss", 150, 160, "voice", "a")
        self.ok("AddPorts", "qqss", 190, 210, "video", "")
        self.assertEqual(self.properties()["Ports"],
                         [[100, 189, "voice", "a"], [190, 210, "video", ""]])
        self.ok("SetPorts", "a(qqss)", 0)
        self.assertEqual(self.properties()["Ports"], [])

    def test_dscps(self):
        self.assertIn([46, "voice"], self.properties()["Dscps"])
        self.ok("SetDscps", "a(ys)", 1, 46, "video")
        self.assertEqual(self.properties()["Dscps"], [[46, "video"]])
        for body in ((64, "voice"), (46, "loud")):
            self.assertNotEqual(self.bus.call("SetDscps", "a(ys)", 1, *body).returncode, 0)
        self.assertNotEqual(
            self.bus.call("SetDscps", "a(ys)", 2, 46, "voice", 46, "video").returncode, 0)
        self.assertEqual(self.properties()["Dscps"], [[46, "video"]])

    # -- authority --

    def test_a_stranger_may_read_and_not_change(self):
        self.ok("GetStats", uid=NOBODY)
        self.ok("GetHistory", "st", "", 0, uid=NOBODY)
        required = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
        for member, signature, args in (
                ("SetMode", "s", ("monitor",)),
                ("AddPorts", "qqss", (1, 2, "voice", "")),
                ("SetLink", "stta{sv}", ("p2sA", 0, 0, 0)),
                ("GetCalls", "", ()),
                ("Reload", "", ()),
                ("ResetStats", "", ())):
            self.error(required, member, signature, *args, uid=NOBODY)

    # -- samples --

    def test_samples_reach_subscribers_alone(self):
        self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.ok("SetMode", "s", "monitor")
        script = (
            "import sys, time\n"
            "from gi.repository import Gio, GLib\n"
            "b = Gio.bus_get_sync(Gio.BusType.SYSTEM)\n"
            "rows = []\n"
            f"b.signal_subscribe('{NAME}', '{NAME}', 'Sample', None, None, 0,"
            " lambda *a: rows.append(a[5].unpack()))\n"
            "if sys.argv[1] == 'yes':\n"
            f"    g = b.call_sync('{NAME}', '{PATH}', '{NAME}', 'Subscribe',"
            " GLib.Variant('(t)', (1,)), None, 0, -1).unpack()[0]\n"
            "    assert g == 100000, g\n"
            "loop = GLib.MainLoop()\n"
            "GLib.timeout_add(1250, loop.quit)\n"
            "loop.run()\n"
            "print(len(rows), *rows[:1])\n")
        done = [subprocess.run(["/usr/bin/python3", "-c", script, who], env=self.bus.environ,
                               capture_output=True, text=True, check=True).stdout.split(" ", 1)
                for who in ("yes", "no")]
        # a loaded machine may delay some
        self.assertGreaterEqual(int(done[0][0]), 5)
        self.assertLessEqual(int(done[0][0]), 13)
        self.assertEqual(int(done[1][0]), 0)
        link, _, interval, mode, calls, out, inc = eval(done[0][1])
        self.assertEqual((link, mode, calls, len(out), len(inc)), ("p2sA", "monitor", 0, 3, 3))
        self.assertGreater(interval, 40000)
        wait_for(lambda: len(self.ok("GetHistory", "st", "", 0)[0]) >= 2)

    def test_a_busy_link_is_refused_and_left_alone(self):
        sh("tc qdisc add dev p2sB root handle 77: htb default 1;"
           "tc class add dev p2sB parent 77: classid 77:1 htb rate 5mbit")
        classes = sh("tc -j class show dev p2sB")
        try:
            for mode in ("off", "mark", "shape"):
                self.ok("SetMode", "s", mode)
                self.error("org.p2s.Error.LinkBusy", "SetLink", "stta{sv}", "p2sB", 10000000, 0, 0)
            self.assertEqual(sh("tc -j class show dev p2sB"), classes)
        finally:
            sh("tc qdisc del dev p2sB root")

    def test_a_link_that_vanishes_and_returns(self):
        sh("ip link add p2sC type veth peer name p2sD; ip link set p2sC up; ip link set p2sD up")
        self.ok("SetLink", "stta{sv}", "p2sC", 10000000, 50000000, 0)
        self.ok("SetMode", "s", "shape")
        self.assertEqual(self.link("p2sC")["Outgoing"], "shaped")
        sh("ip link del p2sC")
        wait_for(lambda: self.link("p2sC")["State"] == "absent")
        wait_for(lambda: "ifb" not in sh("ip -j -d link"))
        sh("ip link add p2sC type veth peer name p2sD; ip link set p2sC up; ip link set p2sD up")
        wait_for(lambda: self.link("p2sC")["State"] == "active")
        wait_for(lambda: self.link("p2sC")["Outgoing"] == "shaped")
        self.ok("SetMode", "s", "off")
        time.sleep(0.1)
        sh("ip link del p2sC")


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
