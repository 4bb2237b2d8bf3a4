#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl against a scripted service: what it sends, and what it says when things go
wrong."""

import signal
import subprocess

from scripted_service import Case, ETH0, main, P2SCTL, v


class Changing(Case):
    def test_mode(self):
        self.assertEqual(self.ctl("mode", "shape"), "")
        self.assertEqual(self.changes(), [("SetMode", ("shape",), True)])
        self.ctl("--no-ask-password", "mode", "off")
        self.assertEqual(self.changes(), [("SetMode", ("off",), False)])
        # Which modes there are is the service's to say.
        self.ctl("mode", "turbo")
        self.assertEqual(self.changes(), [("SetMode", ("turbo",), True)])

    def test_link_keeps_what_is_not_named(self):
        self.ctl("link", "eth0", "--uplink", "10M")
        self.assertEqual(self.changes(), [("SetLink", ("eth0", 10000000, 47500000, {}), True)])
        self.ctl("link", "eth0", "--downlink", "unknown", "--trust-incoming-dscp", "yes")
        self.assertEqual(self.changes(), [("SetLink", ("eth0", 9500000, 0,
                                                       {"trust-incoming-dscp": True}), True)])
        self.ctl("link", "wlan0", "--trust-incoming-dscp=no")
        self.assertEqual(self.changes(), [("SetLink", ("wlan0", 0, 0,
                                                       {"trust-incoming-dscp": False}), True)])
        # Where the service tells what is trusted, that is kept too.
        self.service.properties["Links"] = v(
            "aa{sv}", [dict(ETH0, TrustIncomingDscp=v("b", True), UseXdp=v("s", "off"))])
        self.ctl("link", "eth0", "--uplink", "9.5Mbit")
        self.assertEqual(self.changes(), [("SetLink", ("eth0", 9500000, 47500000,
                                                       {"trust-incoming-dscp": True,
                                                        "xdp": "off"}), True)])
        self.ctl("link", "eth0", "--xdp", "auto")
        self.assertEqual(self.changes(), [("SetLink", ("eth0", 9500000, 47500000,
                                                       {"trust-incoming-dscp": True,
                                                        "xdp": "auto"}), True)])
        self.ctl("link", "eth0", "--remove")
        self.assertEqual(self.changes(), [("UnsetLink", ("eth0",), True)])

    def test_ports(self):
        self.ctl("ports", "add", "3478-3481", "voice", "Teams")
        self.ctl("ports", "add", "5060", "video")
        self.ctl("ports", "remove", "1-65535")
        self.assertEqual(self.changes(), [("AddPorts", (3478, 3481, "voice", "Teams"), True),
                                          ("AddPorts", (5060, 5060, "video", ""), True),
                                          ("RemovePorts", (1, 65535), True)])

    def test_dscp(self):
        self.ctl("dscp", "set", "46=voice", "AF41=video", "0x20=general")
        self.ctl("dscp", "set", "none")
        self.assertEqual(self.changes(), [
            ("SetDscps", ([(46, "voice"), (34, "video"), (32, "general")],), True),
            ("SetDscps", ([],), True)])

    def test_service(self):
        self.ctl("reset")
        self.ctl("reload")
        self.assertEqual(self.changes(), [("ResetStats", (), True), ("Reload", (), True)])


class Run(Case):
    def setUp(self):
        super().setUp()
        self.service.replies["HoldMode"] = v("(u)", (7,))

    def test_holds_while_the_program_runs(self):
        self.assertEqual(self.ctl("run", "--mode", "mark", "--", "echo", "--json", "hi"),
                         "--json hi\n")
        self.assertEqual(self.changes(), [("HoldMode", ("mark", "echo", "p2sctl run"), True)])
        self.assertEqual(self.ctl("run", "/bin/echo", "--mode", "x"), "--mode x\n")
        self.assertEqual(self.changes(), [("HoldMode", ("shape", "echo", "p2sctl run"), True)])

    def test_exit_status_is_the_program_s(self):
        for status in (0, 1, 3, 42, 255):
            done = subprocess.run([P2SCTL, "run", "sh", "-c", f"exit {status}"],
                                  env=self.environment(), timeout=30, check=False)
            self.assertEqual(done.returncode, status)
        done = subprocess.run([P2SCTL, "run", "sh", "-c", "kill -USR1 $$"],
                              env=self.environment(), timeout=30, check=False)
        self.assertEqual(done.returncode, 128 + signal.SIGUSR1)
        self.assertIn("No such file", self.ctl("run", "/nowhere/program", status=127))
        self.assertIn("Permission denied", self.ctl("run", "/etc/passwd", status=126))

    def test_without_a_hold_nothing_runs(self):
        self.service.replies["HoldMode"] = ("org.freedesktop.DBus.Error.AccessDenied", "no")
        self.ctl("run", "--", "sh", "-c", "echo ran", status=4)
        self.service.replies["HoldMode"] = ("org.p2s.Error.InvalidMode", "no such mode")
        self.assertIn("run --mode turbo: no such mode",
                      self.ctl("run", "--mode", "turbo", "sh", "-c", "echo ran", status=1))

    def test_signals_go_to_the_program(self):
        done = subprocess.Popen([P2SCTL, "run", "sh", "-c",
                                 "trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 0.05; done"],
                                env=self.environment(), stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.stdout.readline(), "ready\n")
        done.send_signal(signal.SIGTERM)
        self.assertEqual(done.communicate(timeout=20)[0], "told\n")
        self.assertEqual(done.returncode, 5)

    def test_takes_the_hold_again_from_the_next_service(self):
        done = subprocess.Popen([P2SCTL, "run", "sh", "-c", "echo ready; read line; exit 6"],
                                env=self.environment(), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.stdout.readline(), "ready\n")
        self.service.vanish()
        self.assertIn("gone away", done.stderr.readline())
        self.changes()
        self.service.appear()
        self.assertIn("is held again", done.stderr.readline())
        self.assertEqual(self.changes(), [("HoldMode", ("shape", "sh", "p2sctl run"), False)])
        done.communicate("\n", timeout=20)
        self.assertEqual(done.returncode, 6)


class Errors(Case):
    def test_usage(self):
        for arguments, word in (
                (["frobnicate"], "'frobnicate' is no verb"),
                (["--frobnicate"], "--frobnicate is not understood"),
                (["mode", "shape", "now"], "too many words"),
                (["run"], "too few words"),
                (["run", "--mode"], "--mode needs an argument"),
                (["mode", "--uplink", "1M"], "--uplink does not go with 'mode'"),
                (["link", "--uplink", "1M"], "which link?"),
                (["link", "eth0", "--uplink", "1M", "--remove"], "--remove, --networks and --forget go alone"),
                (["link", "eth0", "--uplink", "0"], "say 'unknown'"),
                (["link", "eth0", "--downlink", "0M"], "say 'unknown'"),
                (["link", "eth0", "--uplink", "10MB"], "--uplink 10MB: not a rate"),
                (["link", "eth0", "--uplink", "-1"], "not a rate"),
                (["link", "eth0", "--uplink", "9223372036854775808"], "between 64 kbit/s"),
                (["link", "eth0", "--trust-incoming-dscp", "maybe"], "say yes or no"),
                (["link", "eth0", "--xdp", "always"], "say one of auto, off, native"),
                (["ports", "frob"], "ports list"),
                (["ports", "add", "5060"], "ports add FIRST"),
                (["ports", "add", "0", "voice"], "from 1 to 65535"),
                (["ports", "add", "65536", "voice"], "from 1 to 65535"),
                (["ports", "add", "99999999999999999999", "voice"], "from 1 to 65535"),
                (["ports", "add", "10-5", "voice"], "say 5-10"),
                (["ports", "add", "10-", "voice"], "from 1 to 65535"),
                (["ports", "add", "10", "voice", "a\x1bb"], r"'a\x1bb' is not UTF-8, or has"),
                (["dscp", "set"], "dscp set"),
                (["dscp", "set", "64=voice"], "from 0 to 63"),
                (["dscp", "set", "46"], "VALUE=CLASS"),
                (["history", "--last", "soon"], "say a span"),
                (["watch", "--interval", "0"], "say a span"),
                (["mode", b"\xff".decode("utf-8", "surrogateescape")], "is not UTF-8"),
        ):
            self.assertIn(word, self.ctl(*arguments, status=2), arguments)
        self.assertEqual(self.changes(), [])

    def test_help_and_version(self):
        out = self.ctl("--help")
        self.assertEqual(out, self.ctl("status", "-h"))
        for line in out.splitlines():
            self.assertLessEqual(len(line), 80)
        self.assertRegex(self.ctl("--version"), r"\Ap2sctl \d+\.\d+\.\d+\n\Z")

    def test_no_service(self):
        self.service.vanish()
        for arguments in (["status"], ["mode", "shape"], ["link", "eth0", "--uplink", "1M"],
                          ["watch"], ["calls"], ["run", "true"]):
            self.assertIn("p2sd is not running; start it with 'systemctl start p2sd'",
                          self.ctl(*arguments, status=3))

    def test_no_bus(self):
        for address in ("unix:path=/nowhere/bus", "unix:path=/etc/passwd", "rubbish"):
            self.assertIn("system bus cannot be reached",
                          self.ctl("status", status=3, DBUS_SYSTEM_BUS_ADDRESS=address))

    def test_errors_of_the_service(self):
        for name, status, word in (
                ("org.freedesktop.DBus.Error.AccessDenied", 4, "not authorised; run it with sudo"),
                ("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", 4,
                 "run it on a terminal, or with sudo"),
                ("org.freedesktop.DBus.Error.NoReply", 3, "systemctl status p2sd"),
                ("org.freedesktop.DBus.Error.Spawn.ChildExited", 3, "could not be started"),
                ("org.freedesktop.DBus.Error.UnknownMethod", 1, "another version"),
                ("org.p2s.Error.InvalidMode", 1, "mode x: told\n"),
                ("org.p2s.Error.NotSupported", 1, "mode x: told\n"),
                ("org.p2s.Error.Failed", 1, "mode x: told; 'journalctl -u p2sd' has more"),
                ("org.example.Error.NobodyKnows", 1, "mode x: told\n"),
        ):
            self.service.replies["SetMode"] = (name, "told")
            self.assertIn(word, self.ctl("mode", "x", status=status), name)
        self.service.replies["SetMode"] = (
            "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "told")
        self.assertIn("leave out --no-ask-password",
                      self.ctl("mode", "x", "--no-ask-password", status=4))
        for member, arguments, name, word in (
                ("SetLink", ["link", "eth9", "--uplink", "1M"], "NoSuchLink", "link eth9: told\n"),
                ("SetLink", ["link", "eth9", "--uplink", "1M"], "LinkBusy", "tc qdisc show"),
                ("UnsetLink", ["link", "eth9", "--remove"], "NoSuchLink",
                 "link eth9: told; 'p2sctl link' lists"),
                ("AddPorts", ["ports", "add", "1", "loud"], "InvalidPorts", "voice, video"),
                ("SetDscps", ["dscp", "set", "1=loud"], "InvalidDscps", "dscp: told"),
        ):
            self.service.replies[member] = ("org.p2s.Error." + name, "told")
            self.assertIn(word, self.ctl(*arguments, status=1))

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([P2SCTL, "status"], env=self.environment(), stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot be written", done.stderr)


if __name__ == "__main__":
    main()
