# SPDX-License-Identifier: GPL-2.0-or-later
"""PropertiesChanged: exactly once for each change, with what is in force by then, and
never without one."""
import os
import sys
import threading
import unittest

import private_bus
from private_bus import wait_for

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"

try:
    import gi

    gi.require_version("Gio", "2.0")
    from gi.repository import Gio, GLib
except (ImportError, ValueError) as e:
    print(f"SKIP: {e}")
    sys.exit(77)


class Client:
    """One connection, and what is announced to it."""

    def __init__(self, address):
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.changes = []
        self.bus.signal_subscribe(NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                  PATH, None, Gio.DBusSignalFlags.NONE, self.on_changed)

    def on_changed(self, bus, sender, path, interface, member, parameters):
        interface, changed, invalidated = parameters.unpack()
        assert interface == NAME and not invalidated, parameters
        self.changes.append(changed)

    def call(self, member, signature="()", *args, interface=NAME):
        return self.bus.call_sync(NAME, PATH, interface, member, GLib.Variant(signature, args),
                                  None, Gio.DBusCallFlags.NONE, 30000, None).unpack()

    def properties(self):
        return self.call("GetAll", "(s)", NAME, interface="org.freedesktop.DBus.Properties")[0]

    def take(self):
        """What was announced up to now: the answer to a call comes after it."""
        self.properties()
        done = threading.Event()
        GLib.idle_add(done.set)
        assert done.wait(10)
        changes, self.changes = self.changes, []
        return changes


class ChangesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.loop = GLib.MainLoop()
        threading.Thread(target=cls.loop.run, daemon=True).start()
        cls.bus = private_bus.PrivateBus(polkit=False)
        cls.conf = f"{cls.bus.dir}/p2sd.conf"

    @classmethod
    def tearDownClass(cls):
        cls.loop.quit()
        cls.bus.close()

    def setUp(self):
        self.configure("")
        self.bus.start_daemon("--fake", "--config", self.conf,
                              env={"P2S_FAKE": "eth0 wlan0 busy:eth2"})
        self.addCleanup(self.stop)
        self.client = Client(self.bus.address)
        self.addCleanup(self.client.bus.close_sync)
        self.client.take()

    def stop(self):
        self.assertEqual(self.bus.stop_daemon(), 0)
        private_bus.clear(self.bus)

    def configure(self, text):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(text)

    def event(self, line):
        with open(f"{self.bus.dir}/run/fake-events", "w", encoding="utf-8") as f:
            f.write(line + "\n")

    def expect(self, *names, act):
        """Doing this announces each of these once, with the value that a reading has,
        and nothing else."""
        before = self.client.properties()
        act()
        changes = self.client.take()
        now = self.client.properties()
        self.assertEqual(sorted(k for c in changes for k in c), sorted(names))
        for change in changes:
            for name, value in change.items():
                self.assertEqual(value, now[name], name)
        for name in now:
            self.assertEqual(now[name] != before[name], name in names, name)

    def call(self, *args):
        return lambda: self.client.call(*args)

    def test_mode(self):
        self.expect("Mode", "EffectiveMode", "Links", act=self.call("SetMode", "(s)", "shape"))
        self.expect(act=self.call("SetMode", "(s)", "shape"))
        self.expect("Mode", "EffectiveMode", "Links", act=self.call("SetMode", "(s)", "off"))

    def test_holds(self):
        cookies = []

        def hold(mode):
            return lambda: cookies.append(
                self.client.call("HoldMode", "(sss)", mode, "test", "")[0])

        self.expect("Holds", "EffectiveMode", "Links", act=hold("mark"))
        self.expect("Holds", act=hold("monitor"))
        # no rate is known: nothing changes on the link
        self.expect("Holds", "EffectiveMode", act=hold("shape"))
        self.expect("Holds", act=self.call("ReleaseHold", "(u)", cookies[1]))
        self.expect("Holds", "EffectiveMode", act=self.call("ReleaseHold", "(u)", cookies[2]))
        # the word of the user ends the rest; what is in force stays
        self.expect("Mode", "Holds", act=self.call("SetMode", "(s)", "mark"))
        # a hold outranks the mode even where it is the weaker
        self.expect("Holds", "EffectiveMode", "Links", act=hold("off"))
        self.expect("Holds", "EffectiveMode", "Links", act=self.call("SetMode", "(s)", "mark"))

    def test_a_holder_that_dies(self):
        other = Client(self.bus.address)
        other.call("HoldMode", "(sss)", "mark", "test", "")
        self.client.take()

        def die():
            other.bus.close_sync()
            wait_for(lambda: not self.client.properties()["Holds"])

        self.expect("Holds", "EffectiveMode", "Links", act=die)

    def test_ports(self):
        self.expect("Ports", act=self.call("AddPorts", "(qqss)", 10, 20, "voice", "x"))
        self.expect(act=self.call("AddPorts", "(qqss)", 12, 13, "voice", "x"))
        self.expect("Ports", act=self.call("AddPorts", "(qqss)", 12, 13, "voice", "y"))
        self.expect("Ports", act=self.call("RemovePorts", "(qq)", 20, 20))
        self.expect(act=self.call("RemovePorts", "(qq)", 20, 20))
        self.expect("Ports", act=self.call("SetPorts", "(a(qqss))", [(1, 2, "video", "")]))
        self.expect(act=self.call("SetPorts", "(a(qqss))", [(1, 2, "video", "")]))

    def test_dscps(self):
        self.expect("Dscps", act=self.call("SetDscps", "(a(ys))", [(46, "video")]))
        self.expect(act=self.call("SetDscps", "(a(ys))", [(46, "video")]))

    def test_links(self):
        def link(name, up, **options):
            options = {k.replace("_", "-"): GLib.Variant("b", x) for k, x in options.items()}
            return self.call("SetLink", "(stta{sv})", name, up, 0, options)

        self.expect("Links", act=link("eth0", 0))
        self.expect(act=link("eth0", 0))
        self.expect("Links", act=link("eth0", 10**7))
        self.expect("Links", act=link("eth0", 10**7, trust_incoming_dscp=True))
        self.expect("Links", act=link("wlan0", 10**6))
        self.expect("Links", act=self.call("UnsetLink", "(s)", "wlan0"))
        self.client.call("SetMode", "(s)", "shape")
        self.client.take()
        self.expect("Links", act=link("eth0", 2 * 10**7, trust_incoming_dscp=True))

    def test_what_is_refused_is_not_announced(self):
        for args in (("SetMode", "(s)", "turbo"), ("AddPorts", "(qqss)", 0, 1, "voice", ""),
                     ("SetLink", "(stta{sv})", "eth2", 10**6, 0, {}),
                     ("SetDscps", "(a(ys))", [(99, "voice")])):
            def act(args=args):
                with self.assertRaises(GLib.Error):
                    self.client.call(*args)
            self.expect(act=act)

    def test_reload(self):
        self.expect(act=self.call("Reload"))
        self.configure("[Service]\nMode=mark\n")
        self.expect("Mode", "EffectiveMode", "Links", act=self.call("Reload"))
        self.expect(act=self.call("Reload"))
        self.configure("[Service]\nMode=mark\n[Ports]\nVoice=9\n[Dscp]\nVoice=40\n"
                       "[Link eth0]\nUplink=5M\n")
        self.expect("Ports", "Dscps", "Links", act=self.call("Reload"))
        # the user's choice outranks it
        self.client.call("SetPorts", "(a(qqss))", [])
        self.client.call("SetMode", "(s)", "monitor")
        self.client.take()
        self.configure("[Ports]\nVoice=10\n[Dscp]\nVoice=40\n[Link eth0]\nUplink=5M\n")
        self.expect(act=self.call("Reload"))

    def test_events_of_the_kernel(self):
        # always: else a call of the fake's that is noticed meanwhile changes the link
        self.client.call("SetLink", "(stta{sv})", "eth0", 10**7, 0,
                         {"when": GLib.Variant("s", "always")})
        self.client.call("SetMode", "(s)", "shape")
        self.client.take()

        def event(line, state):
            def act():
                self.event(line)
                wait_for(lambda: self.client.properties()["Links"][0]["State"] == state)
            return act

        self.expect("Links", act=event("down eth0", "down"))
        self.expect("Links", act=event("up eth0", "active"))
        self.expect("Links", act=event("remove eth0", "absent"))
        self.expect("Links", act=event("add eth0", "active"))
        self.expect(act=event("touch eth0", "active"))
        # the drain of 0.6 s after shaping began is nothing that a client sees
        GLib.usleep(900000)
        self.expect(act=event("touch eth0", "active"))

    def test_constants_are_never_announced(self):
        xml = self.client.call("Introspect", interface="org.freedesktop.DBus.Introspectable")[0]
        info = Gio.DBusNodeInfo.new_for_xml(xml).lookup_interface(NAME)
        emits = {p.name: Gio.DBusAnnotationInfo.lookup(
            p.annotations, "org.freedesktop.DBus.Property.EmitsChangedSignal")
                 for p in info.properties}
        with open(os.path.join(private_bus.SOURCE, "daemon", "bus-changes.c"),
                  encoding="utf-8") as f:
            compared = f.read()
        for name, how in emits.items():
            # one that is not compared is not announced either
            self.assertEqual(f'{{"{name}", ' in compared, how != "const", name)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
