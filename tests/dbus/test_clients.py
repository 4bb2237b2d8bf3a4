# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's clients drive p2sd: busctl, gdbus, GLib's Python and libdbus's."""
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET

import private_bus

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"
PROPERTIES = "org.freedesktop.DBus.Properties"
# Each sets the mode, a list of structs and a dictionary, reads them, and prints what
# PropertiesChanged said of Mode.
PYGOBJECT = f"""
from gi.repository import Gio, GLib
p = Gio.DBusProxy.new_for_bus_sync(Gio.BusType.SYSTEM, 0, None, "{NAME}", "{PATH}", "{NAME}", None)
loop, seen = GLib.MainLoop(), []
def changed(_, values, invalidated):
    seen.append(values.unpack())
    if any("Mode" in s for s in seen):
        loop.quit()
p.connect("g-properties-changed", changed)
p.SetPorts("(a(qqss))", [(5004, 5005, "voice", "lab")])
p.SetLink("(stta{{sv}})", "p2sA", 10000000, 50000000, {{}})
p.SetMode("(s)", "monitor")
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
assert p.get_cached_property("Ports").unpack() == [(5004, 5005, "voice", "lab")]
assert p.GetStats()["Classes"]
print([s["Mode"] for s in seen if "Mode" in s])
"""
LIBDBUS = f"""
import dbus, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
o = dbus.SystemBus().get_object("{NAME}", "{PATH}")
m, props = dbus.Interface(o, "{NAME}"), dbus.Interface(o, "{PROPERTIES}")
loop, seen = GLib.MainLoop(), []
def changed(_, values, invalidated):
    seen.append(values)
    if any("Mode" in s for s in seen):
        loop.quit()
props.connect_to_signal("PropertiesChanged", changed)
m.SetPorts([(5004, 5005, "voice", "lab")])
m.SetLink("p2sA", 10000000, 50000000, dbus.Dictionary({{}}, signature="sv"))
m.SetMode("monitor")
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
assert props.Get("{NAME}", "Ports") == [(5004, 5005, "voice", "lab")]
assert m.GetStats()["Classes"]
print([str(s["Mode"]) for s in seen if "Mode" in s])
"""


class ClientsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)
        cls.bus.start_daemon("--log-level", "warning")

    def tearDown(self):
        self.assertEqual(self.bus.properties()["Mode"], "monitor")
        self.assertEqual(self.bus.properties()["Ports"], [[5004, 5005, "voice", "lab"]])
        for call in (("SetMode", "s", "off"), ("SetPorts", "a(qqss)", 0),
                     ("UnsetLink", "s", "p2sA")):
            self.assertEqual(self.bus.call(*call).returncode, 0)

    def ok(self, *command):
        done = self.bus.run(list(command))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_busctl(self):
        call = ("busctl", "call", NAME, PATH, NAME)
        listed = self.ok("busctl", "introspect", NAME, PATH, NAME)
        for member in (".SetMode", ".Ports", ".Sample"):
            self.assertIn(member, listed)
        self.ok(*call, "SetPorts", "a(qqss)", "1", "5004", "5005", "voice", "lab")
        self.ok(*call, "SetLink", "stta{sv}", "p2sA", "10000000", "50000000", "0")
        self.ok(*call, "SetMode", "s", "monitor")
        self.assertEqual(self.ok("busctl", "get-property", NAME, PATH, NAME, "Ports", "Mode"),
                         'a(qqss) 1 5004 5005 "voice" "lab"\ns "monitor"\n')

    def test_gdbus(self):
        where = ("--system", "--dest", NAME, "--object-path", PATH)
        xml = ET.fromstring(self.ok("gdbus", "introspect", *where, "--xml"))
        self.assertIn(NAME, [i.get("name") for i in xml.iter("interface")])
        with subprocess.Popen(["gdbus", "monitor", *where], env=self.bus.environ, text=True,
                              stdout=subprocess.PIPE) as monitor:
            while "is owned by" not in monitor.stdout.readline():
                pass
            call = ("gdbus", "call", *where, "--method")
            self.ok(*call, NAME + ".SetPorts", "[(5004, 5005, 'voice', 'lab')]")
            self.ok(*call, NAME + ".SetLink", "p2sA", "10000000", "50000000", "{}")
            self.ok(*call, NAME + ".SetMode", "monitor")
            while "'Mode': <'monitor'>" not in (line := monitor.stdout.readline()):
                self.assertTrue(line)
            monitor.terminate()

    def test_pygobject(self):
        self.assertEqual(self.ok(sys.executable, "-c", PYGOBJECT), "['monitor']\n")

    def test_libdbus(self):
        self.assertEqual(self.ok(sys.executable, "-c", LIBDBUS), "['monitor']\n")


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
