# SPDX-License-Identifier: GPL-2.0-or-later
"""A scripted org.p2s.Manager on a private bus, for tests of p2sctl: it answers for the
interface as data/dbus/ describes it, so that a change there shows in them.

P2SCTL names the binary.  Exits 77 where something to run with is missing."""

import fcntl
import os
import pty
import re
import select
import shutil
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


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(0.02)


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        loop = GLib.MainLoop()
        thread = threading.Thread(target=loop.run, daemon=True)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(loop.quit)

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


def main():
    """Runs the tests of the script that calls it."""
    if not P2SCTL or not shutil.which("dbus-daemon"):
        print("skipped: P2SCTL is not set" if not P2SCTL else "skipped: no dbus-daemon")
        sys.exit(77)
    unittest.main("__main__", verbosity=2)
