#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl against a scripted org.p2s.Manager on a private bus: what it prints, what
it sends, what it says when things go wrong.  The scripted service answers for the
interface as data/dbus/ describes it, so that a change there shows here.

P2SCTL names the binary.  Exits 77 where something to run with is missing."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

try:
    import gi

    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GLib
except (ImportError, ValueError) as e:
    print(f"skipped: {e}")
    sys.exit(77)

P2SCTL = os.environ.get("P2SCTL")
HERE = os.path.dirname(os.path.abspath(__file__))
XML = os.path.join(HERE, "..", "..", "data", "dbus", "org.p2s.Manager.xml")
NAME = "org.p2s.Manager"
PATH = "/org/p2s/Manager"

# What a newer service might have, which must not break a client.
NEWER = """
    <property name="Weather" type="(sa{uv}d)" access="read"/>
  </interface>"""


def v(signature, value):
    return GLib.Variant(signature, value)


def asv(**items):
    """Keyword arguments KEY=(signature, value) as an a{sv}."""
    return {k: v(*x) for k, x in items.items()}


ETH0 = asv(
    Name=("s", "eth0"), Interface=("s", "eth0"), Ifindex=("u", 2), State=("s", "active"),
    UplinkBps=("t", 9500000), DownlinkBps=("t", 47500000), Outgoing=("s", "shaped"),
    Incoming=("s", "shaped"), Qdisc=("s", "htb"), Aqm=("s", "bfifo"), Ifb=("s", "p2s-ifb2"),
    Xdp=("s", "none"), Degraded=("as", ["no fq_codel"]),
)
AUTO = asv(
    Name=("s", "auto"), Interface=("s", "enx001122334455"), State=("s", "busy"),
    Reason=("s", "busy: htb 8001:"), UplinkBps=("t", 0), DownlinkBps=("t", 0),
    Outgoing=("s", "none"), Incoming=("s", "none"), Degraded=("as", []),
)
PORTS = [(3478, 3481, "voice", "Teams"), (50000, 50019, "video", "")]
FIGURES = [(66000, 50, 0, 2, 1430, 0), (0, 0, 0, 0, 0, 0), (9100000, 780, 5, 0, 0, 30000)]


def sample(link="eth0", at=None, mode="shape", calls=1):
    at = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000 if at is None else at
    return (link, at, 1000000, mode, calls, FIGURES, FIGURES)


def flow(**more):
    f = asv(
        Direction=("s", "outgoing"), Ssrc=("u", 4711), Class=("s", "voice"), Rule=("s", "stun+rtp"),
        PayloadType=("y", 111), Codec=("s", "opus"), ClockHz=("u", 48000), Packets=("t", 990),
        Bytes=("t", 99000), Expected=("t", 1000), Lost=("x", 10), JitterUsec=("t", 1430),
        JitterMeanUsec=("t", 1200), JitterMaxUsec=("t", 9000), BitrateBps=("t", 66000),
        BitrateCv=("d", 0.25),
        Dscp=("y", 0), Mos=("d", 4.1), IdleUsec=("t", 20000),
    )
    f.update(asv(**more))
    return f


def call(**more):
    c = asv(
        Id=("u", 12), Link=("s", "eth0"), LocalAddress=("s", "192.0.2.2"), LocalPort=("q", 5000),
        RemoteAddress=("s", "2001:db8:1111:2222:3333:4444:5555:6666"), RemotePort=("q", 8801),
        DurationUsec=("t", 200000000), Process=("s", "zoom"), ProcessId=("u", 4711),
        Flows=("aa{sv}", [flow(), flow(Direction=("s", "incoming"), Lost=("x", -3))]),
    )
    c.update(asv(**more))
    return c


def stats():
    rows = [
        asv(Direction=("s", d), Class=("s", k), Packets=("t", 12345), Bytes=("t", 1514000),
            Marks=("t", 12345), Drops=("t", 3), BacklogPackets=("t", 1), BacklogBytes=("t", 1514))
        for d in ("outgoing", "incoming") for k in ("voice", "video", "general")
    ]
    return asv(SinceUsec=("t", 0), Classes=("aa{sv}", rows))


