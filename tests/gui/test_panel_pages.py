#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages for rules and connection, on the real p2sd with a made-up kernel: what is
typed, refused, changed and undone is what the service then has."""

import os
import shutil
import subprocess
import tempfile

import case
import desktop
from desktop import SystemBus, stop, wait_for

P2SD = os.environ.get("P2SD", os.path.join(desktop.BUILD, "daemon", "p2sd"))
MANAGER = ["org.p2s.Manager", "/org/p2s/Manager", "org.p2s.Manager"]


class PagesTest(case.PanelCase):
    def serve(self, kernel="eth0 wlan0"):
        """p2sd on a made-up kernel, and the panel beside it."""
        bus, directory = SystemBus(), tempfile.mkdtemp(prefix="p2s-gui-fake-")
        self.addCleanup(shutil.rmtree, directory)
        self.addCleanup(bus.close)
        self.environ = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus.address, P2S_FAKE=kernel,
                            STATE_DIRECTORY=directory, RUNTIME_DIRECTORY=directory)
        with open(os.path.join(directory, "log"), "w", encoding="utf-8") as log:
            daemon = subprocess.Popen([P2SD, "--fake"], env=self.environ, stderr=log)
        self.addCleanup(stop, daemon)
        wait_for(lambda: self.busctl("get-property", *MANAGER, "Mode").returncode == 0, 30)
        self.open_panel(bus.address)

    def busctl(self, *command):
        return subprocess.run(["busctl", *command], env=self.environ, capture_output=True, text=True, check=False)

    def property(self, name):
        return self.busctl("get-property", *MANAGER, name).stdout

    def call(self, *command):
        done = self.busctl("call", *MANAGER, *command)
        self.assertEqual(done.returncode, 0, done.stderr)

    def wait_property(self, name, text):
        wait_for(lambda: text in self.property(name), message=f"no {text!r} in {name}: {self.property(name)}")

    def page(self, number, says):
        self.panel.wait_says("Prioritise Calls")
        self.panel.key(f"alt+{number}")
        self.panel.wait_says(says)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "20", "--", text], check=True)

    def test_a_rule_is_added_changed_removed_and_undone(self):
        self.serve()
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
        self.panel.wait_silent("The range runs backwards")
        self.panel.key("Return")
        self.wait_property("Ports", 'a(qqss) 1 5004 5009 "voice" ""')
        self.panel.wait_says("Ports \u20665004–\u20605009\u2069")
        self.panel.wait_says("Rule added")
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Ports", "a(qqss) 0")
        self.panel.wait_says("No rules")

        # Somebody else's rule appears; its row removes it, and undo brings it back.
        self.call("AddPorts", "qqss", "7000", "7000", "video", "Door")
        self.panel.wait_says("Door")
        self.panel.press(self.panel.wait_button("Remove Door"))
        self.wait_property("Ports", "a(qqss) 0")
        self.panel.wait_says("Rule removed")
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Ports", 'a(qqss) 1 7000 7000 "video" "Door"')

    def test_a_rule_is_edited_by_keyboard_alone(self):
        self.serve()
        self.call("AddPorts", "qqss", "7000", "7000", "voice", "Door")
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
        self.serve()
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
        self.serve()
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

    def test_the_line_counts_its_own_bytes(self):
        self.serve()
        self.page(3, "How Fast Is Your Connection?")
        self.panel.tab_to("Kind of Connection")
        self.panel.key("Tab")
        self.type("300")
        self.panel.wait_says("Write a number of bytes from -64 to 256, or nothing")
        self.panel.key("BackSpace")
        self.panel.wait_silent("Write a number of bytes")
        self.panel.key("Return")
        self.wait_property("Links", '"Overhead" i 30')
        # It is kept when something else is chosen, and can be taken back.
        self.panel.press(self.panel.wait_check("Believe Marks of Incoming Packets"))
        self.wait_property("Links", '"TrustIncomingDscp" b true')
        self.assertIn('"Overhead" i 30', self.property("Links"))
        self.panel.tab_to("Kind of Connection")
        self.panel.key("Tab", "ctrl+a", "Delete", "Return")
        wait_for(lambda: "Overhead" not in self.property("Links"))

    def test_a_network_is_forgotten(self):
        self.serve()
        with open(os.path.join(self.environ["RUNTIME_DIRECTORY"], "fake-events"), "w", encoding="ascii") as events:
            events.write("router-01 eth0\n")
        self.wait_property("Links", "192.0.2.254")
        self.call("SetLink", "stta{sv}", "eth0", "10000000", "50000000", "0")
        self.page(3, "Remembered Speeds")
        self.panel.wait_says("Download 50 Mbit/s · Upload 10 Mbit/s · Ethernet")
        # It is asked first.
        for answer in ("Cancel", "Forget"):
            self.assertIn('"NetworkName" s "192.0.2.254"', self.property("Networks"))
            self.panel.press(self.panel.wait_button("Forget 192.0.2.254"))
            self.panel.wait_says("Forget the Speed of 192.0.2.254?")
            self.panel.press(self.panel.wait_answer(answer))
            self.panel.wait_silent("Forget the Speed of")
        self.wait_property("Networks", "aa{sv} 0")
        self.panel.wait_silent("Remembered Speeds")

    def test_a_taken_link_is_taken_over_and_given_back(self):
        self.serve("busy:eth0")
        self.call("SetMode", "s", "shape")
        self.page(3, "How Fast Is Your Connection?")
        self.panel.tab_to("Usual Speeds")
        self.panel.key("Tab", "Tab", "ctrl+a")
        self.type("10")
        self.panel.key("Return")
        self.panel.wait_says("Another program arranges its traffic (htb 8001:")
        # Nothing is taken before it was asked, and nothing where the answer is no.
        for answer in ("Cancel", "Take Over"):
            self.assertIn('"Force" b false', self.property("Links"))
            self.panel.press(self.panel.wait_check("Take It from Other Programs"))
            self.panel.wait_says("Take the Network Over?")
            self.panel.press(self.panel.wait_answer(answer))
            self.panel.wait_silent("Take the Network Over?")
        self.wait_property("Links", '"Force" b true')
        self.panel.press(self.panel.wait_button("Undo"))
        self.wait_property("Links", '"Force" b false')
        self.wait_property("Links", '"UplinkBps" t 10000000')
        # Nothing is torn down for that: it is what happens the next time.
        self.panel.wait_says("Outgoing calls go first")
        self.panel.wait_says("Replaced, and not put back: htb 8001:")

    def test_a_second_link_is_looked_after_and_shown(self):
        self.serve()
        for name in ("eth0", "wlan0"):
            self.call("SetLink", "stta{sv}", name, "0", "0", "0")
        self.call("SetMode", "s", "monitor")
        self.panel.wait_says("Network Shown")
        self.panel.wait_says("not protected")
        self.page(3, "Wi-Fi (wlan0)")
        self.panel.wait_says("Calls are measured")


if __name__ == "__main__":
    case.main(P2SD)
