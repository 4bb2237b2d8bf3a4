#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A service that looks like p2sd and puts the panel into any state.

Run it on a bus of your own, started like this, and open the panel beside it:

    dbus-daemon --session --nofork --print-address &
    export DBUS_SYSTEM_BUS_ADDRESS=<the address>
    tests/gui/scenario.py --menu &
    p2s-panel

It takes commands, one a line: on stdin with --menu, and over the bus by
org.p2s.Scenario.Do(s) on /org/p2s/Scenario.  "help" lists them.  It serves the
contract of data/dbus/org.p2s.Manager.xml itself, so that it cannot drift."""

import argparse
import math
import os
import random
import signal
import sys

from gi.repository import Gio, GLib

NAME = "org.p2s.Manager"
PATH = "/org/p2s/Manager"
XML = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "dbus", NAME + ".xml")
ROW = "(sttsua(tttttt)a(tttttt))"
SCENARIO_XML = """<node><interface name="org.p2s.Scenario">
  <method name="Do"><arg name="command" type="s" direction="in"/>
  <arg name="answer" type="s" direction="out"/></method></interface></node>"""
MODES = ("off", "monitor", "mark", "shape")
HELP = """mode MODE         somebody else changes the mode
calls N           so many calls run
link STATE [WHY]  active, absent, down, busy, failed; none: no link at all
degraded WORD…    what the kernel lacks
latency MS        how long SetMode takes
hold | go         SetMode is not answered until "go"
error NAME [TEXT] every change fails with this D-Bus error; "error" alone: works again
hide | unhide     GetCalls is refused, allowed
lines | subscribers | sent   for tests: what was asked and sent so far
quit | crash      goes in order, or by SIGKILL"""


class Figures:
    """What a 10 Mbit/s line with two dozen downloads does to a call, and what P2S does to that."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.jitter = [9.0, 7.0]

    def row(self, link, end_usec, interval_usec, mode, calls):
        calm = mode in ("mark", "shape")
        sides = []
        for side in (0, 1):
            goal = (0.5, 0.9)[side] if calm else (9.5, 7.0)[side]
            wobble = self.random.gauss(0, 0.08 if calm else 1.6)
            # RFC 3550 smooths by 1/16 a packet: some 50 packets a second.
            pull = 1 - (15 / 16) ** (50 * interval_usec / 1e6)
            self.jitter[side] += (goal - self.jitter[side]) * pull + wobble * math.sqrt(pull)
            self.jitter[side] = max(0.1, self.jitter[side])
            packets = round(50 * interval_usec / 1e6) * calls
            lost = 0 if calm or not calls else int(self.random.random() < 0.3)
            bps = int(calls * 86400 * (1 - 0.04 * lost + self.random.gauss(0, 0.004)))
            general = int((9.2e6, 46e6)[side] * (1 + self.random.gauss(0, 0.02)))
            jitter = int(self.jitter[side] * 1000) if calls else 0
            sides.append([
                (bps if calls else 0, packets, 0, lost, jitter, 0),
                (0, 0, 0, 0, 0, 0),
                (general, general * interval_usec // 8000000 // 1400, 2, 0, 0, 40000),
            ])
        return (link, end_usec, interval_usec, mode, calls, *sides)


class Error(Exception):
    def __init__(self, name, text):
        super().__init__(text)
        self.name = name


class Scenario:
    def __init__(self, options):
        self.mode = options.mode
        self.n_calls = options.calls
        self.latency_ms = options.latency
        self.link = ("active", "")
        self.degraded = []
        self.held = None  # answers that wait for "go"
        self.error = None
        self.hidden = False
        self.hertz = options.hertz
        self.sent = 0
        self.dscps = [(46, "voice")]
        self.rates = (10000000, 50000000)
        self.ports = [(16384, 32767, "voice", "RTP")]
        self.networks = [("eth0", "gateway:02:00:00:00:00:01", "192.0.2.254", 10000000, 50000000),
                         ("wlan0", "nm:5f0c", "Café <Müller>", 0, 16500000)]
        self.calls_began = GLib.get_monotonic_time() - 754 * 1000000
        self.figures = Figures()
        self.history = []
        self.subscribers = {}  # unique name: (timer, watch)
        self.asked = []
        self.loop = GLib.MainLoop()
        self.bus = None
        if options.history:
            self.invent_history(options.history, options.before)
            GLib.timeout_add(1000, self.on_second)

    def invent_history(self, seconds, before):
        """The mode is `before` for the first half, and the present one since."""
        now = GLib.get_monotonic_time()
        for i in range(seconds):
            mode = before if i < seconds // 2 else self.mode
            if mode != "off":
                end = now - (seconds - i) * 1000000
                if end > 0:
                    self.history.append(self.figures.row("eth0", end, 1000000, mode, self.n_calls))

    def on_second(self):
        if self.mode != "off":
            self.history.append(self.figures.row("eth0", GLib.get_monotonic_time(), 1000000, self.mode, self.n_calls))
        return GLib.SOURCE_CONTINUE

    # The bus

    def on_bus(self, bus):
        self.bus = bus
        with open(XML, encoding="utf-8") as file:
            info = Gio.DBusNodeInfo.new_for_xml(file.read()).lookup_interface(NAME)
        bus.register_object(PATH, info, self.on_call, self.on_get, None)
        info = Gio.DBusNodeInfo.new_for_xml(SCENARIO_XML).interfaces[0]
        bus.register_object("/org/p2s/Scenario", info, self.on_do, None, None)

    def properties(self):
        links = []
        if self.link[0] != "none":
            state, reason = self.link
            link = {"Name": GLib.Variant("s", "eth0"), "State": GLib.Variant("s", state),
                    "UplinkBps": GLib.Variant("t", self.rates[0]), "DownlinkBps": GLib.Variant("t", self.rates[1])}
            if state != "absent":
                link["Interface"] = GLib.Variant("s", "eth0")
            if reason:
                link["Reason"] = GLib.Variant("s", reason)
            if self.degraded:
                link["Degraded"] = GLib.Variant("as", self.degraded)
            links.append(link)
        return {
            "Mode": GLib.Variant("s", self.mode),
            "EffectiveMode": GLib.Variant("s", self.mode),
            "Holds": GLib.Variant("aa{sv}", []),
            "Ports": GLib.Variant("a(qqss)", self.ports),
            "Dscps": GLib.Variant("a(ys)", self.dscps),
            "Links": GLib.Variant("aa{sv}", links),
            "Networks": GLib.Variant("aa{sv}", [
                {"Interface": GLib.Variant("s", interface), "Network": GLib.Variant("s", network),
                 "NetworkName": GLib.Variant("s", name), "UplinkBps": GLib.Variant("t", up),
                 "DownlinkBps": GLib.Variant("t", down)} for interface, network, name, up, down in self.networks]),
            "Version": GLib.Variant("s", "0.1.0"),
            "Capabilities": GLib.Variant("as", ["htb", "fq_codel", "ifb", "clsact"]),
        }

    def on_get(self, bus, sender, path, interface, name):
        return self.properties()[name]

    def announce(self, *names):
        values = {n: v for n, v in self.properties().items() if n in names}
        self.bus.emit_signal(None, PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                             GLib.Variant("(sa{sv}as)", (NAME, values, [])))

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        self.asked.append(method)
        try:
            handler = getattr(self, "do_" + method)
        except AttributeError:
            invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported", method)
            return
        try:
            handler(sender, invocation, *parameters.unpack())
        except Error as error:
            invocation.return_dbus_error(error.name, str(error))

    def do_SetMode(self, sender, invocation, mode):
        def answer():
            if self.error:
                invocation.return_dbus_error(*self.error)
            elif mode not in MODES:
                invocation.return_dbus_error("org.p2s.Error.InvalidMode", f"no mode is called {mode!r}")
            else:
                self.set_mode(mode)
                invocation.return_value(None)
            return GLib.SOURCE_REMOVE

        if self.held is None:
            GLib.timeout_add(self.latency_ms, answer)
        else:
            self.held.append(answer)

    def set_mode(self, mode):
        if mode != self.mode:
            self.mode = mode
            self.announce("Mode", "EffectiveMode")

    def do_GetHistory(self, sender, invocation, link, since):
        rows = [row for row in self.history if row[1] > since and link in ("", row[0])]
        invocation.return_value(GLib.Variant(f"(a{ROW})", (rows,)))

    def do_GetCalls(self, sender, invocation):
        if self.hidden:
            raise Error("org.freedesktop.DBus.Error.AccessDenied", "Not authorised: org.p2s.read-calls")
        invocation.return_value(GLib.Variant("(aa{sv})", ([self.call(i) for i in range(self.n_calls)],)))

    def call(self, i):
        calm = self.mode in ("mark", "shape")
        flows = []
        for side, direction in enumerate(("outgoing", "incoming")):
            flows.append({
                "Direction": GLib.Variant("s", direction), "Class": GLib.Variant("s", "voice"),
                "Rule": GLib.Variant("s", "rtp"), "Codec": GLib.Variant("s", "Opus"),
                "Expected": GLib.Variant("t", 37700), "Lost": GLib.Variant("x", 0 if calm else 731),
                "JitterUsec": GLib.Variant("t", int(self.figures.jitter[side] * 1000)),
                "BitrateBps": GLib.Variant("t", 86400),
                "Mos": GLib.Variant("d", 4.39 if calm else 3.2 + 0.1 * side),
            })
        address = ("2001:db8::17", "198.51.100.23")[i % 2]
        call = {"Id": GLib.Variant("u", 7 + i), "Link": GLib.Variant("s", "eth0"),
                "RemoteAddress": GLib.Variant("s", address), "RemotePort": GLib.Variant("q", 40000 + i),
                "DurationUsec": GLib.Variant("t", GLib.get_monotonic_time() - self.calls_began),
                "Flows": GLib.Variant("aa{sv}", flows)}
        if i % 2 == 0:
            call["Process"] = GLib.Variant("s", "linphone")
        return call

    def do_SetPorts(self, sender, invocation, ports):
        self.refuse()
        self.ports = ports
        self.announce("Ports")
        invocation.return_value(None)

    def do_SetDscps(self, sender, invocation, dscps):
        self.refuse()
        self.dscps = dscps
        self.announce("Dscps")
        invocation.return_value(None)

    def do_SetLink(self, sender, invocation, name, uplink, downlink, options):
        self.refuse()
        self.rates = uplink, downlink
        self.announce("Links")
        invocation.return_value(None)

    def do_ForgetNetwork(self, sender, invocation, interface, network):
        self.refuse()
        self.networks = [row for row in self.networks if row[:2] != (interface, network)]
        self.announce("Networks")
        invocation.return_value(None)

    def refuse(self):
        if self.error:
            raise Error(*self.error)

    def do_Diagnose(self, sender, invocation):
        invocation.return_value(GLib.Variant("(aa{sv})", ([],)))

    def do_Subscribe(self, sender, invocation, interval):
        granted = min(max(interval, 100000), 10000000)
        self.forget(sender)
        period = 1000 // self.hertz if self.hertz else granted // 1000
        timer = GLib.timeout_add(period, self.on_tick, sender, period * 1000)
        watch = Gio.bus_watch_name_on_connection(self.bus, sender, Gio.BusNameWatcherFlags.NONE, None,
                                                 lambda bus, name: self.forget(name))
        self.subscribers[sender] = (timer, watch)
        invocation.return_value(GLib.Variant("(t)", (granted,)))

    def do_Unsubscribe(self, sender, invocation):
        self.forget(sender)
        invocation.return_value(None)

    def forget(self, name):
        timer, watch = self.subscribers.pop(name, (None, None))
        if timer:
            GLib.source_remove(timer)
            Gio.bus_unwatch_name(watch)

    def on_tick(self, subscriber, interval):
        if self.mode != "off" and self.link[0] == "active":
            row = self.figures.row("eth0", GLib.get_monotonic_time(), interval, self.mode, self.n_calls)
            self.bus.emit_signal(subscriber, PATH, NAME, "Sample", GLib.Variant(ROW, row))
            self.sent += 1
        return GLib.SOURCE_CONTINUE

    # The menu

    def on_do(self, bus, sender, path, interface, method, parameters, invocation):
        invocation.return_value(GLib.Variant("(s)", (self.obey(parameters.unpack()[0]),)))

    def on_line(self, stream, condition):
        line = stream.readline()
        if not line:
            return GLib.SOURCE_REMOVE
        if line.strip():
            print(self.obey(line), flush=True)
        return GLib.SOURCE_CONTINUE

    def obey(self, line):
        word, *rest = line.split()
        if word == "mode":
            self.set_mode(rest[0])
        elif word == "calls":
            before, self.n_calls = self.n_calls, int(rest[0])
            for i in range(min(before, self.n_calls), max(before, self.n_calls)):
                self.bus.emit_signal(None, PATH, NAME, "CallAdded" if i >= before else "CallRemoved",
                                     GLib.Variant("(u)", (7 + i,)))
        elif word == "link":
            self.link = (rest[0], " ".join(rest[1:]))
            self.announce("Links")
        elif word == "degraded":
            self.degraded = [" ".join(rest)] if rest else []
            self.announce("Links")
        elif word == "hold":
            self.held = []
        elif word == "go":
            held, self.held = self.held, None
            for answer in held:
                answer()
        elif word == "latency":
            self.latency_ms = int(rest[0])
        elif word == "error":
            self.error = (rest[0], " ".join(rest[1:]) or "So the scenario wants it") if rest else None
        elif word in ("hide", "unhide"):
            self.hidden = word == "hide"
        elif word == "lines":
            return "\n".join(self.asked)
        elif word == "sent":
            return str(self.sent)
        elif word == "subscribers":
            return str(len(self.subscribers))
        elif word == "quit":
            GLib.idle_add(self.loop.quit)
        elif word == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            return HELP
        return "done"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=MODES, default="monitor")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--latency", type=int, default=0, help="ms that SetMode takes")
    parser.add_argument("--history", type=int, default=0, help="seconds of samples there are already")
    parser.add_argument("--before", choices=MODES, default="monitor", help="mode in the first half of them")
    parser.add_argument("--hertz", type=int, default=0, help="samples a second, whatever is asked for")
    parser.add_argument("--menu", action="store_true", help="take commands on stdin")
    scenario = Scenario(parser.parse_args())

    Gio.bus_own_name(Gio.BusType.SYSTEM, NAME, Gio.BusNameOwnerFlags.NONE,
                     lambda bus, name: scenario.on_bus(bus), None, lambda bus, name: sys.exit(f"lost {name}"))
    if "--menu" in sys.argv:
        print(HELP, flush=True)
        GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, scenario.on_line)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, scenario.loop.quit)
    scenario.loop.run()


if __name__ == "__main__":
    main()
