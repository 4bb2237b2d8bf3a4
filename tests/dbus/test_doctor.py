#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl doctor: its words for each finding of a scripted service, what it finds out by
itself of systemd and polkit, and the whole way from a made-up kernel."""

import json
import os
import re
import subprocess
import unittest

from scripted_service import HERE, P2SCTL, XML, Case, Gio, Terminal, asv, main, v, wait_for

SOURCE = os.path.join(HERE, "..", "..")
NOBODY = 65534

SYSTEMD = """<node><interface name="org.freedesktop.systemd1.Manager">
<method name="ListUnitsByPatterns"><arg type="as" direction="in"/><arg type="as" direction="in"/>
<arg type="a(ssssssouso)" direction="out"/></method></interface></node>"""
POLKIT = """<node><interface name="org.freedesktop.PolicyKit1.Authority">
<method name="CheckAuthorization"><arg type="(sa{sv})" direction="in"/>
<arg type="s" direction="in"/><arg type="a{ss}" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="(bba{ss})" direction="out"/></method>
</interface></node>"""


def codes_of_the_contract():
    """The codes in the comment of Diagnose."""
    with open(XML, encoding="utf-8") as f:
        comment = re.search(r"<!-- Diagnose:(.*?)-->", f.read(), re.S)[1]
    return set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', comment))


def finding(code, severity="warning", link="auto", **more):
    f = asv(Code=("s", code), Severity=("s", severity))
    if link:
        f.update(asv(Link=("s", link), Interface=("s", "eth0")))
    f.update(asv(**more))
    return f


class Doctor(Case):
    def find(self, *findings):
        self.service.replies["Diagnose"] = v("(aa{sv})", (list(findings),))

    def doctor(self, *arguments, status=0, uid=None):
        """What it prints: also where it exits with 1 for what it has found."""
        command = [P2SCTL, "doctor", *arguments]
        if uid:
            os.chmod(self.bus.directory, 0o755)
            command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
        done = subprocess.run(command, env=self.environment(), timeout=30, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return done.stdout

    def own(self, name, path, xml, reply):
        """A scripted service on the bus; arguments of its calls go to self.asked."""
        self.asked = []
        connection = Gio.DBusConnection.new_for_address_sync(
            self.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

        def on_call(connection, sender, path, interface, member, parameters, invocation):
            self.asked.append(parameters.unpack())
            invocation.return_value(reply)

        connection.register_object(path, Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0],
                                   on_call, None, None)
        connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "RequestName", v("(su)", (name, 4)), None, 0,
                             -1, None)
        self.addCleanup(connection.close_sync)

    def test_nothing(self):
        self.find()
        self.assertEqual(self.doctor(), "Nothing stands in the way of clear calls.\n")
        self.assertEqual(json.loads(self.doctor("--json")), [])
        # nobody is asked for a password
        self.assertEqual({(m, ask) for m, _, ask in self.changes()}, {("Diagnose", False)})

    def test_a_note_is_no_failure(self):
        self.find(finding("mode-off", "note", link=None))
        self.assertEqual(self.doctor(), "note: p2sd is off: calls are not looked after\n"
                                        "  'p2sctl mode shape' turns it on.\n")
        self.find(finding("link-down", "note"), finding("wifi-power-save"))
        self.doctor(status=1)
        self.find(finding("link-failed", "error", Reason=("s", "no room")))
        self.assertIn("error: auto: the kernel refused a change: no room", self.doctor(status=1))

    def test_numbers_and_names(self):
        self.find(finding("rate-above-speed", Direction=("s", "outgoing"),
                          RateBps=("t", 2 * 10**9), SpeedBps=("t", 10**9)),
                  finding("bottleneck-elsewhere", JitterUsec=("t", 41500), LostPackets=("t", 12),
                          BitrateBps=("t", 3 * 10**6)),
                  finding("foreign-qdisc", Qdisc=("s", "tbf"), Owner=("s", "")),
                  finding("offload-bypasses", Feature=("s", "hw-tc-offload")))
        out = self.doctor(status=1)
        for words in ("the outgoing rate of 2 Gbit/s is more than the interface itself has, 1 Gbit/s",
                      "'p2sctl link auto --uplink RATE'", "41.5 ms of jitter and 12 packets lost",
                      "another program has put the qdisc tbf there",
                      "'ethtool -K eth0 hw-tc-offload off'"):
            self.assertIn(words, out)

    def test_kernel_names_module_and_package(self):
        self.find(finding("kernel-lacks", link=None, Feature=("s", "htb"),
                          Module=("s", "sch_none"), Option=("s", "CONFIG_NET_SCH_NONE")))
        out = self.doctor(status=1)
        self.assertIn("warning: this kernel has no htb\n", out)
        self.assertRegex(out, r"sch_none.*(package|CONFIG_NET_SCH_NONE)")

    def test_every_code_has_words(self):
        codes = codes_of_the_contract()
        self.assertGreater(len(codes), 15)
        with open(os.path.join(SOURCE, "daemon", "diagnosis.c"), encoding="utf-8") as f:
            made = set(re.findall(r'"([a-z]+(?:-[a-z0-9]+)+)"', f.read()))
        owners = {"systemd-networkd", "sqm-scripts"}
        self.assertEqual(made - owners, codes)
        for code in codes:
            self.find(finding(code))
            row, = json.loads(self.doctor("--json", status=1))
            self.assertNotEqual(row["Text"], code)
            self.assertTrue(row["Advice"], code)
            self.assertNotRegex(row["Text"] + row["Advice"], r"[{}]", code)

    def test_colours_on_a_terminal_alone(self):
        self.find(finding("wifi-power-save"), finding("link-failed", "error", Reason=("s", "x")))
        self.assertNotIn("\x1b", self.doctor(status=1))
        for env, colour in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            terminal = Terminal(["doctor"], self.environment(**env))
            self.assertEqual(terminal.end(), 1)
            self.assertEqual("\x1b[31merror\x1b[0m" in terminal.text, colour, env)
            self.assertEqual("\x1b[33mwarning\x1b[0m" in terminal.text, colour, env)

    def test_a_newer_service(self):
        self.find(finding("moon-full", "grave", link="x\x1b[31m"), {})
        out = self.doctor(status=1)
        self.assertIn("moon-full", out)
        self.assertNotIn("\x1b", out)

    def test_an_older_service(self):
        self.service.replies["Diagnose"] = ("org.freedesktop.DBus.Error.UnknownMethod", "no")
        self.assertIn("another version", self.ctl("doctor", status=1))
        self.service.vanish()
        self.ctl("doctor", status=3)

    def test_services_of_other_shapers(self):
        self.find()
        unit = ("wondershaper.service", "Shape", "loaded", "active", "exited", "",
                "/org/freedesktop/systemd1/unit/x", 0, "", "/")
        self.own("org.freedesktop.systemd1", "/org/freedesktop/systemd1", SYSTEMD,
                 v("(a(ssssssouso))", ([unit, ("sqm@eth0.service", *unit[1:])],)))
        out = self.doctor(status=1)
        self.assertIn("wondershaper.service is running", out)
        self.assertIn("systemctl disable --now sqm@eth0.service", out)
        states, patterns = self.asked[0]
        self.assertIn("active", states)
        self.assertIn("wondershaper*.service", patterns)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_polkit(self):
        self.find()
        # root needs none
        self.doctor()
        self.assertIn("polkit is not there", self.doctor(status=1, uid=NOBODY))
        path = "/org/freedesktop/PolicyKit1/Authority"
        self.own("org.freedesktop.PolicyKit1", path, POLKIT,
                 v("((bba{ss}))", ((False, True, {}),)))
        row, = json.loads(self.doctor("--json", status=1, uid=NOBODY))
        self.assertEqual(row["Code"], "agent-absent")
        (subject, action, details, flags, cookie), = self.asked
        self.assertEqual((subject[0], action, flags), ("system-bus-name", "org.p2s.configure", 0))

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_polkit_that_allows_or_refuses_asks_nobody(self):
        self.find()
        for authorized in (True, False):
            self.own("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                     POLKIT, v("((bba{ss}))", ((authorized, False, {}),)))
            self.doctor(uid=NOBODY)
            self.doCleanups_of_the_name()

    def doCleanups_of_the_name(self):
        function, args, kwargs = self._cleanups.pop()
        function(*args, **kwargs)


class TheWholeWay(Case):
    def test_from_a_made_up_kernel(self):
        self.service.vanish()
        p2sd = os.environ.get("P2SD")
        if not p2sd:
            self.skipTest("P2SD names no binary")
        for d in ("state", "run"):
            os.mkdir(os.path.join(self.bus.directory, d))
        daemon = subprocess.Popen(
            [p2sd, "--fake", "--config", "/dev/null"],
            env=self.environment(P2S_FAKE="eth0 no-fq_codel sleepy:wlan0 busy:eth2 rival:eth3 "
                                          "offload:eth4 queues:eth5",
                                 STATE_DIRECTORY=self.bus.directory + "/state",
                                 RUNTIME_DIRECTORY=self.bus.directory + "/run"),
            stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)

        def ctl(*arguments):
            return subprocess.run([P2SCTL, *arguments], env=self.environment(), timeout=30,
                                  capture_output=True, text=True)

        wait_for(lambda: ctl("mode").returncode == 0)
        for link in ("wlan0", "eth3", "eth4", "eth5"):
            self.assertEqual(ctl("link", link, "--uplink", "10M", "--downlink", "2G").returncode, 0)
        ctl("link", "eth0", "--uplink", "10M")
        ctl("mode", "shape")
        rows = json.loads(ctl("doctor", "--json").stdout)
        found = {(r["Code"], r.get("Interface")) for r in rows}
        self.assertEqual(found, {
            ("kernel-lacks", None), ("wifi-power-save", "wlan0"), ("foreign-ifb", "eth3"),
            ("offload-bypasses", "eth4"), ("rate-unknown", "eth0"),
            ("rate-above-speed", "wlan0"), ("rate-above-speed", "eth3"),
            ("rate-above-speed", "eth4"), ("rate-above-speed", "eth5"), ("one-queue", "eth5")})
        self.assertIn("2 Gbit/s is shaped by one queue, in place of the 8", ctl("doctor").stdout)
        self.assertIn("\nNote:        one queue\n", ctl("link", "eth5").stdout)
        self.assertNotIn("Note:", ctl("link", "eth4").stdout)
        ctl("mode", "off")
        self.assertIn(("foreign-qdisc", "eth3"), {
            (r["Code"], r.get("Interface"))
            for r in json.loads(ctl("doctor", "--json").stdout)})


if __name__ == "__main__":
    main()