class Service:
    """The scripted service.  properties: what it has; replies: member → a variant, or
    (error name, message), or a function of the arguments that returns either;
    calls: (member, arguments, whether polkit may ask)."""

    def __init__(self, address):
        with open(XML, encoding="utf-8") as f:
            xml = f.read().replace("</interface>", NEWER)
        self.info = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
        self.address = address
        self.calls = []
        self.reads = 0
        self.replies = {}
        self.properties = {
            "Mode": v("s", "monitor"), "EffectiveMode": v("s", "shape"),
            "Holds": v("aa{sv}", [asv(Cookie=("u", 1), Mode=("s", "shape"),
                                      Application=("s", "zoom"), Reason=("s", "a call"),
                                      Sender=("s", ":1.9"))]),
            "Ports": v("a(qqss)", PORTS), "Dscps": v("a(ys)", [(34, "video"), (46, "voice")]),
            "Links": v("aa{sv}", [ETH0, AUTO]), "Version": v("s", "0.1.0"),
            "Capabilities": v("as", ["htb", "ifb", "clsact"]),
            "Weather": v("(sa{uv}d)", ("fair", {7: v("s", "x")}, 21.5)),
        }
        self.connection = None
        self.appear()

    def appear(self):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            self.address,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.register_object(PATH, self.info, self.on_call, self.on_get, None)
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                  "org.freedesktop.DBus", "RequestName", v("(su)", (NAME, 4)),
                                  None, 0, -1, None)

    def vanish(self):
        if self.connection:
            self.connection.close_sync()
        self.connection = None

    def on_get(self, connection, sender, path, interface, member):
        self.reads += 1
        return self.properties.get(member)

    def on_call(self, connection, sender, path, interface, member, parameters, invocation):
        flags = invocation.get_message().get_flags()
        ask = bool(flags & Gio.DBusMessageFlags.ALLOW_INTERACTIVE_AUTHORIZATION)
        arguments = parameters.unpack()
        self.calls.append((member, arguments, ask))
        self.sender = sender
        reply = self.replies.get(member)
        if callable(reply):
            reply = reply(*arguments)
        if isinstance(reply, tuple):
            invocation.return_dbus_error(*reply)
        else:
            invocation.return_value(reply)

    def emit(self, member, arguments, interface=NAME):
        """Sends a signal to the last caller alone."""
        self.connection.emit_signal(self.sender, PATH, interface, member, arguments)

    def changed(self, **properties):
        self.properties.update(properties)
        self.connection.emit_signal(None, PATH, "org.freedesktop.DBus.Properties",
                                    "PropertiesChanged", v("(sa{sv}as)", (NAME, properties, [])))


class Bus:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="p2sctl-test-")
        config = os.path.join(self.directory, "bus.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write('<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration '
                    '1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">\n'
                    f"<busconfig><listen>unix:path={self.directory}/bus</listen>"
                    '<policy context="default"><allow user="*"/><allow send_destination="*" eavesdrop="true"/>'
                    '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>\n')
        self.daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.daemon.stdout.readline().strip()

    def close(self):
        self.daemon.terminate()
        self.daemon.wait()
        self.daemon.stdout.close()
        shutil.rmtree(self.directory)


def setUpModule():
    global loop, loop_thread
    loop = GLib.MainLoop()
    loop_thread = threading.Thread(target=loop.run, daemon=True)
    loop_thread.start()


