#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The toggle in a real GNOME Shell, on the real p2sd and polkitd, with a call on a link of
a namespace of its own."""

import json
import os
import pwd
import signal
import subprocess
import sys
import unittest

import desktop
import shell
from desktop import wait_for

sys.path.insert(0, os.path.join(desktop.HERE, "..", "dbus"))
import private_bus  # noqa: E402
import talker  # noqa: E402

PICTURES = os.environ.get("P2S_PICTURES", os.path.join(desktop.BUILD, "meson-logs", "quick-settings"))
LINK, PEER, PORT = "p2sA", "192.0.2.2", 5004
# In no session, so that our own defaults would ask for an administrator.
USER = "games"
ALLOW = """polkit.addRule(function(action, subject) {
    if (action.id.indexOf("org.p2s.") == 0 && subject.user == "%s")
        return polkit.Result.YES;
});
""" % USER
# Finds the toggle among all that stands in the Quick Settings, as a user would.
TOGGLE = ("Main.panel.statusArea.quickSettings.menu._grid.get_children()"
          ".find(c => c.constructor.name === 'P2sCallsToggle')")


class ShellCase(unittest.TestCase):
    LANGUAGE = "C"
    OFF = "Off"

    @classmethod
    def setUpClass(cls):
        os.makedirs(PICTURES, exist_ok=True)
        cls.bus = private_bus.PrivateBus(rules=ALLOW)
        cls.addClassCleanup(cls.bus.close)
        for command in (f"link add {LINK} type veth peer name p2sB", f"link set {LINK} up", "link set p2sB up",
                        f"addr add 192.0.2.1/24 dev {LINK}", f"neigh add {PEER} lladdr 02:00:00:00:00:02 dev {LINK}"):
            subprocess.run(["ip", *command.split()], check=True)
        cls.addClassCleanup(subprocess.run, ["ip", "link", "del", LINK], check=True)
        cls.shell = shell.Shell(cls.bus, USER, cls.LANGUAGE)
        cls.addClassCleanup(cls.shell.close)
        cls.enable(True)
        wait_for(lambda: cls.shell.eval(f"!!{TOGGLE}"), 30)
        cls.shell.eval("imports.gi.St.Settings.get().inhibit_animations(); Main.overview.hide(); 1")

    @classmethod
    def enable(cls, enabled):
        names = json.dumps([shell.UUID] if enabled else [])
        cls.shell.eval(f"global.settings.set_strv('enabled-extensions', {names}); 1")

    def setUp(self):
        self.bus.start_daemon()
        self.addCleanup(lambda: self.bus.daemon and self.bus.stop_daemon())
        self.call("SetLink", "stta{sv}", LINK, 10000000, 50000000, 0)
        self.call("AddPorts", "qqss", PORT, PORT, "voice", "")
        self.call("SetMode", "s", "off")
        self.wait(checked=False, subtitle=self.OFF)

    def tearDown(self):
        # Whatever of ours goes wrong in the shell is told with the file's name.
        lines = self.shell.output().splitlines()
        self.assertEqual([line for line in lines if shell.UUID in line], [])

    def call(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def state(self):
        return self.shell.eval(
            f"(t => ({{visible: t.visible, checked: t.checked, reactive: t.reactive, subtitle: t._subtitle.text,"
            f" menu: [...t._items.keys()].find(k => t._items.get(k)._ornament === 1) ?? null}}))({TOGGLE})")

    def wait(self, timeout=30, **wanted):
        last = []

        def same():
            last[:] = [self.state()]
            return wanted.items() <= last[0].items()
        try:
            wait_for(same, timeout, 0.2)
        except AssertionError:
            raise AssertionError(f"{last[0]}, not {wanted}") from None

    def menu(self, opened):
        self.shell.eval(f"Main.panel.statusArea.quickSettings.menu.{'open' if opened else 'close'}(false); 1")

    def talk(self, lossy):
        call = talker.Talker(to=(PEER, PORT), kind=talker.PCMU, leave_out=4 if lossy else 0)
        call.start()
        self.addCleanup(call.stop)
        wait_for(lambda: '"Mos"' in self.bus.call("GetCalls").stdout, 30, 0.2)

    def picture(self, name):
        """Of the toggle's own menu, opened."""
        self.shell.eval("Main.messageTray.getSources().forEach(s => s.destroy()); 1")
        self.shell.eval(f"{TOGGLE}.menu.open(false); 1")
        wait_for(lambda: self.shell.eval(f"{TOGGLE}.menu.box.opacity === 255 && {TOGGLE}._open.visible"), 20)
        path = os.path.join(PICTURES, name + ".png")
        self.shell.picture(path)
        self.assertGreater(os.path.getsize(path), 10000)
        self.shell.eval(f"{TOGGLE}.menu.close(false); 1")

    def notifications(self):
        return self.shell.eval("Main.messageTray.getSources().flatMap(s => s.notifications)"
                               ".map(n => [n.title, n.bannerBodyText])")


