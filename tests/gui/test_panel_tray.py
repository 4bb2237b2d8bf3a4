#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel without a window: its icon in a tray and the menu of that, its notifications,
and the preferences that say what becomes of it; with the real p2sd."""

import configparser
import os
import subprocess
import sys

import case
import desktop

sys.path.insert(0, os.path.join(desktop.HERE, "..", "dbus"))
import private_bus  # noqa: E402
from talker import PCMU, Talker  # noqa: E402

LINK, PEER, PORT = "p2sA", "192.0.2.2", 5004

if desktop.accessible:
    from gi.repository import GLib

    from tray import WATCHER, Notifications, Tray, wait_for


class TrayTest(case.PanelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bus = private_bus.with_a_link(cls)
        cls.address = os.environ["DBUS_SESSION_BUS_ADDRESS"]
        cls.desktop.reader()

    def setUp(self):
        self.bus.start_daemon()
        self.addCleanup(lambda: self.bus.daemon and self.bus.stop_daemon())
        self.call("SetLink", "stta{sv}", LINK, 10000000, 50000000, 0)
        self.call("AddPorts", "qqss", PORT, PORT, "voice", "")
        self.call("SetMode", "s", "monitor")

    def call(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def wait_mode(self, mode):
        wait_for(lambda: self.bus.properties()["Mode"] == mode, message=f"not {mode}")

    def tray(self, **options):
        tray = Tray(self.address, **options)
        self.addCleanup(tray.close)
        return tray

    def poor_call(self):
        """Begins one, self.talker; those who show notifications."""
        notifications = Notifications(self.address)
        self.addCleanup(notifications.close)
        self.talker = Talker(to=(PEER, PORT), kind=PCMU, leave_out=4)
        self.talker.start()
        self.addCleanup(self.talker.stop)
        return notifications

    def visible(self):
        return self.panel.nodes()

    def start_again(self, *arguments):
        """A second start; its exit status."""
        return subprocess.run([desktop.PANEL, *arguments], env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address),
                              check=False, timeout=60).returncode

    def close_window(self):
        """The one in front."""
        self.panel.activate("close")

    def startup_id(self):
        """What the window was opened with (startup-notification)."""
        return subprocess.run(["xprop", "-id", self.panel.window_id(), "_NET_STARTUP_ID"], capture_output=True, text=True,
                              check=False).stdout

    def wait_ended(self):
        wait_for(lambda: self.panel.process.poll() is not None, message="it still runs")

    def preference(self, name):
        """Its switch; None where the preferences are not open."""
        windows = self.panel.windows()
        for window, node in zip(windows, self.panel.reader.look(windows)):
            if node and node.name == "Preferences":
                return next((n for n in self.panel.reader.visible([window]) if n.role == "check box" and n.name == name),
                            None)
        return None

    def wait_reacts(self, name, reacts):
        wait_for(lambda: self.preference(name).has(desktop.accessible.SENSITIVE) == reacts)

    def toggle(self, name):
        switch = self.preference(name)
        before = switch.has(desktop.accessible.CHECKED)
        self.panel.press(switch)
        wait_for(lambda: self.preference(name).has(desktop.accessible.CHECKED) != before)

    def test_in_the_background(self):
        notifications = self.poor_call()
        self.open_panel(self.bus.address, arguments=["--background"], window=False)
        # A watcher that has no host yet is no tray.
        tray = self.tray(host=False)
        wait_for(lambda: '"Mos"' in self.bus.call("GetCalls").stdout)
        self.assertIsNone(tray.item)
        tray.set_host(True)
        wait_for(lambda: tray.item, message="no icon in the tray")
        self.assertEqual(self.visible(), [])
        tray.wait_drawn("1 call, not protected · Bad (grey)")
        self.assertEqual(tray.draw(), ["[ ] Prioritise Calls", "1 call, not protected · Bad (grey)", None, "Open P2S",
                                       "Quit"])
        self.assertEqual(tray.property("Status"), "NeedsAttention")
        self.assertEqual(tray.property("IconName"), "org.p2s.Panel-off-symbolic")
        self.assertEqual(tray.property("ToolTip"), ("", [], "P2S", "1 call, not protected · Bad"))
        self.ask_the_menu(tray)
        # The desktop's shell is started anew: the icon comes back by itself.
        tray.close()
        tray = self.tray()
        wait_for(lambda: tray.item, message="the icon did not come back")
        self.assertIn("[ ] Prioritise Calls", tray.draw())

        # A poor call is told, and its button helps.
        wait_for(lambda: notifications.open, message="no notification")
        self.assertEqual([n[0] for n in notifications.open.values()], ["Call Quality Is Poor"])
        self.assertEqual(self.visible(), [])
        tray.told.clear()
        notifications.press("Prioritise Calls")
        tray.wait_drawn("[x] Prioritise Calls")
        self.assertEqual(self.bus.properties()["Mode"], "shape")
        tray.wait_drawn("1 call protected · Bad (grey)")
        wait_for(lambda: ("NewStatus", "Active") in tray.told and ("NewIcon",) in tray.told and
                 ("NewToolTip",) in tray.told)
        self.assertEqual(tray.property("IconName"), "org.p2s.Panel-symbolic")

        # What was so before comes back, whoever turned it on.
        tray.click("Prioritise Calls")
        tray.wait_drawn("[ ] Prioritise Calls")
        self.assertEqual(self.bus.properties()["Mode"], "monitor")
        tray.activate("SecondaryActivate")
        self.wait_mode("shape")
        # One notification a call, however often the mode changes.
        self.assertEqual(notifications.count, 1)

        # There is one instance, which a second start opens, unless that wants no window either.
        self.assertEqual(self.start_again("--background"), 0)
        self.assertEqual(self.visible(), [])
        self.assertEqual(self.start_again(), 0)
        wait_for(self.visible, message="no window")
        self.close_window()
        wait_for(lambda: not self.visible(), message="the window stays")
        tray.ask(tray.item, "/StatusNotifierItem", "org.kde.StatusNotifierItem", "ProvideXdgActivationToken", "(s)",
                 "p2s-token_TIME7")
        tray.click("Open P2S")
        wait_for(self.visible, message="the menu opens no window")
        # GTK hands it on to the display server.
        wait_for(lambda: "p2s-token_TIME7" in self.startup_id(), message="no token")
        # Without the service there is nothing to switch, and it comes back with it.
        self.bus.stop_daemon()
        wait_for(lambda: "Prioritise Calls" not in str(tray.draw()), message="the switch stays")
        tray.click("Quit")
        self.wait_ended()

    def ask_the_menu(self, tray):
        """What other hosts ask of it, and what they may not."""
        self.assertEqual(tray.ask_menu("GetLayout", "(iias)", 0, 0, [])[1], (0, {"children-display": "submenu"}, []))
        self.assertEqual(tray.ask_menu("GetGroupProperties", "(aias)", [1, 5, 99], ["label"])[0],
                         [(1, {"label": "_Prioritise Calls"}), (5, {"label": "Quit"})])
        self.assertEqual(len(tray.ask_menu("GetGroupProperties", "(aias)", [], [])[0]), 6)
        self.assertEqual(tray.ask_menu("GetProperty", "(is)", 3, "type"), ("separator",))
        self.assertEqual(tray.ask_menu("AboutToShowGroup", "(ai)", [0]), ([], []))
        nothing = GLib.Variant("i", 0)
        for method, signature, *arguments in (("GetLayout", "(iias)", 7, -1, []), ("GetProperty", "(is)", 1, "nonsense"),
                                              ("Event", "(isvu)", -1, "clicked", nothing, 0)):
            with self.assertRaises(GLib.Error):
                tray.ask_menu(method, signature, *arguments)
        self.assertEqual(tray.ask_menu("EventGroup", "(a(isvu))", [(77, "clicked", nothing, 0), (5, "hovered", nothing, 0)]),
                         ([77],))

    def test_told_no_longer(self):
        """Once somebody else has turned prioritising on."""
        notifications = self.poor_call()
        self.open_panel(self.bus.address, arguments=["--background"], window=False)
        wait_for(lambda: notifications.open, message="no notification")
        self.call("SetMode", "s", "shape")
        wait_for(lambda: not notifications.open, message="the notification stays")

    def test_told_no_longer_once_it_ends(self):
        notifications = self.poor_call()
        self.open_panel(self.bus.address, arguments=["--background"], window=False)
        wait_for(lambda: notifications.open, message="no notification")
        self.talker.stop()
        # 10 s of silence end a call.
        wait_for(lambda: not notifications.open, timeout=60, message="the notification stays")
        self.assertNotIn('"Mos"', self.bus.call("GetCalls").stdout)
        self.assertEqual(self.bus.properties()["Mode"], "monitor")

    def test_preferences(self):
        notifications = self.poor_call()
        self.open_panel(self.bus.address)
        self.panel.key("ctrl+comma")
        keep, start, tell = "Keep in the Tray When Closed", "Start When Logging In", "Tell When a Call Is Poor"
        wait_for(lambda: self.preference(keep), message="no preferences")
        self.wait_reacts(keep, False)
        self.panel.wait_says("This desktop shows no tray")
        tray = self.tray()
        self.wait_reacts(keep, True)

        path = os.path.join(os.environ["XDG_CONFIG_HOME"], "autostart", "org.p2s.Panel.desktop")
        self.assertFalse(os.path.exists(path))
        self.toggle(start)
        keys = configparser.RawConfigParser()
        keys.optionxform = str
        self.assertEqual(keys.read(path), [path])
        self.assertEqual(keys["Desktop Entry"]["Exec"], "p2s-panel --background")
        subprocess.run(["desktop-file-validate", path], check=True)
        self.toggle(start)
        self.assertFalse(os.path.exists(path))

        # Who does not want to be told is not, not even of what is on the screen.
        wait_for(lambda: notifications.open, message="no notification")
        self.toggle(tell)
        wait_for(lambda: not notifications.open, message="the notification stays")

        self.toggle(keep)
        with open(os.path.join(os.environ["XDG_CONFIG_HOME"], "p2s", "panel.ini"), encoding="utf-8") as file:
            self.assertLessEqual({"KeepInTray=true", "Notify=false"}, set(file.read().splitlines()))
        self.close_window()  # of the preferences, which are in front
        wait_for(lambda: not self.preference(keep))
        self.close_window()
        wait_for(lambda: not self.visible(), message="the window stays")
        tray.activate("Activate")
        wait_for(self.visible, message="no window")
        # Where no tray is left, a window that is closed is the end.
        tray.close()
        wait_for(lambda: not notifications.has_owner(WATCHER))
        self.close_window()
        self.wait_ended()


if __name__ == "__main__":
    desktop.check_needs()
    private_bus.enter_namespaces()
    case.main()