def tearDownModule():
    loop.quit()
    loop_thread.join()


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(0.02)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        # Cleanups run when the set-up fails, too.
        self.bus = Bus()
        self.addCleanup(self.bus.close)
        self.service = Service(self.bus.address)
        self.addCleanup(self.service.vanish)

    def environment(self, **more):
        env = {k: x for k, x in os.environ.items()
               if k not in ("COLUMNS", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE")}
        env.update(DBUS_SYSTEM_BUS_ADDRESS=self.bus.address, LC_ALL="C.UTF-8", TZ="UTC",
                   TERM="xterm")
        env.update(more)
        return env

    def ctl(self, *arguments, status=0, **env):
        """Runs p2sctl and returns what it printed, once its exit status was as said."""
        done = subprocess.run([P2SCTL, *arguments], env=self.environment(**env), timeout=30,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        out = done.stdout.decode("utf-8")
        err = done.stderr.decode("utf-8")
        self.assertEqual(done.returncode, status, f"{arguments}: {out}{err}")
        if status == 0:
            self.assertEqual(err, "")
            return out
        self.assertEqual(out, "")
        # One line that begins with the program's name.
        self.assertRegex(err, r"\Ap2sctl: [^\n]+\n\Z")
        return err

    def changes(self):
        """The calls that were made, without reads of properties."""
        calls, self.service.calls = self.service.calls, []
        return calls


class Reading(Case):
    def assert_fits(self, text):
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertEqual(line, line.rstrip())

    def test_status(self):
        out = self.ctl()
        self.assertEqual(out, self.ctl("status"))
        self.assertEqual(out, """\
Mode:    shape, held by zoom (a call); without it monitor
Ports:   2 rules
DSCP:    2 values trusted
Kernel:  htb, ifb, clsact
p2sd:    0.1.0
Links:
  LINK                    STATE   UPLINK      DOWNLINK     OUTGOING  INCOMING
  eth0                    active  9.5 Mbit/s  47.5 Mbit/s  shaped    shaped
    degraded: no fq_codel
  auto (enx001122334455)  busy    unknown     unknown      none      none
    busy: htb 8001:
""")
        self.assert_fits(out)

    def test_status_of_an_empty_service(self):
        self.service.properties.update(
            Holds=v("aa{sv}", []), EffectiveMode=v("s", "monitor"), Ports=v("a(qqss)", []),
            Dscps=v("a(ys)", []), Links=v("aa{sv}", []), Capabilities=v("as", []))
        out = self.ctl()
        self.assertIn("Mode:    monitor\n", out)
        self.assertIn("Ports:   no rules\n", out)
        self.assertIn("Links:   none; 'p2sctl link auto", out)

    def test_status_json_has_everything_under_its_own_name(self):
        status = json.loads(self.ctl("status", "--json"))
        self.assertEqual(status["Ports"][0],
                         {"First": 3478, "Last": 3481, "Class": "voice", "Label": "Teams"})
        self.assertEqual(status["Dscps"][1], {"Value": 46, "Class": "voice"})
        self.assertEqual(status["Links"][0]["UplinkBps"], 9500000)
        self.assertEqual(status["Links"][1]["Degraded"], [])
        self.assertEqual(status["Weather"], ["fair", {"7": "x"}, 21.5])

    def test_mode(self):
        self.assertEqual(self.ctl("mode"), "shape, held by zoom (a call); without it monitor\n")
        self.assertEqual(sorted(json.loads(self.ctl("mode", "--json"))),
                         ["EffectiveMode", "Holds", "Mode"])
        holds = self.service.properties["Holds"].unpack()
        hold = {"Mode": v("s", "shape"), "Application": v("s", "")}
        self.service.properties["Holds"] = v("aa{sv}", [hold] * 3)
        self.assertEqual(self.ctl("mode"),
                         "shape, held by a program and 2 more; without them monitor\n")
        self.service.properties.update(Holds=v("aa{sv}", []), EffectiveMode=v("s", "turbo"))
        self.assertEqual(self.ctl("mode"), "turbo\n")
        self.assertEqual(len(holds), 1)

    def test_link(self):
        self.assertEqual(self.ctl("link").splitlines()[0],
                         "LINK                    STATE   UPLINK      DOWNLINK     OUTGOING  INCOMING")
        self.assertEqual(self.ctl("link", "eth0"), """\
Link:        eth0
Interface:   eth0
State:       active
Uplink:      9.5 Mbit/s
Downlink:    47.5 Mbit/s
Outgoing:    shaped
Incoming:    shaped
Qdisc:       htb
AQM:         bfifo
IFB:         p2s-ifb2
XDP:         none
Degraded:    no fq_codel
""")
        # By its interface too.
        self.assertIn("Reason:      busy: htb 8001:\n", self.ctl("link", "enx001122334455"))
        self.assertEqual(json.loads(self.ctl("--json", "link", "eth0"))["Ifb"], "p2s-ifb2")
        self.assertEqual(len(json.loads(self.ctl("link", "--json"))), 2)
        self.assertIn("p2sctl link eth9 --uplink", self.ctl("link", "eth9", status=1))
        self.service.properties["Links"] = v("aa{sv}", [])
        self.assertIn("No link is managed", self.ctl("link"))
        self.assertEqual(json.loads(self.ctl("link", "--json")), [])

    def test_ports(self):
        self.assertEqual(self.ctl("ports"), "FIRST   LAST  CLASS  LABEL\n"
                                            " 3478   3481  voice  Teams\n"
                                            "50000  50019  video\n")
        self.assertEqual(self.ctl("ports"), self.ctl("ports", "list"))
        self.assertEqual(json.loads(self.ctl("ports", "--json"))[1]["Class"], "video")
        self.service.properties["Ports"] = v("a(qqss)", [])
        self.assertIn("ports add", self.ctl("ports"))

    def test_dscp(self):
        self.assertEqual(self.ctl("dscp"), "DSCP  CLASS\n  34  video\n  46  voice\n")
        self.assertEqual(json.loads(self.ctl("dscp", "list", "--json"))[0],
                         {"Value": 34, "Class": "video"})

    def test_calls(self):
        self.service.replies["GetCalls"] = v("(aa{sv})", ([call()],))
        out = self.ctl("calls")
        self.assertEqual(out, """\
Call 12 on eth0 for 3 min 20 s, zoom (4711)
  local  192.0.2.2:5000
  remote [2001:db8:1111:2222:3333:4444:5555:6666]:8801
  DIRECTION  CLASS  RULE      CODEC    BITRATE   JITTER   LOST  MOS
  outgoing   voice  stun+rtp  opus   66 kbit/s  1.43 ms  1.0 %  4.1
  incoming   voice  stun+rtp  opus   66 kbit/s  1.43 ms      0  4.1
""")
        self.assert_fits(out)
        calls = json.loads(self.ctl("calls", "--json"))
        self.assertEqual(calls[0]["Flows"][1]["Lost"], -3)
        self.assertEqual(calls[0]["Flows"][0]["Mos"], 4.1)
        # Who talks to whom: polkit may ask.
        self.assertEqual(self.changes()[-1], ("GetCalls", (), True))

    def test_calls_of_a_newer_or_poorer_service(self):
        odd = asv(Id=("s", "twelve"), Flows=("aa{sv}", [asv(Class=("u", 7)), {}]),
                  Mood=("(ss)", ("a", "b")))
        self.service.replies["GetCalls"] = v("(aa{sv})", ([odd, {}],))
        out = self.ctl("calls")
        self.assertIn("Call 0 on ?", out)
        self.assertEqual(json.loads(self.ctl("calls", "--json"))[0]["Mood"], ["a", "b"])

    def test_no_calls(self):
        self.service.replies["GetCalls"] = v("(aa{sv})", ([],))
        self.assertEqual(self.ctl("calls"), "No call is running.\n")
        self.assertEqual(json.loads(self.ctl("calls", "--json")), [])

    def test_stats(self):
        self.service.replies["GetStats"] = v("(a{sv})", (stats(),))
        out = self.ctl("stats")
        self.assertEqual(out.splitlines()[0],
                         "DIRECTION  CLASS    PACKETS     SIZE  MARKED  DROPPED  WAITING")
        self.assertEqual(out.splitlines()[1],
                         "outgoing   voice      12345  1.51 MB   12345        3  1.51 kB")
        self.assertRegex(out, r"\nCounted for \d.*\.\n\Z")
        self.assertEqual(json.loads(self.ctl("stats", "--json"))["Classes"][5]["Drops"], 3)
        self.assert_fits(out)
        # Free to read: nobody is asked.
        self.assertEqual(self.changes()[-1], ("GetStats", (), False))

    def test_history(self):
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        rows = [sample("eth0", now - 2000000), sample("wg0", now - 2000000, mode="monitor"),
                sample("eth0", now - 1000000)]
        self.service.replies["GetHistory"] = v("(a(sttsua(tttttt)a(tttttt)))", (rows,))
        out = self.ctl("history")
        lines = out.splitlines()
        self.assertEqual(lines[0], "eth0")
        self.assertIn("VOICE DOWN", lines[1])
        self.assertRegex(lines[2], r"^\d\d:\d\d:\d\d  shape      1  66 kbit/s  1.43 ms     2 ")
        self.assertEqual(lines[5], "wg0")
        self.assert_fits(out)
        row = json.loads(self.ctl("history", "--json"))[1]
        self.assertEqual(row["Link"], "wg0")
        self.assertEqual(row["Mode"], "monitor")
        self.assertEqual(row["Incoming"][2],
                         {"BitrateBps": 9100000, "Packets": 780, "Drops": 5, "Lost": 0,
                          "JitterUsec": 0, "BacklogBytes": 30000, "Class": "general"})
        self.changes()
        self.ctl("history", "eth0", "--last", "30s")
        member, (link, since), ask = self.changes()[0]
        self.assertEqual((member, link, ask), ("GetHistory", "eth0", False))
        self.assertAlmostEqual(since, now - 30000000, delta=20000000)
        self.service.replies["GetHistory"] = v("(a(sttsua(tttttt)a(tttttt)))", ([],))
        self.assertIn("No samples", self.ctl("history"))
        self.assertEqual(json.loads(self.ctl("history", "--json")), [])

    def test_hostile_text_does_nothing_to_a_terminal(self):
        bad = "\x1b[2J\u009b31m\u202eevil\u200b\nnext"
        self.service.properties["Ports"] = v("a(qqss)", [(1, 2, "voice", bad)])
        self.service.properties["Holds"] = v(
            "aa{sv}", [{"Mode": v("s", "shape"), "Application": v("s", bad)}])
        self.service.properties["Links"] = v(
            "aa{sv}", [dict(ETH0, Reason=v("s", bad), State=v("s", bad))])
        self.service.replies["GetCalls"] = v("(aa{sv})", ([call(Process=("s", bad))],))
        for arguments in (["ports"], ["status"], ["mode"], ["calls"], ["link"], ["link", "eth0"]):
            out = self.ctl(*arguments)
            self.assertIn(r"\x1b[2J\x9b31m\u202eevil\u200b next", out)
            for c in "\x1b\u009b\u202e\u200b":
                self.assertNotIn(c, out)
            raw = self.ctl(*arguments, "--json")
            self.assertNotIn("\u009b", raw)
            self.assertNotIn("\u202e", raw)
            self.assertIn(bad, json.dumps(json.loads(raw), ensure_ascii=False)
                          .replace("\\u001b", "\x1b").replace("\\n", "\n"))
        self.service.replies["SetMode"] = ("org.p2s.Error.Failed", bad)
        self.assertIn(r"\x1b[2J", self.ctl("mode", "off", status=1))

    def test_text_of_all_scripts_is_aligned_and_cut(self):
        self.service.properties["Ports"] = v("a(qqss)", [
            (1, 2, "voice", "電話の会議のためのポート" * 5), (3, 4, "voice", "Gespräch"),
            (5, 6, "voice", "👩‍💻")])
        out = self.ctl("ports", COLUMNS="40")
        self.assertIn("Gespräch\n", out)
        self.assertIn("…", out)
        for line in out.splitlines():
            wide = sum(2 if c >= "\u1100" and c not in "…" else 1 for c in line)
            self.assertLessEqual(wide, 40)
        # Without UTF-8, nothing but ASCII.
        plain = self.ctl("ports", LC_ALL="C", COLUMNS="40")
        plain.encode("ascii")
        self.assertIn("Gespr?ch", plain)
        self.service.replies["GetCalls"] = v(
            "(aa{sv})", ([call(Flows=("aa{sv}", [flow(JitterUsec=("t", 950))]))],))
        self.assertIn(" 950 us ", self.ctl("calls", LC_ALL="C"))
        self.assertIn(" 950 µs ", self.ctl("calls"))


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
            "aa{sv}", [dict(ETH0, TrustIncomingDscp=v("b", True))])
        self.ctl("link", "eth0", "--uplink", "9.5Mbit")
        self.assertEqual(self.changes(), [("SetLink", ("eth0", 9500000, 47500000,
                                                       {"trust-incoming-dscp": True}), True)])
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


class Terminal:
    """p2sctl on a terminal of its own; text holds what it wrote."""

    def __init__(self, arguments, env, rows=40, columns=100):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(P2SCTL, [P2SCTL, *arguments], env)
        self.resize(rows, columns)
        self.text = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, pattern, seconds=10):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            if time.monotonic() > end:
                raise AssertionError(f"{pattern!r} not in {self.text!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 65536).decode("utf-8", "replace")
                except OSError:
                    time.sleep(0.05)

    def end(self):
        try:
            while True:
                data = os.read(self.fd, 65536)
                if not data:
                    break
                self.text += data.decode("utf-8", "replace")
        except OSError:
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


class Watch(Case):
    def setUp(self):
        super().setUp()
        self.service.replies["Subscribe"] = v("(t)", (1000000,))

    def send(self, **more):
        self.service.emit("Sample", v("(sttsua(tttttt)a(tttttt))", sample(**more)))

    def start(self, *arguments):
        process = subprocess.Popen([P2SCTL, "watch", *arguments], env=self.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, process)
        # What it reads once it is subscribed.
        wait_for(lambda: self.service.reads)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def test_plain_lines(self):
        watch = self.start("--interval", "200ms")
        self.assertEqual(self.changes(), [("Subscribe", (200000,), False)])
        self.assertIn("VOICE UP", watch.stdout.readline())
        self.send()
        line = watch.stdout.readline()
        self.assertRegex(line, r"^\d\d:\d\d:\d\d eth0    shape       1 +66 kbit/s 1.43 ms    2 ")
        self.assertLessEqual(len(line.rstrip("\n")), 80)
        self.assertNotIn("\x1b", line)
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.communicate(timeout=20), ("", ""))
        self.assertEqual(watch.returncode, 0)

    def test_json_lines(self):
        watch = self.start("--json")
        self.send(link="wg0")
        row = json.loads(watch.stdout.readline())
        self.assertEqual((row["Link"], row["Outgoing"][0]["Class"]), ("wg0", "voice"))
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 0)

    def test_service_goes_and_returns(self):
        watch = self.start()
        watch.stdout.readline()
        self.changes()
        self.service.vanish()
        self.assertEqual(watch.stderr.readline(),
                         "p2sctl: p2sd has gone away; waiting for it to return\n")
        self.service.appear()
        self.assertEqual(watch.stderr.readline(), "p2sctl: p2sd is back\n")
        self.assertEqual(self.changes(), [("Subscribe", (1000000,), False)])
        self.send()
        self.assertIn("eth0", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 0)

    def test_only_the_service_is_believed(self):
        watch = self.start()
        watch.stdout.readline()
        other = Gio.DBusConnection.new_for_address_sync(
            self.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        other.emit_signal(self.service.sender, PATH, NAME, "Sample",
                          v("(sttsua(tttttt)a(tttttt))", sample("fake0")))
        other.flush_sync()
        self.send()
        self.assertNotIn("fake0", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        self.assertNotIn("fake0", watch.communicate(timeout=20)[0])
        other.close_sync()

    def test_bus_goes(self):
        watch = self.start()
        self.service.vanish()
        self.bus.daemon.terminate()
        err = watch.communicate(timeout=20)[1]
        self.assertIn("the system bus went away", err)
        self.assertEqual(watch.returncode, 3)

    def test_on_a_terminal(self):
        terminal = Terminal(["watch"], self.environment())
        wait_for(lambda: self.service.calls)
        terminal.read_until("Waiting for the first figures")
        for _ in range(3):
            self.send()
            time.sleep(0.05)
        terminal.read_until("▁|▂|█")
        self.assertIn("\x1b[?1049h", terminal.text)
        self.assertIn("\x1b[32m", terminal.text)
        self.assertIn("mode shape, held by zoom (a call); without it monitor", terminal.text)
        self.assertIn("eth0  active, 1 call  up 9.5 Mbit/s, shaped  down 47.5 Mbit/s, shaped",
                      terminal.text)
        terminal.text = ""
        self.service.changed(Holds=v("aa{sv}", []), EffectiveMode=v("s", "monitor"))
        terminal.read_until("mode monitor")
        terminal.text = ""
        terminal.resize(10, 60)
        terminal.read_until("LOST")
        self.service.vanish()
        terminal.read_until("gone away; waiting")
        terminal.text = ""
        self.service.appear()
        terminal.read_until("mode monitor")
        self.send()
        terminal.read_until("eth0  active, 1 call")
        os.write(terminal.fd, b"\x03")
        self.assertEqual(terminal.end(), 0)
        # The terminal is given back, and what was last seen stays.
        self.assertRegex(terminal.text, r"(?s)\x1b\[\?25h\x1b\[\?1049l.*voice.*LOST.*\Z")

    def test_q_ends_it(self):
        terminal = Terminal(["watch"], self.environment(NO_COLOR="1"))
        wait_for(lambda: self.service.calls)
        terminal.read_until("Waiting")
        self.send()
        terminal.read_until("LOST")
        os.write(terminal.fd, b"q")
        self.assertEqual(terminal.end(), 0)
        self.assertNotRegex(terminal.text, r"\x1b\[\d+m")

    def test_colour_and_picture_only_where_they_can_be_had(self):
        for env, picture, colour in (({}, True, True), ({"NO_COLOR": ""}, True, True),
                                     ({"NO_COLOR": "1"}, True, False),
                                     ({"TERM": "dumb"}, False, False)):
            terminal = Terminal(["watch"], self.environment(**env))
            self.service.calls.clear()
            wait_for(lambda: self.service.calls)
            terminal.read_until("Waiting" if picture else "VOICE UP")
            self.send()
            terminal.read_until("LOST" if picture else "eth0")
            os.write(terminal.fd, b"\x03")
            self.assertEqual(terminal.end(), 0)
            self.assertEqual("\x1b[?1049h" in terminal.text, picture, env)
            self.assertEqual(bool(re.search(r"\x1b\[3\dm", terminal.text)), colour, env)

    def test_error_on_a_terminal_is_seen_after_it_is_given_back(self):
        self.service.replies["Subscribe"] = ("org.freedesktop.DBus.Error.LimitsExceeded", "too many")
        terminal = Terminal(["watch"], self.environment())
        self.assertEqual(terminal.end(), 1)
        self.assertTrue(terminal.text.endswith("\x1b[?1049lp2sctl: watch: too many\r\n"),
                        terminal.text)


if __name__ == "__main__":
    if not P2SCTL or not shutil.which("dbus-daemon"):
        print("skipped: P2SCTL is not set" if not P2SCTL else "skipped: no dbus-daemon")
        sys.exit(77)
    unittest.main(verbosity=2)