class QuickSettingsTest(ShellCase):
    def test_it_asks_at_once_and_believes_the_service(self):
        # One turn of the shell: nothing can have been answered yet.
        self.assertEqual(self.shell.eval(f"(t => {{ t.emit('clicked', 1); return [t.checked, t.reactive]; }})({TOGGLE})"),
                         [True, False])
        self.wait(checked=True, reactive=True, subtitle="Prioritising", menu="shape")
        self.assertEqual(self.bus.properties()["Mode"], "shape")
        # Somebody else's change is shown as well, and what was so before comes back.
        self.call("SetMode", "s", "mark")
        self.wait(checked=True, subtitle="Marking", menu="mark")
        self.shell.eval(f"{TOGGLE}.emit('clicked', 1); 1")
        self.wait(checked=False, reactive=True)
        self.assertEqual(self.bus.properties()["Mode"], "off")
        self.shell.eval(f"{TOGGLE}._items.get('monitor').activate(null); 1")
        self.wait(checked=False, reactive=True, subtitle="Measuring", menu="monitor")
        self.shell.eval(f"{TOGGLE}.emit('clicked', 1); 1")
        self.wait(checked=True, reactive=True, menu="mark")

    def test_it_tells_the_quality_while_somebody_looks(self):
        self.call("SetMode", "s", "monitor")
        self.talk(lossy=True)
        self.assertEqual(self.state()["subtitle"], "Measuring")
        self.menu(True)
        self.wait(subtitle="Bad")
        self.picture("off")
        self.shell.eval(f"{TOGGLE}.emit('clicked', 1); 1")
        self.wait(checked=True, reactive=True, subtitle="Bad")
        self.assertTrue(self.shell.eval(f"{TOGGLE}._service._subscribed"))
        self.menu(False)
        wait_for(lambda: not self.shell.eval(f"{TOGGLE}._service._subscribed"))

    def test_a_clear_call_is_told_as_such(self):
        self.call("SetMode", "s", "shape")
        self.talk(lossy=False)
        self.menu(True)
        # What a busy machine does to the time between packets counts as jitter.
        wait_for(lambda: self.state()["subtitle"] in ("Excellent", "Good", "Fair"), 30, 0.2)
        self.picture("on")
        self.menu(False)

    def test_an_error_is_told_and_the_toggle_goes_back(self):
        self.shell.eval(f"{TOGGLE}._choose('nonsense'); 1")
        told = wait_for(lambda: [n for n in self.notifications() if n[0] == "That did not work"], 20)
        # The service's own words, without the error's name.
        self.assertIn("nonsense", told[0][1])
        self.assertNotIn("GDBus.Error", told[0][1])
        self.wait(checked=False, reactive=True, menu="off")

    def test_a_refusal_is_told_and_the_toggle_goes_back(self):
        rule = os.path.join(self.bus.dir, "rules", "05-refuse.rules")

        def refused():
            return self.bus.call("SetMode", "s", "off", uid=pwd.getpwnam(USER).pw_uid).returncode != 0

        with open(rule, "w", encoding="utf-8") as file:
            file.write(ALLOW.replace("YES", "NO"))
        os.chmod(rule, 0o644)
        # Let polkitd, which watches them, find it, and forget it at the end.
        self.addCleanup(wait_for, lambda: not refused(), 30, 0.2)
        self.addCleanup(os.unlink, rule)
        self.call("SetMode", "s", "monitor")
        wait_for(refused, 30, 0.2)
        self.wait(subtitle="Measuring")
        self.shell.eval(f"{TOGGLE}.emit('clicked', 1); 1")
        told = wait_for(lambda: [n for n in self.notifications() if n[0] == "You May Not Change This"], 20)
        self.assertIn("An administrator", told[0][1])
        self.wait(checked=False, reactive=True, menu="monitor")
        self.assertEqual(self.bus.properties()["Mode"], "monitor")

    def test_it_is_there_while_the_service_is(self):
        for how in (signal.SIGKILL, signal.SIGTERM):
            self.bus.stop_daemon(how)
            self.wait(visible=False)
            # Nothing of the shell's starts it again.
            self.assertFalse(self.bus.has_owner("org.p2s.Manager"))
            self.bus.start_daemon()
            self.wait(visible=True, checked=False, reactive=True)

    def test_it_goes_without_a_trace_even_while_it_waits(self):
        self.menu(True)
        self.shell.eval(f"{TOGGLE}.emit('clicked', 1); 1")
        self.enable(False)
        wait_for(lambda: not self.shell.eval(f"!!{TOGGLE}"))
        self.menu(False)
        self.enable(True)
        wait_for(lambda: self.shell.eval(f"!!{TOGGLE}"))
        self.call("SetMode", "s", "monitor")
        self.wait(visible=True, checked=False, subtitle="Measuring")


class GermanTest(ShellCase):
    LANGUAGE = "de"
    OFF = "Aus"

    def test_it_speaks_german(self):
        self.call("SetMode", "s", "shape")
        self.talk(lossy=False)
        self.menu(True)
        wait_for(lambda: self.state()["subtitle"] in ("Ausgezeichnet", "Gut", "Mittelmäßig"), 30, 0.2)
        self.picture("german")
        self.menu(False)


if __name__ == "__main__":
    shell.check_needs()
    private_bus.enter_namespaces()
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], warnings="ignore")
