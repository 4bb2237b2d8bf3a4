#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages for rules and connection, on the real p2sd with a made-up kernel: what is
typed, refused, changed and undone is what the service then has."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import desktop
from desktop import Desktop, Panel, SystemBus, stop, wait_for

P2SD = os.environ.get("P2SD", os.path.join(desktop.BUILD, "daemon", "p2sd"))
MANAGER = ["org.p2s.Manager", "/org/p2s/Manager", "org.p2s.Manager"]


class PagesTest(unittest.TestCase):
    kernel = "eth0 wlan0"

    @classmethod
    def setUpClass(cls):
        cls.desktop = Desktop()

    @classmethod
    def tearDownClass(cls):
        cls.desktop.close()

    def setUp(self):
        self.bus = SystemBus()
        self.dir = tempfile.mkdtemp(prefix="p2s-gui-fake-")
        self.environ = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address, P2S_FAKE=self.kernel,
                            STATE_DIRECTORY=self.dir, RUNTIME_DIRECTORY=self.dir)
        self.log = open(os.path.join(self.dir, "log"), "w", encoding="utf-8")
        self.daemon = subprocess.Popen([P2SD, "--fake"], env=self.environ, stderr=self.log)
        wait_for(lambda: self.busctl("get-property", *MANAGER, "Mode").returncode == 0, 30)
        self.panel = Panel(self.desktop, self.bus.address)

    def tearDown(self):
        pictures = os.environ.get("P2S_PICTURES")
        if pictures:
            self.desktop.picture(os.path.join(pictures, "pages-" + self.id().rpartition(".")[2] + ".png"))
        try:
            self.assertEqual(self.panel.close(), 0, self.panel.output())
            self.assertEqual(self.panel.output(), "")
        finally:
            self.panel.errors.close()
            stop(self.daemon)
            self.log.close()
            self.bus.close()
            shutil.rmtree(self.dir, ignore_errors=True)

    def busctl(self, *command):
        return subprocess.run(["busctl", *command], env=self.environ, capture_output=True, text=True, check=False)

    def property(self, name):
        return self.busctl("get-property", *MANAGER, name).stdout

    def wait_property(self, name, text):
        wait_for(lambda: text in self.property(name), message=f"no {text!r} in {name}: {self.property(name)}")

    def page(self, number, says):
        self.panel.wait_says("Prioritise Calls")
        self.panel.key(f"alt+{number}")
        self.panel.wait_says(says)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "20", "--", text], check=True)

    def test_a_rule_is_added_changed_removed_and_undone(self):
        self.page(2, "No rules")
        self.panel.press(self.panel.wait_button("Add a Rule"))
        self.panel.wait_says("New Rule")
        # Wrong while it is typed, by the service's own rules.
        self.type("0")
        self.panel.wait_says("Ports go from 1 to 65535")
        self.type("x")
        self.panel.wait_says("Write a port like 5060, or a range like 3478-3481")
        self.panel.key("BackSpace", "BackSpace")
        self.type("5004-5001")
        self.panel.wait_says("The range runs backwards")
        self.panel.key("BackSpace")
        self.type("9")
        wait_for(lambda: not self.panel.says("The range runs backwards"))
        self.panel.key("Return")
        self.wait_property("Ports", 'a(qqss) 1 5004 5009 "voice" ""')
        self.panel.wait_says("Ports 5004–5009")
        self.panel.wait_says("Rule added")
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Ports", "a(qqss) 0")
        self.panel.wait_says("No rules")

        # Somebody else's rule appears; its row removes it, and undo brings it back.
        self.assertEqual(self.busctl("call", *MANAGER, "AddPorts", "qqss", "7000", "7000", "video", "Door").returncode, 0)
        self.panel.wait_says("Door")
        self.panel.press(self.panel.wait_button("Remove Door"))
        self.wait_property("Ports", "a(qqss) 0")
        self.panel.wait_says("Rule removed")
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Ports", 'a(qqss) 1 7000 7000 "video" "Door"')

    def test_a_rule_is_edited_by_keyboard_alone(self):
        self.assertEqual(self.busctl("call", *MANAGER, "AddPorts", "qqss", "7000", "7000", "voice", "Door").returncode, 0)
        self.page(2, "Door")
        self.panel.tab_to("Door")
        self.panel.key("space")
        # GTK 4.8 does not tell that a text field has the focus: it follows the button.
        self.panel.tab_to("Remove Door")
        self.panel.key("Tab", "End")
        self.type("-7005")
        self.panel.key("Return")
        self.wait_property("Ports", 'a(qqss) 1 7000 7005 "voice" "Door"')

    def test_presets_and_marks(self):
        self.page(2, "Well-Known Programs")
        self.panel.press(self.panel.wait_button("Add the Ports of Microsoft Teams"))
        self.wait_property("Ports", '50000 50019 "voice" "Microsoft Teams" 50020 50059 "video" "Microsoft Teams"')
        self.panel.wait_says("Rules added")
        self.panel.press(self.panel.wait_button("Remove 46 (EF)"))
        wait_for(lambda: "46" not in self.property("Dscps"))
        self.panel.wait_says("Mark removed")
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Dscps", '46 "voice"')

    def test_the_connection_is_told_how_fast_it_is(self):
        self.page(3, "How Fast Is Your Connection?")
        self.panel.wait_says("Ethernet (eth0)")
        self.panel.wait_says("P2S Is Off")
        self.panel.tab_to("Usual Speeds")
        self.panel.key("Tab")
        self.type("50 cows")
        self.panel.wait_says("Write a rate like 50 or 500 kbit/s")
        self.panel.key("ctrl+a")
        self.type("49.5")
        self.panel.key("Return")
        self.wait_property("Links", '"DownlinkBps" t 49500000')
        self.panel.wait_says("Ethernet (eth0)")

    def test_a_second_link_is_looked_after_and_shown(self):
        for name in ("eth0", "wlan0"):
            self.assertEqual(self.busctl("call", *MANAGER, "SetLink", "stta{sv}", name, "0", "0", "0").returncode, 0)
        self.assertEqual(self.busctl("call", *MANAGER, "SetMode", "s", "monitor").returncode, 0)
        self.panel.wait_says("Network Shown")
        self.panel.wait_says("not protected")
        self.page(3, "Wi-Fi (wlan0)")
        self.panel.wait_says("Calls are measured")


if __name__ == "__main__":
    desktop.check_needs()
    if not os.path.exists(P2SD):
        desktop.skip(f"needs {P2SD}: build first")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], warnings="ignore")
